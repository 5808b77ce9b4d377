// Numbers: conversion, arithmetic on int64 and on decimals, ranges (sprig's numeric.go).
import { define, defineVariadic } from '../template/function.ts'
import { sprint } from '../template/print.ts'
import { bare } from '../template/text.ts'
import { GoError, type GoFunction, GoList, goTypes, Int, int, int64, type Value } from '../template/value.ts'
import { parseGoInt } from '../yaml/go/go-number.ts'
import { parseDecimal, toFloat, toInt } from './cast.ts'
import { add, type Decimal, decimalOf, divide, floatOf, multiply, subtract } from './decimal.ts'
import { checkCount } from './panic.ts'

function asInt(value: bigint): Int {
  return new Int(BigInt.asIntN(64, value), 'int')
}

function folded(values: readonly Value[], choose: (a: bigint, b: bigint) => bigint): Int {
  return int64(values.map(toInt).reduce(choose))
}

function nonZero(divisor: bigint): bigint {
  if (divisor === 0n) throw new GoError('runtime error: integer divide by zero')
  return divisor
}

function computed(start: Value, values: readonly Value[], step: (a: Decimal, b: Decimal) => Decimal): number {
  return floatOf(
    values.reduce((result: Decimal, value) => step(result, decimalOf(toFloat(value))), decimalOf(toFloat(start))),
  )
}

/** The numbers from `start` until before `stop`; none where the step leads away. */
function steps(start: number, stop: number, step: number): number[] {
  if (step === 0 || stop < start !== step < 0) return []
  const count = Math.max(0, Math.ceil((stop - start) / step))
  // Each becomes an object of its own.
  checkCount(count, 'a range of numbers')
  return Array.from({ length: count }, (_, index) => start + index * step)
}

function intList(numbers: readonly number[]): GoList {
  return new GoList(numbers.map(int), goTypes.intList)
}

function sequence(parameters: readonly number[]): string {
  const [first = 0, second = 0, third = 0] = parameters
  switch (parameters.length) {
    case 1: {
      const step = first < 1 ? -1 : 1
      return steps(1, first + step, step).join(' ')
    }
    case 2: {
      const step = second < first ? -1 : 1
      return steps(first, second + step, step).join(' ')
    }
    case 3:
      if (third < first) return second > 0 ? '' : steps(first, third - 1, second).join(' ')
      return steps(first, third + 1, second).join(' ')
    default:
      return ''
  }
}

function round(value: Value, places: number, roundOn: number): number {
  const power = 10 ** places
  const digits = power * toFloat(value)
  const part = digits - Math.trunc(digits)
  return (part >= roundOn ? Math.ceil(digits) : Math.floor(digits)) / power
}

function largest(a: number, b: number): number {
  return Math.max(a, b)
}

function fromOctal(value: Value): bigint {
  const parsed = parseGoInt(bare(sprint([value])), 8)
  return typeof parsed === 'bigint' ? parsed : 0n
}

const bigger = (a: bigint, b: bigint): bigint => (b > a ? b : a)
const smaller = (a: bigint, b: bigint): bigint => (b < a ? b : a)

/** The functions of this family. */
export const numberFunctions: readonly GoFunction[] = [
  define('atoi', ['string'], (text) => asInt(parseDecimal(text))),
  define('int', ['any'], (value) => asInt(toInt(value))),
  define('int64', ['any'], (value) => int64(toInt(value))),
  define('float64', ['any'], toFloat),
  define('toDecimal', ['any'], (value) => int64(fromOctal(value))),
  define('add1', ['any'], (value) => int64(toInt(value) + 1n)),
  defineVariadic('add', [], 'any', (values) => int64(values.reduce((sum: bigint, value) => sum + toInt(value), 0n))),
  define('sub', ['any', 'any'], (a, b) => int64(toInt(a) - toInt(b))),
  define('div', ['any', 'any'], (a, b) => int64(toInt(a) / nonZero(toInt(b)))),
  define('mod', ['any', 'any'], (a, b) => int64(toInt(a) % nonZero(toInt(b)))),
  defineVariadic('mul', ['any'], 'any', (first, values) => {
    return int64(values.reduce((product: bigint, value) => BigInt.asIntN(64, product * toInt(value)), toInt(first)))
  }),
  ...['max', 'biggest'].map((name) =>
    defineVariadic(name, ['any'], 'any', (first, values) => folded([first, ...values], bigger)),
  ),
  defineVariadic('min', ['any'], 'any', (first, values) => folded([first, ...values], smaller)),
  defineVariadic('maxf', ['any'], 'any', (first, values) => values.map(toFloat).reduce(largest, toFloat(first))),
  defineVariadic('minf', ['any'], 'any', (first, values) => {
    return values.map(toFloat).reduce((a, b) => Math.min(a, b), toFloat(first))
  }),
  define('add1f', ['any'], (value) => computed(value, [1], add)),
  defineVariadic('addf', [], 'any', (values) => computed(0, values, add)),
  defineVariadic('subf', ['any'], 'any', (first, values) => computed(first, values, subtract)),
  defineVariadic('mulf', ['any'], 'any', (first, values) => computed(first, values, multiply)),
  defineVariadic('divf', ['any'], 'any', (first, values) => computed(first, values, divide)),
  define('ceil', ['any'], (value) => Math.ceil(toFloat(value))),
  define('floor', ['any'], (value) => Math.floor(toFloat(value))),
  defineVariadic('round', ['any', 'int'], 'float64', (value, places, on) => round(value, places, on[0] ?? 0.5)),
  define('until', ['int'], (count) => intList(steps(0, count, count < 0 ? -1 : 1))),
  define('untilStep', ['int', 'int', 'int'], (start, stop, step) => intList(steps(start, stop, step))),
  defineVariadic('seq', [], 'int', sequence),
]
