// Registries and their mirrors, as nodes are told of them: which mirror a whole registry has, and what is a matter of
// single repositories.
import { ChartferryError } from '../../errors.ts'
import { nameOf, type RepositoryMove } from './repository-moves.ts'

/** Where a registry's repositories are found: below a path of another registry. */
export interface MirrorPlace {
  /** Host and port. */
  readonly host: string
  /** Without slashes at its ends; empty for none. */
  readonly prefix: string
}

/** A registry, and where all its repositories are found. */
export interface RegistryMirror {
  /** As references name it: `docker.io`, `quay.io:8443`. */
  readonly registry: string
  readonly mirror: MirrorPlace
}

/** How mirrors are spoken to. */
export interface MirrorOptions {
  /** Default: https. */
  readonly plainHttp?: boolean
  /** Whether the registry itself is never asked. Default: it is, where the mirror has not what is wanted. */
  readonly mirrorOnly?: boolean
  /** Path of a certificate (PEM) on the node that signed the mirror's own. Default: those that the node trusts. */
  readonly caFile?: string
}

export interface MirrorTable {
  /** One a registry, in the order of their names. */
  readonly mirrors: readonly RegistryMirror[]
  /** Repositories whose place does not follow from their registry's mirror. */
  readonly others: readonly RepositoryMove[]
}

/** The mirror of each registry: the place where most of its repositories are; the others are named. Pure. */
export function mirrorTable(moves: readonly RepositoryMove[]): MirrorTable {
  const mirrors: RegistryMirror[] = []
  const others: RepositoryMove[] = []
  for (const [registry, group] of Map.groupBy(moves, ({ from }) => from.host)) {
    const places = Map.groupBy(group, (move) => placeText(move))
    const [best] = [...places].filter(([place]) => place !== '').sort(([, a], [, b]) => b.length - a.length)
    if (best !== undefined) {
      const [host = '', prefix = ''] = best[0].split(' ')
      mirrors.push({ registry, mirror: { host, prefix } })
    }
    others.push(...group.filter((move) => best === undefined || placeText(move) !== best[0]))
  }
  return { mirrors: mirrors.sort((a, b) => (a.registry < b.registry ? -1 : 1)), others }
}

/** Host and prefix, a blank between them; empty where the path at the target does not end with the one it had. */
function placeText({ from, to }: RepositoryMove): string {
  if (to.path === from.path) return `${to.host} `
  return to.path.endsWith(`/${from.path}`) ? `${to.host} ${to.path.slice(0, -from.path.length - 1)}` : ''
}

/** Whether this says only how a registry itself is spoken to. */
export function isOwnAddress({ registry, mirror }: RegistryMirror): boolean {
  return registry === mirror.host && mirror.prefix === ''
}

/** What a tool that knows mirrors of whole registries cannot be told. */
export function othersNotExpressed(others: readonly RepositoryMove[], tool: string): readonly string[] {
  return others.map(({ from, to }) => `${nameOf(from)}: ${tool} cannot find it as ${nameOf(to)}`)
}

/** Mirrors change neither tags nor digests: the images that get new ones, one sentence each. */
export function tagsNotExpressed(moves: readonly RepositoryMove[]): readonly string[] {
  return moves.flatMap(({ from, images }) =>
    images
      .filter((image) => image.from.tag !== image.to.tag)
      .map(
        (image) =>
          `${nameOf(from)}:${image.from.tag ?? 'latest'}: a mirror does not change its tag to ${image.to.tag ?? 'latest'}`,
      ),
  )
}

/** `http://` or `https://`. */
export function schemeOf({ plainHttp = false }: MirrorOptions): string {
  return plainHttp ? 'http://' : 'https://'
}

/** Throws USAGE for a mirror with an IPv6 literal, which the tool does not read. */
export function refuseIpv6(host: string, tool: string): void {
  if (!host.startsWith('[')) return
  throw new ChartferryError('USAGE', `mirror ${host}: ${tool} cannot use an address of IPv6 as a mirror`, {
    hint: 'Give the mirror a name in DNS or in /etc/hosts, and use that.',
  })
}
