// The functions that text/template itself has.
import { byteLength, byteSlice, bytesOf } from './bytes.ts'
import { equals, less, lessOrEqual, negation } from './compare.ts'
import { escapeHtml, escapeJavaScript, escapeQuery } from './escape.ts'
import { define, defineVariadic } from './function.ts'
import { typeName } from './kind.ts'
import { sprint, sprintln } from './print.ts'
import { sprintf } from './printf.ts'
import { bare } from './text.ts'
import { GoBytes, GoError, type GoFunction, GoList, GoMap, Int, int, plain, type Text, type Value } from './value.ts'

/** `index m "a" 1`: an element of an element, nil where a map has none. Throws GoError as Go's index does. */
function indexInto(item: Value, indexes: readonly Value[]): Value {
  if (plain(item) === undefined || plain(item) === null) throw new GoError('index of untyped nil')
  return indexes.reduce(indexOnce, item)
}

function indexOnce(item: Value, index: Value): Value {
  const owner = plain(item)
  if (owner === undefined || owner === null) throw new GoError('index of nil pointer')
  if (owner instanceof GoMap) return owner.get(mapKey(index))
  if (owner instanceof GoList) return owner.items[position(index, owner.items.length, 'index')]
  if (typeof owner !== 'string' && !(owner instanceof GoBytes)) {
    throw new GoError(`can't index item of type ${typeName(owner)}`)
  }
  const bytes = typeof owner === 'string' ? bytesOf(owner) : owner.bytes
  return new Int(BigInt(bytes[position(index, bytes.length, 'index')] as number), 'uint8')
}

function mapKey(index: Value): string {
  const key = plain(index)
  if (typeof key === 'string') return key
  if (key === undefined || key === null) throw new GoError('value is nil; should be of type string')
  throw new GoError(`value has type ${typeName(key)}; should be string`)
}

/** A place in a list; one past the end is allowed where a slice may end. */
function position(index: Value, length: number, use: 'index' | 'slice'): number {
  const given = plain(index)
  if (given === undefined || given === null) throw new GoError('cannot index slice/array with nil')
  if (!(given instanceof Int)) throw new GoError(`cannot index slice/array with type ${typeName(given)}`)
  const place = Number(given.value)
  if (place < 0 || place > length) throw new GoError(`index out of range: ${place}`)
  // Go's check lets this pass; its reflection then panics.
  if (use === 'index' && place === length) throw new GoError('reflect: slice index out of range')
  return place
}

function sliceOf(item: Value, indexes: readonly Value[]): Value {
  const owner = plain(item)
  if (owner === undefined || owner === null) throw new GoError('slice of untyped nil')
  if (indexes.length > 3) throw new GoError(`too many slice indexes: ${indexes.length}`)
  const isText = typeof owner === 'string'
  if (isText && indexes.length === 3) throw new GoError('cannot 3-index slice a string')
  if (!isText && !(owner instanceof GoList)) throw new GoError(`can't slice item of type ${typeName(owner)}`)
  const length = isText ? byteLength(owner) : owner.items.length
  const [start = 0, end = length] = indexes.map((index) => position(index, length, 'slice'))
  if (start > end) throw new GoError(`invalid slice index: ${start} > ${end}`)
  return isText ? byteSlice(item as Text, start, end) : new GoList(owner.items.slice(start, end), owner.type)
}

function lengthOf(item: Value): Int {
  const owner = plain(item)
  if (owner === undefined) throw new GoError('reflect: call of reflect.Value.Type on zero Value')
  if (owner === null) throw new GoError('len of nil pointer')
  if (typeof owner === 'string') return int(byteLength(owner))
  if (owner instanceof GoList) return int(owner.items.length)
  if (owner instanceof GoMap) return int(owner.entries.size)
  if (owner instanceof GoBytes) return int(owner.bytes.length)
  throw new GoError(`len of type ${typeName(owner)}`)
}

/** What html, js and urlquery escape: a single string as it is, else all arguments printed. */
function joined(values: readonly Value[]): string {
  return bare(sprint(values.map((value) => value ?? '<no value>')))
}

function equalsAny(value: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw new GoError('missing argument for comparison')
  return others.some((other) => equals(value, other))
}

/** The builtins of text/template; `and` and `or` are evaluated by the executor, which stops at the deciding operand. */
export const builtins: readonly GoFunction[] = [
  defineVariadic('and', ['value'], 'value', (value) => value),
  defineVariadic('or', ['value'], 'value', (value) => value),
  define('not', ['value'], negation),
  define('len', ['value'], lengthOf),
  defineVariadic('index', ['value'], 'value', indexInto),
  defineVariadic('slice', ['value'], 'value', sliceOf),
  defineVariadic('print', [], 'any', (values) => sprint(values)),
  defineVariadic('println', [], 'any', (values) => sprintln(values)),
  defineVariadic('printf', ['text'], 'any', (format, values) => sprintf(format, values)),
  defineVariadic('html', [], 'any', (values) => escapeHtml(joined(values))),
  defineVariadic('js', [], 'any', (values) => escapeJavaScript(joined(values))),
  defineVariadic('urlquery', [], 'any', (values) => escapeQuery(joined(values))),
  // The executor puts the spelling of the callee before the arguments. No value that a template can reach is a
  // function.
  defineVariadic('call', ['value'], 'value', (callee, [value]) => {
    if (plain(value) === undefined || plain(value) === null) throw new GoError('call of nil')
    throw new GoError(`non-function ${typeof callee === 'string' ? callee : ''} of type ${typeName(value)}`)
  }),
  defineVariadic('eq', ['value'], 'value', equalsAny),
  define('ne', ['value', 'value'], (left, right) => !equals(left, right)),
  define('lt', ['value', 'value'], less),
  define('le', ['value', 'value'], lessOrEqual),
  define('gt', ['value', 'value'], (left, right) => !lessOrEqual(left, right)),
  define('ge', ['value', 'value'], (left, right) => !less(left, right)),
]
