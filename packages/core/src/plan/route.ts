// How one image can be moved: which characters of which leaf or template have to change. Pure.
import { canonicalReference, tryParseReference } from '../image/reference.ts'
import { isAtTarget, mapReference, type Target } from '../image/target.ts'
import type { ImageOccurrence } from '../observe/occurrence.ts'
import type { ValuesPath } from '../yaml/path.ts'
import type { TextPart } from './plan.ts'

/** A place that can be edited: from `offset` on in the text of a leaf, or in a template file. */
export type Place =
  | {
      readonly kind: 'leaf'
      readonly file: string
      readonly path: ValuesPath
      readonly text: string
      readonly offset: number
    }
  | { readonly kind: 'literal'; readonly file: string; readonly offset: number }

/** New text for `length` characters from the place's offset on; 0 inserts. */
export interface Splice {
  readonly place: Place
  readonly length: number
  readonly parts: readonly TextPart[]
}

/** The splices that move an image, and the place where its name begins behind a registry; or why there are none. */
export type Route =
  | { readonly splices: readonly Splice[]; readonly hosted: Place | undefined }
  | { readonly reason: string }

/**
 * The route of an image: the characters of its host are replaced by the target; where nothing printed a host, the target is inserted before
 * its first character. Undefined for an image that is at the target already, or that no registry can hold.
 */
export function routeOf(occurrence: ImageOccurrence, target: Target): Route | undefined {
  const reference = tryParseReference(occurrence.reference)
  if (reference === undefined) return { reason: 'the chart prints a text that is no image reference' }
  if (isAtTarget(reference, target)) return undefined
  mapReference(reference, target)
  const library: readonly TextPart[] =
    canonicalReference(reference).path === reference.path ? [] : [{ kind: 'literal', text: 'library/' }]
  const { host } = reference
  if (host === undefined) {
    const first = placeAt(occurrence, 0, 1)
    if ('reason' in first) return first
    return {
      splices: [
        { place: first, length: 0, parts: [...targetParts(target), { kind: 'literal', text: '/' }, ...library] },
      ],
      hosted: undefined,
    }
  }
  const registry = placeAt(occurrence, 0, host.length)
  if ('reason' in registry) return registry
  const name = placeAt(occurrence, host.length + 1, 1)
  const hosted = 'reason' in name || keyOf(name) === keyOf(registry) ? undefined : name
  const splices: Splice[] = [{ place: registry, length: host.length, parts: targetParts(target) }]
  if (library.length > 0) {
    if ('reason' in name) return name
    splices.push({ place: name, length: 0, parts: library })
  }
  return { splices, hosted }
}

/** One text for a leaf or file, whatever the offset. */
export function keyOf(place: Place): string {
  return JSON.stringify(place.kind === 'leaf' ? [place.file, place.path] : [place.file])
}

/** One text for a leaf, or for one point of a file: what a trial withdraws. */
export function pointOf(place: Place): string {
  return place.kind === 'leaf' ? keyOf(place) : `${keyOf(place)} ${place.offset}`
}

/** The target as parts of a new text. */
export function targetParts(target: Target): readonly TextPart[] {
  const host: TextPart = { kind: 'host', text: target.host }
  return target.prefix === '' ? [host] : [host, { kind: 'prefix', text: `/${target.prefix}` }]
}

/** The one place that wrote the characters from `start` on, or why they cannot be edited. */
function placeAt({ spans }: ImageOccurrence, start: number, length: number): Place | { readonly reason: string } {
  const span = spans.find((candidate) => candidate.start <= start && start < candidate.end)
  if (span === undefined) return { reason: 'nothing is known of where the beginning of the image comes from' }
  const { origin } = span
  if (origin.kind === 'derived') return { reason: `the template function ${origin.name} made it` }
  if (origin.kind === 'field') return { reason: `it comes from ${origin.file}, field ${origin.path.join('.')}` }
  if (span.end < start + length) return { reason: 'its registry is put together from several pieces' }
  return { ...origin, offset: span.offset + start - span.start }
}
