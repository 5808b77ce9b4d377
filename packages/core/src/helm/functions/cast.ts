// Any value as a number, with zero for what is none (spf13/cast, which sprig calls).
import { Int, plain, type Value } from '../template/value.ts'
import { parseGoFloat, parseGoInt } from '../yaml/go/go-number.ts'

const minInt64 = -(2n ** 63n)

/** cast.ToInt64 and cast.ToInt: `"012"` is 10, `"1.0"` is 1, `"1.5"` is 0, 3.9 is 3. */
export function toInt(value: Value): bigint {
  const given = plain(value)
  if (given instanceof Int) return given.type === undefined || isCalendar(given) ? BigInt.asIntN(64, given.value) : 0n
  if (typeof given === 'number') return truncated(given)
  if (typeof given === 'boolean') return given ? 1n : 0n
  if (typeof given !== 'string') return 0n
  const parsed = parseGoInt(withoutZeroDecimals(given), 0)
  return typeof parsed === 'bigint' ? parsed : 0n
}

/** cast.ToFloat64. */
export function toFloat(value: Value): number {
  const given = plain(value)
  if (given instanceof Int) return given.type === undefined || isCalendar(given) ? Number(given.value) : 0
  if (typeof given === 'number') return given
  if (typeof given === 'boolean') return given ? 1 : 0
  if (typeof given !== 'string') return 0
  const parsed = parseGoFloat(given)
  return typeof parsed === 'number' ? parsed : 0
}

/** Of the defined integer types cast knows months and weekdays. */
function isCalendar({ type }: Int): boolean {
  return type?.name === 'time.Month' || type?.name === 'time.Weekday'
}

/** A float64 cut to an int64; what does not fit becomes the smallest, as processors have it. */
export function truncated(value: number): bigint {
  return Number.isFinite(value) && Math.abs(value) < 2 ** 63 ? BigInt(Math.trunc(value)) : minInt64
}

/** `1.0` and `1.00` lose their decimals; the last dot before zeros counts. */
function withoutZeroDecimals(text: string): string {
  let zero = false
  for (let at = text.length - 1; at >= 0; at--) {
    if (text[at] === '.' && zero) return text.slice(0, at)
    if (text[at] === '0') zero = true
    else if (text[at] !== '.') return text
  }
  return text
}

/** The digits of a text as strconv.Atoi reads them; 0 for anything else, the nearest bound beyond 64 bits. */
export function parseDecimal(text: string): bigint {
  const parsed = parseGoInt(text, 10)
  if (typeof parsed === 'bigint') return parsed
  if (parsed === 'invalid syntax') return 0n
  return text.startsWith('-') ? minInt64 : -(minInt64 + 1n)
}
