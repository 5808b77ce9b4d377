// The images of a plan, or of a list, as something to copy: each with the name that it gets.
import { ChartferryError } from '../errors.ts'
import type { ContentRepository, ContentSource } from '../oci/content/content.ts'
import type { CopyItem } from '../oci/copy/copy-item.ts'
import {
  canonicalReference,
  formatReference,
  type ImageReference,
  parseReference,
  tryParseReference,
} from '../reference/reference.ts'

/** How much an image is wanted. */
export interface ImageWish {
  /** Whether it may be missing at its source. Default: false. */
  readonly optional?: boolean
  /** Whether it is needed in the usual case; what is not may be skipped. Default: it is. */
  readonly isNeeded?: boolean | undefined
  /** Who wants it, in words. Default: nobody is named. */
  readonly wantedBy?: readonly string[]
}

/** One image and its name at the target, as texts. */
export interface ImagePair extends ImageWish {
  readonly from: string
  readonly to: string
}

/** Both wishes for one image: what one of them needs is needed. */
export function joinWishes<Wish extends ImageWish>(first: Wish | undefined, second: Wish): Wish {
  if (first === undefined) return second
  return {
    ...first,
    optional: first.optional === true && second.optional === true,
    isNeeded: first.isNeeded !== false || second.isNeeded !== false,
    wantedBy: [...new Set([...(first.wantedBy ?? []), ...(second.wantedBy ?? [])])],
  }
}

export interface CopyItemsOptions {
  /** Opens the registry of a name to read it, through its mirrors. Default: as the targets are opened. */
  readonly read?: ((name: string) => ContentSource) | undefined
  /**
   * Opens the repository of a name as a source that is not the registry of that name. Default: as the targets are
   * opened.
   */
  readonly source?: (name: string) => ContentSource
}

/**
 * Takes pairs, each image once, and what opens the repository of a name. An image that is known by its digest alone
 * gets a tag made of it, so that no registry throws it away. Throws REFERENCE_INVALID, TARGET_COLLISION where two
 * images would get one name.
 */
export function copyItems(
  pairs: readonly ImagePair[],
  open: (name: string) => ContentRepository,
  { source: openSource, read = open }: CopyItemsOptions = {},
): readonly CopyItem[] {
  const taken = new Map<string, { readonly origin: string; readonly item: CopyItem }>()
  for (const { from, to, optional = false, isNeeded, wantedBy = [] } of pairs) {
    const source = canonicalReference(parseReference(from))
    const { repository, tag } = placeOf(to)
    const reference = source.digest ?? source.tag ?? 'latest'
    const [origin, place] = [`${nameOf(source)} ${reference}`, `${repository}:${tag}`]
    const earlier = taken.get(place)
    // What stays where it is needs no copy.
    if (openSource === undefined && place === `${nameOf(source)}:${source.tag ?? 'latest'}`) continue
    if (earlier !== undefined && earlier.origin !== origin)
      throw new ChartferryError('TARGET_COLLISION', `${from} and another image would both become ${place}`)
    const wish = { optional, isNeeded, wantedBy }
    const item = {
      source: (openSource ?? read)(nameOf(source)),
      from: reference,
      sink: open(repository),
      tag,
      ...joinWishes<ImageWish>(earlier?.item, wish),
    }
    taken.set(place, { origin, item })
  }
  return [...taken.values()].map(({ item }) => item)
}

/** The name of an image with the digest that its chart will name; unchanged where it has one itself. */
export function pinnedName(from: string, to: string): string {
  const [source, target] = [tryParseReference(from), tryParseReference(to)]
  if (source === undefined || source.digest !== undefined || target?.digest === undefined) return from
  return formatReference({ ...source, digest: target.digest })
}

/** Where an image of a name goes. */
export interface ImagePlace {
  /** `host/path`. */
  readonly repository: string
  readonly tag: string
  /** Default: the tag says which image it is. */
  readonly digest?: string
}

/** The place of a name; one that is a digest alone gets a tag made of it. Throws REFERENCE_INVALID. */
export function placeOf(name: string): ImagePlace {
  const target = canonicalReference(parseReference(name))
  const { digest } = target
  const tag = target.tag ?? (digest === undefined ? 'latest' : digestTag(digest))
  return { repository: nameOf(target), tag, ...(digest === undefined ? {} : { digest }) }
}

function nameOf({ host, path }: ImageReference): string {
  return formatReference({ ...(host === undefined ? {} : { host }), path })
}

/** Not the form of referrers' tags, which other tools would take for theirs. */
function digestTag(digest: string): string {
  return `digest-${digest.slice(digest.indexOf(':') + 1).slice(0, 16)}`
}
