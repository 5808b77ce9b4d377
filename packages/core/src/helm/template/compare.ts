// Go's comparisons eq, ne, lt, le, gt and ge: by kind, never across kinds, nil only with eq.
import { compareStrings, kindOf, truth, typeName } from './kind.ts'
import { printed } from './print.ts'
import { sprintf } from './printf.ts'
import { bare } from './text.ts'
import { GoBytes, GoError, GoList, GoMap, Int, type PlainValue, plain, type Value } from './value.ts'

/** What text/template calls a basic kind; integers of every size and sign are one here. */
function basicKind(value: PlainValue): 'bool' | 'int' | 'float' | 'string' | undefined {
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'number':
      return 'float'
    case 'string':
      return 'string'
    default:
      return value instanceof Int ? 'int' : undefined
  }
}

function isNil(value: PlainValue): value is undefined | null {
  return value === undefined || value === null
}

function isReference(value: PlainValue): value is GoMap | GoList | GoBytes {
  return value instanceof GoMap || value instanceof GoList || value instanceof GoBytes
}

/** Whether a value equals another; throws GoError for values of different or incomparable types. */
export function equals(left: Value, right: Value): boolean {
  const a = plain(left)
  const b = plain(right)
  const kind = basicKind(a)
  if (kind !== basicKind(b)) {
    if (isNil(a) || isNil(b)) return false
    throw new GoError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`)
  }
  if (kind !== undefined) return a instanceof Int && b instanceof Int ? a.value === b.value : a === b
  if (isNil(a) || isNil(b)) return isNilLike(a) && isNilLike(b)
  if (kindOf(a) !== kindOf(b)) {
    throw new GoError(`non-comparable types ${asString(a)}: ${typeName(a)}, ${typeName(b)}: ${bare(printed(b))}`)
  }
  if (isReference(a) && isReference(b)) throw new GoError(`non-comparable type ${asString(b)}: ${typeName(b)}`)
  return a === b
}

/** Go's message has the verb %s here, whatever the type. */
function asString(value: PlainValue): string {
  return bare(sprintf('%s', [value]))
}

function isNilLike(value: PlainValue): boolean {
  return isNil(value) || (value instanceof GoMap && value.isNil)
}

/** Whether a value is less than another; throws GoError unless both are integers, floats or strings alike. */
export function less(left: Value, right: Value): boolean {
  const a = plain(left)
  const b = plain(right)
  const kind = basicKind(a)
  const other = basicKind(b)
  if (kind === undefined || other === undefined) throw new GoError('invalid type for comparison')
  if (kind !== other) throw new GoError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`)
  if (a instanceof Int && b instanceof Int) return a.value < b.value
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b) < 0
  if (typeof a === 'number' && typeof b === 'number') return a < b
  throw new GoError('invalid type for comparison')
}

/** `le`: less or equal, in this order, so that NaN is neither. */
export function lessOrEqual(left: Value, right: Value): boolean {
  return less(left, right) || equals(left, right)
}

/** Go's `not`. */
export function negation(value: Value): boolean {
  return !truth(value)
}
