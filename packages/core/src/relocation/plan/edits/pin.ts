// Digests that images get beside or instead of their tags, and where they can be written. Pure.

import { type Leaf, placeKey } from '../../../helm/chart/leaves.ts'
import { canonicalReference, formatReference, tryParseReference } from '../../../reference/reference.ts'
import type { ImageOccurrence } from '../../find/rendered/occurrence.ts'
import { placeAt, type Splice } from './route.ts'

/**
 * How a digest is written: in an empty leaf for it beside the image's own, where the chart prints it behind the tag or
 * instead of it; or right behind the tag.
 */
export type PinWay = 'digest leaf' | 'digest leaf alone' | 'behind the tag'

/** In the order in which they are tried. */
export const pinWays: readonly [PinWay, ...PinWay[]] = ['digest leaf', 'digest leaf alone', 'behind the tag']

/** The digest of one image, and how it is written. */
export interface Pin {
  /** `sha256:…`. */
  readonly digest: string
  readonly way: PinWay
}

/** By canonical reference. */
export type Pins = ReadonlyMap<string, Pin>

const digestKeys = /^(?:image)?(?:digest|sha|sha256)$/i

/** The splice that writes an occurrence's digest, undefined where it has none to write; or why it cannot be written. */
export function pinSplice(
  occurrence: ImageOccurrence,
  pins: Pins,
  leaves: readonly Leaf[],
): Splice | { readonly reason: string } | undefined {
  const reference = tryParseReference(occurrence.reference)
  if (reference === undefined || reference.digest !== undefined) return undefined
  const pin = pins.get(formatReference(canonicalReference(reference)))
  if (pin === undefined) return undefined
  if (pin.way !== 'behind the tag') return inLeaf(occurrence, pin.digest, leaves)
  const last = placeAt(occurrence, occurrence.reference.length - 1, 1)
  if ('reason' in last) return last
  return {
    place: { ...last, offset: last.offset + 1 },
    length: 0,
    parts: [{ kind: 'literal', text: `@${pin.digest}` }],
  }
}

/** An empty leaf for a digest in the map that holds a leaf of the image. */
function inLeaf(
  { spans }: ImageOccurrence,
  digest: string,
  leaves: readonly Leaf[],
): Splice | { readonly reason: string } {
  const maps = new Set(
    spans.flatMap(({ origin }) => (origin.kind === 'leaf' ? [placeKey(origin.file, origin.path.slice(0, -1))] : [])),
  )
  const leaf = leaves.find(
    ({ file, path, text, isString }) =>
      isString && text === '' && digestKeys.test(String(path.at(-1))) && maps.has(placeKey(file, path.slice(0, -1))),
  )
  if (leaf === undefined) return { reason: 'there is no empty leaf for a digest' }
  const { file, path, text } = leaf
  const written = /sha/i.test(String(path.at(-1))) ? digest.slice(digest.indexOf(':') + 1) : digest
  return {
    place: { kind: 'leaf', file, path, text, offset: 0 },
    length: 0,
    parts: [{ kind: 'literal', text: written }],
  }
}
