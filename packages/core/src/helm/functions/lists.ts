// Lists (sprig's list.go). A list is never changed: each function makes a new one.
import { ensure, itemBytes } from '../template/allowance.ts'
import { define, defineVariadic } from '../template/function.ts'
import { deepEqual, kindOf, truth, typeName } from '../template/kind.ts'
import {
  GoBytes,
  GoError,
  type GoFunction,
  GoList,
  type GoType,
  Int,
  type PlainValue,
  plain,
  type Value,
} from '../template/value.ts'
import { NilList } from '../yaml/go/nil-list.ts'
import { toInt } from './cast.ts'
import { nilPointer } from './panic.ts'

const listsOfLists: GoType = { name: '[][]interface {}' }

/** The elements of a list; `action` is what the error says cannot be done with anything else. */
function itemsOf(value: Value, action: string): readonly Value[] {
  const list = plain(value)
  if (list instanceof GoList) return list.items
  if (list instanceof GoBytes) return Array.from(list.bytes, (byte) => new Int(BigInt(byte), 'uint8'))
  if (list === null || list === undefined) throw nilPointer()
  throw new GoError(`${action} ${kindOf(list)}`)
}

function unique(items: readonly Value[]): Value[] {
  const kept: Value[] = []
  // Scalars, of which long lists are made, need no comparison with all others.
  const seen = new Set<unknown>()
  for (const item of items) {
    const key = scalarKey(plain(item))
    if (key === undefined ? includes(kept, item) : seen.has(key)) continue
    if (key !== undefined) seen.add(key)
    kept.push(item)
  }
  return kept
}

/** What two equal scalars have in common; undefined for lists and maps, and for NaN, which equals nothing. */
function scalarKey(value: PlainValue): unknown {
  if (value instanceof Int) return `${typeName(value)} ${value.value}`
  if (typeof value === 'string') return `"${value}`
  return typeof value === 'object' && value !== null ? undefined : Number.isNaN(value) ? undefined : (value ?? null)
}

function includes(items: readonly Value[], wanted: Value): boolean {
  return items.some((item) => deepEqual(item, wanted))
}

function part(value: Value, bounds: readonly Value[]): Value {
  const items = itemsOf(value, 'list should be type of slice or array but')
  if (items.length === 0) return null
  const start = bounds.length > 0 ? Number(toInt(bounds[0])) : 0
  const end = bounds.length > 1 ? Number(toInt(bounds[1])) : items.length
  if (start < 0 || end < start || end > items.length) {
    throw new GoError('reflect.Value.Slice: slice index out of bounds')
  }
  const list = plain(value)
  return new GoList(items.slice(start, end), list instanceof GoList ? list.type : undefined)
}

function chunk(size: number, value: Value): Value {
  const items = itemsOf(value, 'Cannot chunk type')
  if (items.length === 0) return new GoList([], listsOfLists)
  if (size <= 0) throw new GoError('runtime error: makeslice: len out of range')
  const chunks: GoList[] = []
  for (let at = 0; at < items.length; at += size) chunks.push(new GoList(items.slice(at, at + size)))
  return new GoList(chunks, listsOfLists)
}

function concatenate(lists: readonly Value[]): Value {
  const parts = lists.map((list) => {
    const kind = kindOf(list)
    if (kind !== 'slice' && plain(list) !== null) throw new GoError(`Cannot concat type ${kind} as list`)
    return itemsOf(list, '')
  })
  ensure(itemBytes * parts.reduce((sum, part) => sum + part.length, 0))
  const items = parts.flat()
  return items.length === 0 ? new NilList() : new GoList(items)
}

/** The list after the elements from `start` to `end` were taken; nil where there was nothing to take from. */
function remaining(items: readonly Value[], start: number, end: number): GoList {
  return items.length === 0 ? new NilList() : new GoList(items.slice(start, end))
}

/** A function and its form `must...`, which differ only in how Go reports a failure. */
function both(name: string, declare: (name: string) => GoFunction): GoFunction[] {
  return [declare(name), declare(`must${name.charAt(0).toUpperCase()}${name.slice(1)}`)]
}

/** The functions of this family. */
export const listFunctions: readonly GoFunction[] = [
  defineVariadic('list', [], 'any', (items) => new GoList(items)),
  defineVariadic('tuple', [], 'any', (items) => new GoList(items)),
  ...['append', 'push'].flatMap((name) =>
    both(name, (known) =>
      define(known, ['any', 'any'], (list, item) => new GoList([...itemsOf(list, 'Cannot push on type'), item])),
    ),
  ),
  ...both('prepend', (name) =>
    define(name, ['any', 'any'], (list, item) => new GoList([item, ...itemsOf(list, 'Cannot prepend on type')])),
  ),
  ...both('first', (name) => define(name, ['any'], (list) => itemsOf(list, 'Cannot find first on type')[0] ?? null)),
  ...both('last', (name) => define(name, ['any'], (list) => itemsOf(list, 'Cannot find last on type').at(-1) ?? null)),
  ...both('rest', (name) =>
    define(name, ['any'], (list) => remaining(itemsOf(list, 'Cannot find rest on type'), 1, Number.MAX_SAFE_INTEGER)),
  ),
  ...both('initial', (name) =>
    define(name, ['any'], (list) => remaining(itemsOf(list, 'Cannot find initial on type'), 0, -1)),
  ),
  ...both('reverse', (name) =>
    define(name, ['any'], (list) => new GoList(itemsOf(list, 'Cannot find reverse on type').toReversed())),
  ),
  ...both('compact', (name) =>
    define(name, ['any'], (list) => new GoList(itemsOf(list, 'Cannot compact on type').filter(truth))),
  ),
  ...both('uniq', (name) =>
    define(name, ['any'], (list) => new GoList(unique(itemsOf(list, 'Cannot find uniq on type')))),
  ),
  ...both('without', (name) =>
    defineVariadic(name, ['any'], 'any', (list, dropped) => {
      const items = itemsOf(list, 'Cannot find without on type')
      return new GoList(items.filter((item) => !includes(dropped, item)))
    }),
  ),
  ...both('has', (name) =>
    define(name, ['any', 'any'], (item, list) => {
      return plain(list) === null ? false : includes(itemsOf(list, 'Cannot find has on type'), item)
    }),
  ),
  ...both('slice', (name) => defineVariadic(name, ['any'], 'any', part)),
  ...both('chunk', (name) => define(name, ['int', 'any'], chunk)),
  defineVariadic('concat', [], 'any', concatenate),
]
