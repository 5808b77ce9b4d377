// Floating-point numbers in Go's decimal notations (strconv.FormatFloat with bitsize 64).

/** Decimal digits of a finite positive number without zeros at the end: 0.d1d2... times ten to the `point`. */
interface Digits {
  readonly digits: string
  readonly point: number
}

/** The shortest digits that read back as the number. */
function shortestDigits(size: number): Digits {
  const [mantissa = '', exponent = '0'] = size.toExponential().split('e')
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 }
}

/** All digits of the number: a float64 is a fraction of a power of two, so they end. */
function exactDigits(size: number): Digits {
  const { mantissa, exponent } = binaryParts(size)
  const scaled = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent)
  const all = scaled.toString()
  return { digits: all, point: all.length + Math.min(exponent, 0) }
}

/** The integer and the power of two that make a finite positive number. */
export function binaryParts(size: number): { readonly mantissa: bigint; readonly exponent: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, size)
  const bits = view.getBigUint64(0)
  const fraction = bits & ((1n << 52n) - 1n)
  const power = Number((bits >> 52n) & 0x7ffn)
  return power === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: power - 1075 }
}

/** The number with so many digits; what lies exactly between two goes to the even one. */
function roundedDigits(size: number, count: number): Digits {
  const { digits, point } = exactDigits(size)
  if (count < 0) return { digits: '', point }
  if (digits.length <= count) return { digits: digits.replace(/0+$/, ''), point }
  const kept = digits.slice(0, count)
  const rest = digits.slice(count).replace(/0+$/, '')
  const odd = Number(kept.at(-1) ?? '0') % 2 === 1
  const up = rest === '5' ? odd : rest >= '5'
  if (!up) return { digits: kept.replace(/0+$/, ''), point }
  const raised = (BigInt(kept || '0') + 1n).toString()
  return { digits: raised.replace(/0+$/, ''), point: point + raised.length - kept.length }
}

/**
 * Go's verb `g`, which is also how `%v` and `print` write a float64: with a precision, or the shortest digits that read
 * back. The shortest form has an exponent below 1e-4 and from 1e6 on.
 */
export function formatFloat(value: number, precision?: number): string {
  const special = specialName(value)
  if (special !== undefined) return special
  const sign = isNegative(value) ? '-' : ''
  const size = Math.abs(value)
  if (size === 0) return `${sign}0`
  const wanted = precision === 0 ? 1 : precision
  const { digits, point } = wanted === undefined ? shortestDigits(size) : roundedDigits(size, wanted)
  // Shortest form or not, Go decides by a precision: 6 stands for "shortest".
  const limit = wanted === undefined ? 6 : wanted > digits.length && digits.length >= point ? digits.length : wanted
  if (point - 1 < -4 || point - 1 >= limit) return sign + exponentForm({ digits, point }, digits.length - 1)
  return sign + fixedForm({ digits, point }, Math.max(digits.length - point, 0))
}

/** Go's verb `e`. */
export function formatExponent(value: number, precision = 6): string {
  const special = specialName(value)
  if (special !== undefined) return special
  const size = Math.abs(value)
  const digits = size === 0 ? { digits: '', point: 1 } : roundedDigits(size, precision + 1)
  return (isNegative(value) ? '-' : '') + exponentForm(digits, precision)
}

/** Go's verb `f`. */
export function formatFixed(value: number, precision = 6): string {
  const special = specialName(value)
  if (special !== undefined) return special
  const size = Math.abs(value)
  const digits = size === 0 ? { digits: '', point: 0 } : roundedDigits(size, exactDigits(size).point + precision)
  return (isNegative(value) ? '-' : '') + fixedForm(digits, precision)
}

function exponentForm({ digits, point }: Digits, decimals: number): string {
  const padded = digits.padEnd(decimals + 1, '0')
  const part = decimals > 0 ? `.${padded.slice(1, decimals + 1)}` : ''
  return `${padded.charAt(0)}${part}e${exponentText(point - 1, 2)}`
}

function fixedForm({ digits, point }: Digits, decimals: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  if (decimals === 0) return whole
  const part = point > 0 ? digits.slice(point) : '0'.repeat(digits === '' ? 0 : -point) + digits
  return `${whole}.${part.padEnd(decimals, '0').slice(0, decimals)}`
}

/** Whether a number has a minus, as zero may have. */
export function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0)
}

/** `NaN`, `+Inf` or `-Inf`; undefined for a number. */
export function specialName(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? undefined : value > 0 ? '+Inf' : '-Inf'
}

/** An exponent with its sign and so many digits at least. */
export function exponentText(exponent: number, width: number): string {
  const size = String(Math.abs(exponent)).padStart(width, '0')
  return (exponent < 0 ? '-' : '+') + size
}
