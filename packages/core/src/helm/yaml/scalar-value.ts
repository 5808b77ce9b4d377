// What a scalar means to Helm: YAML 1.1 as go.yaml.in/yaml v2 reads it (resolve.go), not YAML 1.2: yes, no, on, off,
// y and n are booleans, 0755 is octal, 1_000 is 1000; 12:30 and dates stay strings.

const words: ReadonlyMap<string, boolean | number | null> = new Map<string, boolean | number | null>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, -Infinity] as const),
])
const integer = /^[-+]?(?:0|[1-9][0-9]*|0[0-7]+|0o[0-7]+|0x[0-9a-f]+|0b[01]+)$/i
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
const smallestInteger = -(2n ** 63n)
const largestInteger = 2n ** 64n - 1n

/** The integer that Go's strconv.ParseInt and ParseUint with base 0 make of a text without `_`. */
function integerOf(text: string): bigint | undefined {
  if (!integer.test(text)) return undefined
  const digits = text.replace(/^[-+]/, '')
  const value = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits)
  const signed = text.startsWith('-') ? -value : value
  return signed >= smallestInteger && signed <= largestInteger ? signed : undefined
}

/** The meaning of an untagged plain scalar: an integer is a bigint, a float a number. */
export function plainValue(source: string): string | bigint | number | boolean | null {
  const word = words.get(source)
  if (word !== undefined) return word
  if (!/^[-+.0-9]/.test(source)) return source
  // Only what begins with a digit or a sign may hold `_`; `._1` is a string.
  const text = source.startsWith('.') ? source : source.replaceAll('_', '')
  const value = integerOf(text) ?? (float.test(text) ? Number(text) : undefined)
  return value === undefined || value === Infinity || value === -Infinity ? source : value
}

/**
 * The meaning of a scalar with a tag (`!!int`, `!<tag:yaml.org,2002:int>`), whatever its quotes; undefined where the
 * text is not what the tag says. Tags that Go does not know leave a string.
 */
export function taggedValue(tag: string, text: string): string | bigint | number | boolean | null | undefined {
  const name = /^!!(.*)$|^!<tag:yaml\.org,2002:(.*)>$/.exec(tag)
  const value = plainValue(text)
  switch (name?.[1] ?? name?.[2]) {
    case 'int':
      return typeof value === 'bigint' ? value : undefined
    case 'float':
      return typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : undefined
    case 'bool':
      return typeof value === 'boolean' ? value : undefined
    case 'null':
      return value === null ? value : undefined
    case 'binary':
      return Buffer.from(text, 'base64').toString('utf8')
    default:
      return text
  }
}

/**
 * A number as Go writes it where text is wanted: an integer in full, a float as strconv.FormatFloat(value, 'g', -1,
 * 32), so `1.10` is `1.1`.
 */
export function numberText(value: bigint | number): string {
  if (typeof value === 'bigint') return String(value)
  const single = Math.fround(value)
  if (!Number.isFinite(single)) return Number.isNaN(single) ? 'NaN' : single > 0 ? '+Inf' : '-Inf'
  let digits = 1
  while (digits < 9 && Math.fround(Number(single.toPrecision(digits))) !== single) digits += 1
  const [mantissa = '', exponent = ''] = single.toExponential(digits - 1).split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(Number(single.toPrecision(digits)))
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}
