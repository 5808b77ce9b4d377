// registries.conf of skopeo, podman, buildah and CRI-O (containers-registries.conf(5)), as a drop-in for
// /etc/containers/registries.conf.d, and how one that is there already is merged with it.
import { type MirrorOptions, type MirrorTable, refuseIpv6 } from './mirrors.ts'
import { nameOf } from './repository-moves.ts'

/**
 * The text of a drop-in: an entry a registry, and one for each repository that goes elsewhere; the longest prefix
 * decides. `blocked` beside mirrors means that these alone are asked. Throws USAGE for a mirror with an address of
 * IPv6, with which every pull would fail.
 */
export function registriesConf({ mirrors, others }: MirrorTable, options: MirrorOptions): string {
  const entries = [
    ...mirrors.map(({ registry, mirror: { host, prefix } }) => ({
      prefix: registry,
      location: prefix === '' ? host : `${host}/${prefix}`,
    })),
    ...others.map(({ from, to }) => ({ prefix: nameOf(from), location: nameOf(to) })),
  ]
  return entries
    .map(({ prefix, location }) => {
      refuseIpv6(location, 'registries.conf')
      // How the registry itself is spoken to.
      if (prefix === location) {
        const insecure = options.plainHttp === true ? ['insecure = true'] : []
        return ['[[registry]]', `prefix = "${prefix}"`, `location = "${location}"`, ...insecure, ''].join('\n')
      }
      return [
        '[[registry]]',
        `prefix = "${prefix}"`,
        `location = "${prefix}"`,
        ...(options.mirrorOnly === true ? ['blocked = true'] : []),
        '',
        '[[registry.mirror]]',
        `location = "${location}"`,
        ...(options.plainHttp === true ? ['insecure = true'] : []),
        '',
      ].join('\n')
    })
    .join('\n')
}

/** The prefixes that a file has entries for. */
function prefixesOf(text: string): readonly string[] {
  return registryBlocks(text).flatMap(({ prefix }) => (prefix === undefined ? [] : [prefix]))
}

/**
 * An existing file with our entries: those of the same prefix are replaced, every other line stays as it is. Only the
 * usual spelling of entries is known: tables `[[registry]]` with `prefix` or `location` below them.
 */
export function mergeRegistriesConf(existing: string, ours: string): string {
  const replaced = new Set(prefixesOf(ours))
  const kept = registryBlocks(existing)
    .filter(({ prefix }) => prefix === undefined || !replaced.has(prefix))
    .map(({ text }) => text)
    .join('')
  return `${kept.trimEnd()}${kept.trim() === '' ? '' : '\n\n'}${ours}`
}

/** A text in pieces: each entry with its mirrors, and what stands between entries. */
function registryBlocks(text: string): readonly { readonly text: string; readonly prefix?: string }[] {
  const pieces = text.split(/^(?=[ \t]*\[\[?(?!\[?\s*registry\.mirror\s*\]))/m)
  return pieces.map((piece) => {
    if (!/^\s*\[\[\s*registry\s*\]\]/.test(piece)) return { text: piece }
    const [head = ''] = piece.split(/^[ \t]*\[\[\s*registry\.mirror/m)
    const textOf = (key: string): string | undefined =>
      new RegExp(`^[ \\t]*${key}\\s*=\\s*["']([^"']*)["']`, 'm').exec(head)?.[1]
    const prefix = textOf('prefix') ?? textOf('location')
    return prefix === undefined ? { text: piece } : { text: piece, prefix }
  })
}
