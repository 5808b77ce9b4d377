// Reads the settings of one repository: secrets, certificates, the members of a group.
import type { Credential } from '@chartferry/core/internal'
import type { RepositoryRules } from './access-config.ts'
import type { FilterConfig, GroupRepositoryConfig, RepositoryConfig } from './config.ts'
import type { ConfigDocument, FilterDocument, GroupDocument, HostedDocument, ProxiedDocument } from './config-schema.ts'
import type { Reading } from './reading.ts'

type CredentialDocument = Pick<ProxiedDocument, 'username' | 'password' | 'passwordFile' | 'token' | 'tokenFile'>

/** Settings of one repository with its rules. Faults are told to the reading. */
export async function readRepository(
  document: ProxiedDocument | GroupDocument | HostedDocument,
  access: RepositoryRules,
  { freshFor, repositories = {} }: ConfigDocument,
  reading: Reading,
): Promise<RepositoryConfig> {
  if (document.kind === 'hosted') {
    const { keep: retention, overwrite, versionsPerChart, mostFiles, space, images, immutableTags } = document
    const rules = { overwrite, versionsPerChart, mostFiles, space }
    return { kind: 'hosted', access, retention, rules, images, immutableTags }
  }
  if (document.kind === 'group') return { ...groupOf(document, repositories, reading), access }
  const credential = await readCredential(document, reading)
  const pem = async (setting: 'caFile' | 'certFile' | 'keyFile'): Promise<string | undefined> => {
    const path = document[setting]
    return path === undefined ? undefined : reading.file(setting, path)
  }
  const [ca, cert, key] = [await pem('caFile'), await pem('certFile'), await pem('keyFile')]
  return {
    kind: 'proxy',
    access,
    url: document.url,
    charts: document.charts,
    plainHttp: document.plainHttp,
    trustRealms: [...document.trustRealms, ...document.trustRealm],
    freshFor: document.freshFor ?? freshFor,
    indexLoss: document.indexLoss,
    retainDropped: document.retain,
    whenChanged: document.whenChanged,
    insecureSkipTlsVerify: document.insecureSkipTlsVerify,
    private: document.private,
    ...(document.filter === undefined ? {} : { filter: await filterOf(document.filter, reading) }),
    ...(credential === undefined ? {} : { credential }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

async function filterOf({ signedBy, ...filter }: FilterDocument, reading: Reading): Promise<FilterConfig> {
  const keyring = signedBy === undefined ? undefined : await reading.bytes('filter.signedBy', signedBy)
  return { ...filter, ...(keyring === undefined ? {} : { keyring }) }
}

/** What an upstream is sent: a name with a password, or a token. Faults are told to the reading. */
export async function readCredential(document: CredentialDocument, reading: Reading): Promise<Credential | undefined> {
  const secret = async (setting: 'password' | 'token'): Promise<string | undefined> => {
    const [value, file] = [document[setting], document[`${setting}File`]]
    if (value !== undefined && file !== undefined)
      reading.tell(`has ${setting} and ${setting}File; give one of the two`)
    if (file !== undefined) return reading.secretFile(`${setting}File`, file)
    return value === undefined ? undefined : reading.expand(setting, value)
  }
  const username = document.username === undefined ? undefined : reading.expand('username', document.username)
  const [password, token] = [await secret('password'), await secret('token')]
  const hasPassword = (document.password ?? document.passwordFile) !== undefined
  const hasToken = (document.token ?? document.tokenFile) !== undefined
  if (hasToken && (hasPassword || username !== undefined))
    reading.tell('has a token and a username or password; give one of the two')
  if ((username !== undefined) !== hasPassword) reading.tell('username and password belong together')
  if (token !== undefined) return { kind: 'bearer', token }
  return username === undefined ? undefined : { kind: 'basic', username, password: password ?? '' }
}

function groupOf(
  { members, reserved, passNamesOn }: GroupDocument,
  repositories: NonNullable<ConfigDocument['repositories']>,
  reading: Reading,
): Omit<GroupRepositoryConfig, 'access'> {
  for (const [at, member] of members.entries()) {
    const kind = repositories[member]?.kind
    if (!Object.hasOwn(repositories, member)) reading.tell(`there is no repository "${member}"`)
    else if (kind === 'group') reading.tell(`"${member}" is a group itself`)
    if (members.indexOf(member) !== at) reading.tell(`"${member}" is named twice`)
  }
  for (const owner of Object.keys(reserved)) {
    if (!members.includes(owner)) reading.tell(`names are reserved for "${owner}", which is no member`)
  }
  return { kind: 'group', members, reserved: new Map(Object.entries(reserved)), passNamesOn }
}
