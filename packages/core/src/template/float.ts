// Floating-point numbers in Go's notations (strconv.FormatFloat with bitsize 64).

/** Decimal digits and exponent of a finite positive number: 0.d1d2... times ten to the `point`. */
interface Digits {
  readonly digits: string
  readonly point: number
}

/** Splits what JavaScript prints as `d.ddde+x`. */
function digitsOf(scientific: string): Digits {
  const [mantissa = '', exponent = '0'] = scientific.split('e')
  return { digits: mantissa.replace('.', ''), point: Number(exponent) + 1 }
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
  const exact = digitsOf(wanted === undefined ? size.toExponential() : size.toExponential(Math.min(wanted, 101) - 1))
  const digits = exact.digits.replace(/0+$/, '')
  const { point } = exact
  // Shortest form or not, Go decides by a precision: 6 stands for "shortest".
  const limit = wanted === undefined ? 6 : wanted > digits.length && digits.length >= point ? digits.length : wanted
  if (point - 1 < -4 || point - 1 >= limit) {
    return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${exponentText(point - 1)}`
  }
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  const rest = digits.slice(point)
  return sign + digits.slice(0, point).padEnd(point, '0') + (rest === '' ? '' : `.${rest}`)
}

/** Go's verb `e`. */
export function formatExponent(value: number, precision = 6): string {
  const special = specialName(value)
  if (special !== undefined) return special
  const [mantissa = '', exponent = '0'] = value.toExponential(Math.min(precision, 100)).split('e')
  return `${isNegative(value) && value === 0 ? '-' : ''}${mantissa}e${exponentText(Number(exponent))}`
}

/** Go's verb `f`; correctly rounded whatever the size. */
export function formatFixed(value: number, precision = 6): string {
  const special = specialName(value)
  if (special !== undefined) return special
  if (Math.abs(value) < 1e21) return (Object.is(value, -0) ? '-' : '') + value.toFixed(Math.min(precision, 100))
  return BigInt(value).toString() + (precision > 0 ? `.${'0'.repeat(precision)}` : '')
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0)
}

function specialName(value: number): string | undefined {
  if (Number.isNaN(value)) return 'NaN'
  return Number.isFinite(value) ? undefined : value > 0 ? '+Inf' : '-Inf'
}

function exponentText(exponent: number): string {
  const size = String(Math.abs(exponent)).padStart(2, '0')
  return (exponent < 0 ? '-' : '+') + size
}
