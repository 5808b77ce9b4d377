// Exact decimal numbers, in which sprig's functions on floats compute (shopspring/decimal).
import { formatFloat } from '../template/float.ts'
import { GoError } from '../template/value.ts'

/** A number: `value` times ten to the `exponent`. */
export interface Decimal {
  readonly value: bigint
  readonly exponent: number
}

/** Places behind the point to which a division is computed. */
const divisionPrecision = 16

/** The shortest decimal that reads back as the float64. Throws GoError for NaN and infinities, with Go's words. */
export function decimalOf(float: number): Decimal {
  if (!Number.isFinite(float)) throw new GoError(`Cannot create a Decimal from ${formatFloat(float)}`)
  const [mantissa = '0', power = '0'] = float.toExponential().split('e')
  const [whole = '0', part = ''] = mantissa.split('.')
  return { value: BigInt(whole + part), exponent: Number(power) - part.length }
}

/** The nearest float64. */
export function floatOf({ value, exponent }: Decimal): number {
  return Number(`${value}e${exponent}`)
}

function aligned(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent)
  const scale = ({ value, exponent: own }: Decimal): bigint => value * 10n ** BigInt(own - exponent)
  return [scale(a), scale(b), exponent]
}

/** The sum. */
export function add(a: Decimal, b: Decimal): Decimal {
  const [left, right, exponent] = aligned(a, b)
  return { value: left + right, exponent }
}

/** The difference. */
export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { value: -b.value, exponent: b.exponent })
}

/** The product. */
export function multiply(a: Decimal, b: Decimal): Decimal {
  return { value: a.value * b.value, exponent: a.exponent + b.exponent }
}

/** The quotient, to 16 places, halves away from zero. Throws GoError for a division by zero. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.value === 0n) throw new GoError('decimal division by 0')
  const shift = a.exponent - b.exponent + divisionPrecision
  const dividend = shift > 0 ? a.value * 10n ** BigInt(shift) : a.value
  const divisor = shift < 0 ? b.value * 10n ** BigInt(-shift) : b.value
  const quotient = dividend / divisor
  const rest = dividend % divisor
  const size = (number: bigint): bigint => (number < 0n ? -number : number)
  const away = a.value < 0n !== b.value < 0n ? -1n : 1n
  return { value: 2n * size(rest) >= size(divisor) ? quotient + away : quotient, exponent: -divisionPrecision }
}
