// Reads the settings of one repository: secrets, certificates, the members of a group.
import type { RepositoryRules } from './access-config.ts'
import type { FilterConfig, GroupRepositoryConfig, RepositoryConfig } from './config.ts'
import type { ConfigDocument, FilterDocument, GroupDocument, HostedDocument, ProxiedDocument } from './config-schema.ts'
import { readClient } from './load-client.ts'
import type { Reading } from './reading.ts'

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
  return {
    kind: 'proxy',
    access,
    url: document.url,
    charts: document.charts,
    freshFor: document.freshFor ?? freshFor,
    indexLoss: document.indexLoss,
    retainDropped: document.retain,
    whenChanged: document.whenChanged,
    ...(document.filter === undefined ? {} : { filter: await filterOf(document.filter, reading) }),
    ...(await readClient(document, reading)),
  }
}

async function filterOf({ signedBy, ...filter }: FilterDocument, reading: Reading): Promise<FilterConfig> {
  const keyring = signedBy === undefined ? undefined : await reading.bytes('filter.signedBy', signedBy)
  return { ...filter, ...(keyring === undefined ? {} : { keyring }) }
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
