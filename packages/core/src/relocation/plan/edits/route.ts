// How one image can be moved: which characters of which leaf or template have to change. Pure.

import { placeKey } from '../../../helm/chart/leaves.ts'
import type { ValuesPath } from '../../../helm/yaml/path.ts'
import { isPlaced, type Naming } from '../../../reference/naming.ts'
import { type ImageReference, tryParseReference } from '../../../reference/reference.ts'
import type { ImageOccurrence } from '../../find/rendered/occurrence.ts'
import { partsOf, type TextPart } from '../../model/plan.ts'

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

type Refusal = { readonly reason: string }

/**
 * The route of an image: its registry is replaced where it was written; where nothing wrote one, the target is inserted
 * before its first character. Of its path only what the new name says otherwise is replaced. Undefined for an image
 * that has its name already.
 */
export function routeOf(occurrence: ImageOccurrence, naming: Naming): Route | undefined {
  const reference = tryParseReference(occurrence.reference)
  const { form, isOpen = false, isOthers = false } = occurrence
  if (isOthers) return undefined
  if (form === 'registry' || (isOpen && reference?.host !== undefined)) {
    const route = registryRoute(occurrence, naming)
    if (form === 'registry' || (route !== undefined && 'splices' in route)) return route
  }
  if (reference === undefined) return { reason: 'the chart prints a text that is no image reference' }
  if (isPlaced(reference, naming)) return undefined
  const { registry, path } = splitName(reference, naming.rename(reference))
  const { host } = reference
  const splices: Splice[] = []
  let hosted: Place | undefined
  const start = host === undefined ? 0 : host.length + 1
  if (host === undefined) {
    const first = placeAt(occurrence, 0, 1)
    if ('reason' in first) return first
    splices.push({
      place: first,
      length: 0,
      parts: [...partsOf(registry, naming.target), { kind: 'literal', text: '/' }],
    })
  } else {
    const written = placeAt(occurrence, 0, host.length)
    if ('reason' in written) return written
    splices.push({ place: written, length: host.length, parts: partsOf(registry, naming.target) })
    const name = placeAt(occurrence, start, 1)
    hosted = 'reason' in name || keyOf(name) === keyOf(written) ? undefined : name
  }
  const renamed = renamePath(occurrence, start, reference.path, path)
  return 'reason' in renamed ? renamed : { splices: joined([...splices, ...renamed]), hosted }
}

/** The route of a registry that stands alone, or before what is filled in: its host is replaced. */
function registryRoute(occurrence: ImageOccurrence, naming: Naming): Route | undefined {
  const text = occurrence.reference
  const [host = ''] = text.split('/')
  const moved = naming.renameRegistry(text)
  if (moved === undefined) {
    const image = tryParseReference(`${text}/x`)
    return image === undefined || isPlaced(image, naming)
      ? undefined
      : { reason: 'it is a registry, and names at the target do not begin with what a registry says' }
  }
  const written = placeAt(occurrence, 0, host.length)
  if ('reason' in written) return written
  const registry = moved.slice(0, moved.length - (text.length - host.length))
  return {
    splices: [{ place: written, length: host.length, parts: partsOf(registry, naming.target) }],
    hosted: undefined,
  }
}

/**
 * A new name in two: what stands in the place of the registry, and a path that keeps as much of the old one as can be.
 */
export function splitName(
  { path }: ImageReference,
  to: ImageReference,
): { readonly registry: string; readonly path: string } {
  const whole = `${to.host}/${to.path}`
  const end = `/${path}`
  // `library/` belongs to the name; a host that became part of the path belongs to the registry, since all images
  // behind it share it.
  const library = `/library${end}`
  if (!path.includes('/') && whole.endsWith(library))
    return { registry: whole.slice(0, -library.length), path: library.slice(1) }
  if (whole.endsWith(end)) return { registry: whole.slice(0, -end.length), path }
  const slash = whole.lastIndexOf('/')
  return { registry: whole.slice(0, slash), path: whole.slice(slash + 1) }
}

/** Splices for a path that begins at `start` of the occurrence. */
function renamePath(occurrence: ImageOccurrence, start: number, from: string, to: string): readonly Splice[] | Refusal {
  if (from === to) return []
  if (to.endsWith(from)) {
    const place = placeAt(occurrence, start, 1)
    if ('reason' in place) return place
    return [{ place, length: 0, parts: [{ kind: 'literal', text: to.slice(0, to.length - from.length) }] }]
  }
  const place = placeAt(occurrence, start, from.length)
  if ('reason' in place) return { reason: `${place.reason}, and its name would have to change as a whole` }
  return [{ place, length: from.length, parts: [{ kind: 'literal', text: to }] }]
}

/** Splices that insert at one point, as one. */
function joined(splices: readonly Splice[]): readonly Splice[] {
  const [first, second, ...rest] = splices
  if (first === undefined || second === undefined) return splices
  const meet =
    first.length === 0 && pointOf(first.place) === pointOf(second.place) && first.place.offset === second.place.offset
  if (!meet) return splices
  return [{ place: first.place, length: second.length, parts: [...first.parts, ...second.parts] }, ...rest]
}

/** One text for a leaf or file, whatever the offset. */
export function keyOf(place: Place): string {
  return placeKey(place.file, place.kind === 'leaf' ? place.path : undefined)
}

/** One text for a leaf, or for one point of a file: what a trial withdraws. */
export function pointOf(place: Place): string {
  return place.kind === 'leaf' ? keyOf(place) : `${keyOf(place)} ${place.offset}`
}

/** The one place that wrote the characters from `start` on, or why they cannot be edited. */
export function placeAt({ spans }: ImageOccurrence, start: number, length: number): Place | Refusal {
  const span = spans.find((candidate) => candidate.start <= start && start < candidate.end)
  if (span === undefined) return { reason: 'nothing is known of where the beginning of the image comes from' }
  const { origin } = span
  if (origin.kind === 'derived') return { reason: `the template function ${origin.name} made it` }
  if (origin.kind === 'field') return { reason: `it comes from ${origin.file}, field ${origin.path.join('.')}` }
  if (span.end < start + length) return { reason: 'it is put together from several pieces' }
  return { ...origin, offset: span.offset + start - span.start }
}
