// Values files whose leaves know where they were written.
import { textFrom } from '../template/text.ts'
import { GoList, GoMap, Int, TracedScalar, type Value } from '../template/value.ts'
import { readYamlMap } from '../yaml/go/read.ts'

/** Reads a values file, with a source at each leaf where `traced`. Throws GoError with Helm's words for anything but a table. */
export function readValues(text: string, file: string, traced: boolean): GoMap {
  const values = readYamlMap(text)
  return traced ? (traceLeaves(values, file) as GoMap) : values
}

/** The value with a source at each leaf; `file` is the address of the values file. Nulls and keys have none. */
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
  if (typeof value === 'string') return textFrom(value, { kind: 'leaf', file, path })
  if (typeof value === 'boolean' || typeof value === 'number' || value instanceof Int) {
    return new TracedScalar(value, { kind: 'leaf', file, path })
  }
  return value
}
