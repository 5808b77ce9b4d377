// Reads how a repository is relocated: where to, the rules, the values, and the key that signs.
import { parseMode, parseRules, parseTarget, type Rule } from '@chartferry/core'
import type { SigningKey } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'
import { parsePlatform, type RegistrySetting } from '@chartferry/core/oci'
import type { ConfigDocument } from './config-schema.ts'
import { readClient } from './load-client.ts'
import type { Reading } from './reading.ts'
import type { RelocationConfig } from './relocation-config.ts'
import type { RelocationDocument, RepositoryDocument, TargetRegistryDocument } from './repository-schema.ts'

/**
 * The relocation of a repository `of` this name, which is its own where it is served relocated itself. Faults are told
 * to the reading.
 */
export async function readRelocation(
  document: RelocationDocument,
  of: string,
  config: Pick<ConfigDocument, 'listen' | 'publicUrl'>,
  reading: Reading,
): Promise<RelocationConfig> {
  const isOwn = document.to === 'self'
  const { images = isOwn ? 'pull-through' : 'present', platforms, unproven, warm } = document
  const to = isOwn ? ownName(config, reading.below('to')) : document.to
  checkTarget(to, document, images, reading)
  for (const platform of platforms ?? []) attempt(() => parsePlatform(platform), reading.below('platforms'))
  if (platforms !== undefined && images !== 'copy')
    reading.below('platforms').tell('platforms are chosen where images are copied: `images: copy`')
  const values = new Map<string, { readonly name: string; readonly text: string }>()
  for (const [chart, name] of Object.entries(document.values)) {
    const text = await reading.below('values').file(chart, name)
    if (text !== undefined) values.set(chart, { name, text })
  }
  return {
    of,
    to,
    // A path below this server begins with the registry that it is pulled through from.
    mode: images === 'pull-through' ? 'host-path' : parseMode(document.mode),
    rules: await readRules(document.rules, reading),
    values,
    images,
    platforms,
    unproven,
    sign: await readKey(document.sign, reading.below('sign')),
    warm,
    registry: await readRegistry(document.registry, to, reading.below('registry')),
  }
}

/** Throws nothing: what does not go together is told. */
function checkTarget(
  to: string,
  { mode, registry }: RelocationDocument,
  images: RelocationConfig['images'],
  reading: Reading,
): void {
  const target = attempt(() => parseTarget(to), reading.below('to'))
  if (images !== 'pull-through') {
    if (to === 'self') reading.below('images').tell('goes with `to: self` as pull-through alone')
    return
  }
  if (target !== undefined && target.prefix !== '')
    reading.below('to').tell('images that are pulled through have no path of yours before them: give the host alone')
  if (mode !== undefined && mode !== 'host-path')
    reading.below('mode').tell('images that are pulled through keep their registry in the path: leave `mode` out')
  if (registry !== undefined)
    reading.below('registry').tell('images that are pulled through need no registry but this server')
}

/** The name of this server in references: that of `publicUrl`, or the address of this machine. */
function ownName({ listen, publicUrl }: Pick<ConfigDocument, 'listen' | 'publicUrl'>, reading: Reading): string {
  if (publicUrl !== undefined) return new URL(publicUrl).host
  const isLoopback = /^(?:localhost|127\.[\d.]+|::1)$/.test(listen.host)
  if (!isLoopback || listen.port === 0)
    reading.tell('`self` needs `publicUrl`: clusters must know the name by which they reach this server')
  return listen.host.includes(':') ? `[${listen.host}]:${listen.port}` : `${listen.host}:${listen.port}`
}

async function readRules(file: string | undefined, reading: Reading): Promise<readonly Rule[]> {
  const text = file === undefined ? undefined : await reading.file('rules', file)
  if (file === undefined || text === undefined) return []
  return attempt(() => parseRules(text, file), reading.below('rules')) ?? []
}

async function readKey(sign: RelocationDocument['sign'], reading: Reading): Promise<SigningKey | undefined> {
  if (sign === undefined) return undefined
  const data = await reading.bytes('keyFile', sign.keyFile)
  const passphrase =
    sign.passphraseFile === undefined ? undefined : await reading.secretFile('passphraseFile', sign.passphraseFile)
  return data && { data, passphrase }
}

async function readRegistry(
  document: TargetRegistryDocument | undefined,
  prefix: string,
  reading: Reading,
): Promise<RegistrySetting> {
  if (document === undefined) return { prefix }
  const { pushTo } = document
  if (pushTo !== undefined) attempt(() => parseTarget(pushTo), reading.below('pushTo'))
  const { trustRealms: trustedRealms, ...client } = await readClient(document, reading)
  return { prefix, pushTo, trustedRealms, ...client }
}

function attempt<Value>(read: () => Value, reading: Reading): Value | undefined {
  try {
    return read()
  } catch (thrown) {
    reading.tell(messageOf(thrown))
    return undefined
  }
}

/** Tells what cannot be relocated: a repository that is not there, or is relocated already. */
export function checkSource(
  of: string,
  repositories: Readonly<Record<string, RepositoryDocument>>,
  reading: Reading,
): void {
  const source = Object.hasOwn(repositories, of) ? repositories[of] : undefined
  if (source === undefined) reading.tell(`there is no repository "${of}"`)
  else if (isRelocated(source)) reading.tell(`"${of}" is relocated itself`)
  else checkMembers(of, source, repositories, reading)
}

/** Tells which members of a group are relocated: its view would be relocated twice. */
export function checkMembers(
  name: string,
  source: RepositoryDocument,
  repositories: Readonly<Record<string, RepositoryDocument>>,
  reading: Reading,
): void {
  for (const member of source.kind === 'group' ? source.members : []) {
    const found = Object.hasOwn(repositories, member) ? repositories[member] : undefined
    if (found !== undefined && isRelocated(found))
      reading.tell(`the member "${member}" of "${name}" is relocated itself`)
  }
}

function isRelocated(document: RepositoryDocument): boolean {
  return document.kind === 'relocated' || document.relocate !== undefined
}
