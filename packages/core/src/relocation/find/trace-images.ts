// Who wrote each part of each image of a traced rendering, for a person to read.
import type { Chart } from '../../helm/chart/chart.ts'
import { placeKey } from '../../helm/chart/leaves.ts'
import type { RenderValues } from '../../helm/render/chart-renderer.ts'
import { leavesOf } from '../../helm/render/engine/predict.ts'
import type { RenderedChart } from '../../helm/render/engine/render-chart.ts'
import type { Origin, Span } from '../../helm/template/value.ts'
import type { ValuesPath } from '../../helm/yaml/path.ts'
import { findOccurrences } from './rendered/find-occurrences.ts'
import type { ImageOccurrence } from './rendered/occurrence.ts'
import { openPlaceFinder, type PlaceFinder, type WrittenPlace } from './written/written-places.ts'

/** Characters of an image that were written in one place, or made of several by one call. */
export interface TracedPart {
  readonly text: string
  readonly kind: 'leaf' | 'field' | 'literal' | 'call' | 'unknown'
  /** The function of a call: `trunc`. */
  readonly name?: string
  /** One place; of a call the leaves that it was given, of `unknown` none. */
  readonly places: readonly WrittenPlace[]
}

/** An image that a rendering prints in one place. */
export interface TracedImage {
  readonly reference: string
  /** The template that printed it. */
  readonly source: string
  /** `Deployment/web`. */
  readonly resource: string
  readonly path: ValuesPath
  /** Together they are the reference. */
  readonly parts: readonly TracedPart[]
}

/** The images of a traced rendering, in the order of printing; `values` are those that it was rendered with. */
export function traceImages(rendered: RenderedChart, chart: Chart, values: RenderValues = {}): readonly TracedImage[] {
  const finder = openPlaceFinder(chart, values)
  return findOccurrences([...rendered.documents, ...rendered.hooks], { kind: 'default', name: 'default' }).map(
    (occurrence) => {
      const { reference, source, resource, path } = occurrence
      return { reference, source, resource, path, parts: partsOf(occurrence, finder) }
    },
  )
}

function partsOf({ reference, spans }: ImageOccurrence, finder: PlaceFinder): readonly TracedPart[] {
  const parts: TracedPart[] = []
  const add = (part: TracedPart): void => {
    if (part.text === '') return
    const last = parts.at(-1)
    if (last !== undefined && isSamePlace(last, part)) parts.splice(-1, 1, { ...last, text: last.text + part.text })
    else parts.push(part)
  }
  let position = 0
  for (const span of spans) {
    add({ text: reference.slice(position, span.start), kind: 'unknown', places: [] })
    add({ text: reference.slice(span.start, span.end), ...originOf(span, finder) })
    position = span.end
  }
  add({ text: reference.slice(position), kind: 'unknown', places: [] })
  return parts
}

function originOf({ origin, offset }: Span, finder: PlaceFinder): Omit<TracedPart, 'text'> {
  switch (origin.kind) {
    case 'leaf':
    case 'field':
      return { kind: origin.kind, places: [finder.leaf(origin.file, origin.path)] }
    case 'literal':
      return { kind: 'literal', places: [finder.character(origin.file, offset)] }
    case 'derived':
      return { kind: 'call', name: origin.name, places: leafPlaces(origin, finder) }
  }
}

/** The leaves of a call, once each. */
function leafPlaces(origin: Origin, finder: PlaceFinder): readonly WrittenPlace[] {
  const places = new Map<string, WrittenPlace>()
  for (const { file, path } of leavesOf(origin)) places.set(placeKey(file, path), finder.leaf(file, path))
  return [...places.values()]
}

function isSamePlace(a: TracedPart, b: TracedPart): boolean {
  return JSON.stringify({ ...a, text: '' }) === JSON.stringify({ ...b, text: '' })
}
