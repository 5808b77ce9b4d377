// Kinds, type names, truth and order of values, in Go's words.
import {
  GoBytes,
  GoList,
  GoMap,
  GoStruct,
  type GoType,
  goTypes,
  Int,
  type Origin,
  plain,
  TracedScalar,
  TracedText,
  type Value,
} from './value.ts'

/** Go's `reflect.Kind` in words; a nil interface is `interface`. */
export function kindOf(value: Value): string {
  const bare = plain(value)
  switch (typeof bare) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return 'float64'
    case 'undefined':
      return 'invalid'
  }
  if (bare === null) return 'interface'
  if (bare instanceof Int) return bare.kind
  if (bare instanceof GoMap) return 'map'
  return bare instanceof GoStruct ? (bare.isPointer ? 'ptr' : 'struct') : 'slice'
}

/** The Go type as `%T` prints it; a nil interface is `interface {}`, as in the executor's errors. */
export function typeName(value: Value): string {
  const bare = plain(value)
  if (bare === undefined) return '<nil>'
  if (bare === null) return 'interface {}'
  if (bare instanceof Int) return bare.type?.name ?? bare.kind
  if (bare instanceof GoMap || bare instanceof GoList) return bare.type.name
  if (bare instanceof GoStruct) return bare.isPointer ? `*${bare.type.name}` : bare.type.name
  if (bare instanceof GoBytes) return '[]uint8'
  return kindOf(bare)
}

/** The type object of a value that has one: the home of its methods. */
export function typeOf(value: Value): GoType | undefined {
  const bare = plain(value)
  if (bare instanceof GoMap || bare instanceof GoList || bare instanceof GoStruct || bare instanceof Int)
    return bare.type
  return undefined
}

/** What `if` decides: not the zero of its type. Structs are always true. */
export function truth(value: Value): boolean {
  const bare = plain(value)
  switch (typeof bare) {
    case 'string':
      return bare.length > 0
    case 'boolean':
      return bare
    case 'number':
      return bare !== 0
    case 'undefined':
      return false
  }
  if (bare === null) return false
  if (bare instanceof Int) return bare.value !== 0n
  if (bare instanceof GoMap) return bare.entries.size > 0
  if (bare instanceof GoList) return bare.items.length > 0
  return bare instanceof GoBytes ? bare.bytes.length > 0 : true
}

/** Go's `reflect.DeepEqual`: types must agree, so 1 and 1.0 differ. Traces do not count. */
export function deepEqual(left: Value, right: Value): boolean {
  const a = plain(left)
  const b = plain(right)
  if (a === b) return true
  if (a === undefined || a === null) return b === undefined || b === null
  if (b === undefined || b === null || typeName(a) !== typeName(b)) return false
  if (a instanceof Int && b instanceof Int) return a.value === b.value
  if (a instanceof GoList && b instanceof GoList) {
    return a.items.length === b.items.length && a.items.every((item, index) => deepEqual(item, b.items[index]))
  }
  if (a instanceof GoMap && b instanceof GoMap) return a.isNil === b.isNil && equalEntries(a.entries, b.entries)
  if (a instanceof GoStruct && b instanceof GoStruct) return equalEntries(a.fields, b.fields)
  return a instanceof GoBytes && b instanceof GoBytes && Buffer.compare(a.bytes, b.bytes) === 0
}

function equalEntries(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) {
    if (!b.has(key) || !deepEqual(value, b.get(key))) return false
  }
  return true
}

/** Order of two strings by their UTF-8 bytes, as Go compares; negative, zero or positive. */
export function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index)
    const y = b.charCodeAt(index)
    if (x === y) continue
    // Surrogates stand for characters above U+FFFF, though their units are below U+E000.
    if (x >= 0xd800 && y >= 0xd800)
      return (x >= 0xe000 ? x - 0x2000 : x + 0x800) - (y >= 0xe000 ? y - 0x2000 : y + 0x800)
    return x - y
  }
  return a.length - b.length
}

/** The keys of a map in the order in which Go ranges over it and prints it: by bytes. */
export function sortedKeys(map: GoMap): string[] {
  return [...map.entries.keys()].sort(compareStrings)
}

/** A list of strings, as splitList and keys give. */
export function stringList(items: readonly Value[]): GoList {
  return new GoList(items, goTypes.stringList)
}

/** The origins of a value , without what its elements know. */
export function originsOf(value: Value): readonly Origin[] {
  if (value instanceof TracedScalar) return [value.origin]
  return value instanceof TracedText ? [...new Set(value.spans.map((span) => span.origin))] : []
}
