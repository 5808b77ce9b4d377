// Values files whose leaves know where they were written.
import { printScalar } from '../../template/print.ts'
import { textFrom } from '../../template/text.ts'
import { GoList, GoMap, Int, TracedScalar, type Value } from '../../template/value.ts'

/** The values of a file with an origin at each leaf; `file` is its address. */
export function traceTable(values: GoMap, file: string): GoMap {
  return traceLeaves(values, file) as GoMap
}

/** The value with an origin at each leaf; `file` is the address of the values file. Nulls and keys have none. */
export function traceLeaves(value: Value, file: string, path: readonly (string | number)[] = []): Value {
  if (value instanceof GoMap) {
    const traced = new GoMap([], value.type)
    for (const [key, item] of value.entries) traced.entries.set(key, traceLeaves(item, file, [...path, key]))
    return traced
  }
  if (value instanceof GoList) {
    return new GoList(
      value.items.map((item, index) => traceLeaves(item, file, [...path, index])),
      value.type,
    )
  }
  if (typeof value === 'string') return textFrom(value, { kind: 'leaf', file, path, text: value })
  if (typeof value === 'boolean' || typeof value === 'number' || value instanceof Int) {
    return new TracedScalar(value, { kind: 'leaf', file, path, text: printScalar(value) })
  }
  return value
}

/** A leaf of a values file and its new text. */
export interface ChangedLeaf {
  /** The address of the values file, as in the origins of spans. */
  readonly file: string
  readonly path: readonly (string | number)[]
  readonly text: string
}

/** A copy of the values with the leaves changed; a path that is not there is left out. */
export function changeLeaves(values: GoMap, changes: readonly ChangedLeaf[]): GoMap {
  let changed: Value = values
  for (const { path, text } of changes) changed = withLeaf(changed, path, text)
  return changed as GoMap
}

function withLeaf(value: Value, path: readonly (string | number)[], text: string): Value {
  const [key, ...rest] = path
  if (key === undefined) return text
  if (value instanceof GoMap && typeof key === 'string' && value.entries.has(key)) {
    return new GoMap([...value.entries, [key, withLeaf(value.entries.get(key), rest, text)]], value.type)
  }
  if (value instanceof GoList && typeof key === 'number' && key < value.items.length) {
    return new GoList(value.items.with(key, withLeaf(value.items[key], rest, text)), value.type)
  }
  return value
}
