// Reads the settings of one repository: secrets, certificates, the members of a group.
import { messageOf } from '@chartferry/core/internal'
import { parsePublicKey } from '@chartferry/core/oci'
import type { RepositoryRules } from './access-config.ts'
import type { FilterConfig, GroupRepositoryConfig, RepositoryConfig } from './config.ts'
import type { ConfigDocument } from './config-schema.ts'
import { readClient } from './load-client.ts'
import { checkMembers, checkSource, readRelocation } from './load-relocation.ts'
import type { Reading } from './reading.ts'
import type { FilterDocument, GroupDocument, RepositoryDocument } from './repository-schema.ts'

/** Settings of one repository with its rules. Faults are told to the reading. */
export async function readRepository(
  name: string,
  document: RepositoryDocument,
  access: RepositoryRules,
  config: ConfigDocument,
  reading: Reading,
): Promise<RepositoryConfig> {
  const { repositories = {} } = config
  if (document.kind === 'relocated') {
    checkSource(document.of, repositories, reading.below('of'))
    return { kind: 'relocated', access, relocation: await readRelocation(document, document.of, config, reading) }
  }
  const repository = await readOrdinary(document, access, config, reading)
  if (document.relocate === undefined) return repository
  const at = reading.below('relocate')
  checkMembers(name, document, repositories, at)
  return { ...repository, relocation: await readRelocation(document.relocate, name, config, at) }
}

async function readOrdinary(
  document: Exclude<RepositoryDocument, { readonly kind: 'relocated' }>,
  access: RepositoryRules,
  { freshFor, repositories = {} }: ConfigDocument,
  reading: Reading,
): Promise<Exclude<RepositoryConfig, { readonly kind: 'relocated' }>> {
  if (document.kind === 'hosted') {
    const { keep: retention, overwrite, versionsPerChart, mostFiles, space, images, immutableTags } = document
    const rules = { overwrite, versionsPerChart, mostFiles, space }
    return { kind: 'hosted', access, retention, rules, images, immutableTags }
  }
  if (document.kind === 'group') return { ...groupOf(document, repositories, reading), access }
  const client = await readClient(document, reading)
  return {
    kind: 'proxy',
    access,
    url: document.url,
    charts: document.charts,
    freshFor: document.freshFor ?? freshFor,
    indexLoss: document.indexLoss,
    retainDropped: document.retain,
    whenChanged: document.whenChanged,
    ...(document.filter === undefined ? {} : { filter: await filterOf(document.filter, document.url, reading) }),
    ...client,
    trustRealms: [...client.trustRealms, ...document.trustRealm],
    private: document.private,
  }
}

/** A public key (PEM) is cosign's, whose signatures lie in registries; all else is a keyring of gpg. */
async function filterOf({ signedBy, ...filter }: FilterDocument, url: string, reading: Reading): Promise<FilterConfig> {
  const bytes = signedBy === undefined ? undefined : await reading.bytes('filter.signedBy', signedBy)
  if (bytes === undefined) return filter
  const text = Buffer.from(bytes).toString('latin1')
  if (!/^-----BEGIN (RSA |EC )?PUBLIC KEY-----/m.test(text)) return { ...filter, keyring: bytes }
  if (!url.toLowerCase().startsWith('oci://')) {
    reading.below('filter').below('signedBy').tell(onlyRegistries)
    return filter
  }
  try {
    return { ...filter, cosignKey: parsePublicKey(text, signedBy ?? '') }
  } catch (thrown) {
    reading.below('filter').below('signedBy').tell(messageOf(thrown))
    return filter
  }
}

const onlyRegistries =
  'is a public key of cosign, whose signatures are in registries alone: it needs an oci:// URL. For provenance files give a keyring, as `gpg --export` writes it'

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
