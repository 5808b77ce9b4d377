// Floating-point numbers in Go's notations to the base of two: `0x1.8p+01` and `4503599627370496p-52`.
import { binaryParts, exponentText, isNegative, specialName } from './float.ts'

const leading = 60n
const one = 1n << leading

/** Go's verb `b`: the integer and the power of two that make the number. */
export function formatBinary(value: number): string {
  const special = specialName(value)
  if (special !== undefined) return special
  const { mantissa, exponent } = binaryParts(Math.abs(value))
  return `${isNegative(value) ? '-' : ''}${mantissa}p${exponentText(exponent, 1)}`
}

/** Go's verb `x`; without a precision as many digits as the number has. */
export function formatHex(value: number, precision?: number): string {
  const special = specialName(value)
  if (special !== undefined) return special
  const parts = binaryParts(Math.abs(value))
  let { mantissa } = parts
  let exponent = mantissa === 0n ? 0 : parts.exponent + Number(leading)
  while (mantissa !== 0n && (mantissa & one) === 0n) {
    mantissa <<= 1n
    exponent--
  }
  if (precision !== undefined && precision < 15) {
    const dropped = leading - 4n * BigInt(precision)
    const rest = (mantissa << (4n * BigInt(precision))) & (one - 1n)
    mantissa >>= dropped
    if ((rest | (mantissa & 1n)) > one >> 1n) mantissa++
    mantissa <<= dropped
    if ((mantissa & (one << 1n)) !== 0n) {
      mantissa >>= 1n
      exponent++
    }
  }
  const digits = (mantissa & (one - 1n)).toString(16).padStart(15, '0')
  const shown = precision === undefined ? digits.replace(/0+$/, '') : digits.padEnd(precision, '0').slice(0, precision)
  const part = shown === '' ? '' : `.${shown}`
  return `${isNegative(value) ? '-' : ''}0x${(mantissa >> leading) & 1n}${part}p${exponentText(exponent, 2)}`
}
