// Maps (sprig's dict.go). `set`, `unset` and `merge` change the map that they are given.
import { ensure, itemBytes } from '../template/allowance.ts'
import { define, defineVariadic } from '../template/function.ts'
import { sortedKeys, stringList, typeName } from '../template/kind.ts'
import { strval } from '../template/print.ts'
import { bare } from '../template/text.ts'
import { GoError, type GoFunction, GoList, GoMap, GoStruct, goTypes, plain, type Value } from '../template/value.ts'
import { merge } from './merge.ts'

function dict(values: readonly Value[]): GoMap {
  const map = new GoMap()
  for (let at = 0; at < values.length; at += 2) {
    map.set(bare(strval(values[at])), at + 1 < values.length ? values[at + 1] : '')
  }
  return map
}

/** The map or text that a failed type assertion of `dig` names. */
function assertMap(value: Value): GoMap {
  const map = plain(value)
  if (map instanceof GoMap && map.type === goTypes.anyMap) return map
  const found = map === null || map === undefined ? 'nil' : typeName(map)
  throw new GoError(`interface conversion: interface {} is ${found}, not map[string]interface {}`)
}

function assertKey(value: Value): string {
  const key = plain(value)
  if (typeof key === 'string') return key
  const found = key === null || key === undefined ? 'nil' : typeName(key)
  throw new GoError(`interface conversion: interface {} is ${found}, not string`)
}

function dig(values: readonly Value[]): Value {
  if (values.length < 3) throw new GoError('dig needs at least three arguments')
  let current = assertMap(values.at(-1))
  const keys = values.slice(0, -2).map(assertKey)
  for (const [index, key] of keys.entries()) {
    const step = current.entries.get(key)
    if (step === undefined) return values.at(-2)
    if (index === keys.length - 1) return step
    current = assertMap(step)
  }
  return null
}

/** A copy down to the scalars, which are never changed; types stay. */
function deepCopy(value: Value): Value {
  const given = plain(value)
  if (given instanceof GoMap) {
    const entries = [...given.entries].map(([key, item]): [string, Value] => [key, deepCopy(item)])
    return new GoMap(entries, given.type, given.isNil)
  }
  if (given instanceof GoList) {
    return given.items.length === 0 ? given : new GoList(given.items.map(deepCopy), given.type)
  }
  if (given instanceof GoStruct) {
    const fields = [...given.fields].map(([name, field]): [string, Value] => [name, deepCopy(field)])
    return new GoStruct(given.type, fields, { isPointer: given.isPointer, inner: given.inner })
  }
  return value
}

function mergeAll(destination: GoMap, sources: readonly GoMap[], overwrite: boolean): GoMap {
  return sources.reduce((map, source) => merge(map, source, overwrite), destination)
}

/** The functions of this family. */
export const mapFunctions: readonly GoFunction[] = [
  defineVariadic('dict', [], 'any', dict),
  define('get', ['map', 'string'], (map, key) => map.entries.get(key) ?? (map.entries.has(key) ? null : '')),
  define('set', ['map', 'string', 'any'], (map, key, value) => {
    map.set(key, value)
    return map
  }),
  define('unset', ['map', 'string'], (map, key) => {
    map.entries.delete(key)
    return map
  }),
  define('hasKey', ['map', 'string'], (map, key) => map.entries.has(key)),
  defineVariadic('pluck', ['string'], 'map', (key, maps) => {
    return new GoList(maps.filter((map) => map.entries.has(key)).map((map) => map.get(key)))
  }),
  // The order is random in Go; here it is that of ranging.
  defineVariadic('keys', [], 'map', (maps) => {
    ensure(itemBytes * maps.reduce((sum, { entries }) => sum + entries.size, 0))
    return stringList(maps.flatMap(sortedKeys))
  }),
  define('values', ['map'], (map) => new GoList(sortedKeys(map).map((key) => map.get(key)))),
  defineVariadic('pick', ['map'], 'string', (map, keys) => {
    return new GoMap(keys.filter((key) => map.entries.has(key)).map((key) => [key, map.get(key)]))
  }),
  defineVariadic('omit', ['map'], 'string', (map, keys) => {
    return new GoMap([...map.entries].filter(([key]) => !keys.includes(key)))
  }),
  ...['merge', 'mustMerge'].map((name) =>
    defineVariadic(name, ['map'], 'map', (map, sources) => mergeAll(map, sources, false)),
  ),
  ...['mergeOverwrite', 'mustMergeOverwrite'].map((name) =>
    defineVariadic(name, ['map'], 'map', (map, sources) => mergeAll(map, sources, true)),
  ),
  ...['deepCopy', 'mustDeepCopy'].map((name) =>
    define(name, ['any'], (value) => {
      if (plain(value) === null) throw new GoError('reflect: call of reflect.Value.Type on zero Value')
      return deepCopy(value)
    }),
  ),
  defineVariadic('dig', [], 'any', dig),
]
