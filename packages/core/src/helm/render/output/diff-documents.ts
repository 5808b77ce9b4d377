// Compares two renderings of a chart value by value, and says where they differ.
import type { ValuesPath } from '../../yaml/path.ts'
import type { RenderedDocument } from '../chart-renderer.ts'
import { parseDocuments, resourceOf } from './parse-documents.ts'

/** One place where two renderings differ. A side is undefined where it has nothing at that place. */
export interface Difference {
  readonly source: string
  /** `Deployment/web`, of the first rendering. */
  readonly resource: string
  /** Which document of the template it is, from 0. */
  readonly ordinal: number
  readonly path: ValuesPath
  /** What the value is called: its key; of the `value` of a variable, the variable's name. */
  readonly name: string
  readonly before: unknown
  readonly after: unknown
}

/**
 * All differences, in the order of the first rendering. Documents are paired by their template and their turn in it.
 */
export function diffDocuments(
  before: readonly RenderedDocument[],
  after: readonly RenderedDocument[],
): readonly Difference[] {
  const others = Map.groupBy(after, ({ source }) => source)
  const differences: Difference[] = []
  for (const [source, documents] of Map.groupBy(before, ({ source }) => source)) {
    const counterparts = others.get(source) ?? []
    others.delete(source)
    for (let turn = 0; turn < Math.max(documents.length, counterparts.length); turn++) {
      diffPair(source, turn, documents[turn], counterparts[turn], differences)
    }
  }
  for (const [source, documents] of others) {
    for (const [turn, document] of documents.entries()) diffPair(source, turn, undefined, document, differences)
  }
  return differences
}

/**
 * Whether a difference lies at, above or below one of the places: those that differ between two renderings change by
 * themselves.
 */
export function liesWithin(places: readonly Difference[], { source, ordinal, path }: Difference): boolean {
  return places.some(
    (place) =>
      place.source === source &&
      place.ordinal === ordinal &&
      place.path.every((step, index) => index >= path.length || step === path[index]),
  )
}

function diffPair(
  source: string,
  ordinal: number,
  before: RenderedDocument | undefined,
  after: RenderedDocument | undefined,
  into: Difference[],
): void {
  if (before?.text === after?.text) return
  const [left, right] = [before && parseDocuments(before), after && parseDocuments(after)]
  const resource = resourceOf(left?.[0] ?? right?.[0])
  const found: Difference[] = []
  const note = (path: ValuesPath, a: unknown, b: unknown, name = String(path.at(-1) ?? '')): void => {
    found.push({ source, ordinal, resource, path, name, before: a, after: b })
  }
  if (before === undefined || after === undefined || left === undefined || right === undefined) {
    note([], before?.text, after?.text)
  } else if (left.length !== right.length) {
    note([], before.text, after.text)
  } else {
    for (const [index, root] of left.entries()) diffValues(root, right[index], left.length > 1 ? [index] : [], note)
    // Texts that differ and mean the same (a comment, an indent) are still two texts.
    if (found.length === 0) note([], before.text, after.text)
  }
  into.push(...found)
}

function diffValues(
  before: unknown,
  after: unknown,
  path: ValuesPath,
  note: (path: ValuesPath, a: unknown, b: unknown, name?: string) => void,
  name?: string,
): void {
  if (Object.is(before, after)) return
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [index, item] of before.entries()) diffValues(item, after[index], [...path, index], note)
  } else if (isMap(before) && isMap(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const called = key === 'value' && typeof before.name === 'string' ? before.name : key
      diffValues(before[key], after[key], [...path, key], note, called)
    }
  } else {
    note(path, before, after, name)
  }
}

function isMap(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node)
}
