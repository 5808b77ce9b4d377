// What a plain scalar is: YAML 1.1 as go-yaml 2 reads it.
import { parseGoFloat } from './go-number.ts'

/** The type of a scalar, as the short name of its tag. */
export type ScalarType = 'str' | 'bool' | 'int' | 'float' | 'null' | 'timestamp'

/** A scalar with its type; an integer is a bigint. */
export interface Resolved {
  readonly type: ScalarType
  readonly value: string | boolean | bigint | number | null
}

const words = new Map<string, Resolved>()
const addWords = (type: ScalarType, value: boolean | number | null, spellings: string): void => {
  for (const spelling of spellings.split(' ')) words.set(spelling, { type, value })
}
addWords('bool', true, 'y Y yes Yes YES true True TRUE on On ON')
addWords('bool', false, 'n N no No NO false False FALSE off Off OFF')
addWords('null', null, '~ null Null NULL')
words.set('', { type: 'null', value: null })
addWords('float', Number.NaN, '.nan .NaN .NAN')
addWords('float', Number.POSITIVE_INFINITY, '.inf .Inf .INF +.inf +.Inf +.INF')
addWords('float', Number.NEGATIVE_INFINITY, '-.inf -.Inf -.INF')

const oldBooleans = new Set('y Y yes Yes YES on On ON n N no No NO off Off OFF'.split(' '))

/** A word that YAML 1.1 alone reads as a boolean. */
export function isOldBoolean(text: string): boolean {
  return oldBooleans.has(text)
}

const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const integer = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$/
const maxInt64 = 2n ** 63n - 1n
const maxUint64 = 2n ** 64n - 1n

/** What a scalar without quotes and tag is. */
export function resolvePlain(text: string): Resolved {
  const char = text.charCodeAt(0)
  // Numbers start with a digit, a sign or a dot; of the words all others start with a letter or `~`.
  const numeric = (char >= 48 && char <= 57) || char === 43 || char === 45 || char === 46
  if (!numeric || char === 46) {
    const word = text.length <= 5 ? words.get(text) : undefined
    if (word !== undefined) return word
    const value = char === 46 ? parseGoFloat(text) : ''
    return typeof value === 'number' ? { type: 'float', value } : { type: 'str', value: text }
  }
  const word = words.get(text)
  if (word !== undefined) return word
  if (isTimestamp(text)) return { type: 'timestamp', value: text }
  const digits = text.replaceAll('_', '')
  return parseIntegerText(digits) ?? parseFloatText(digits) ?? { type: 'str', value: text }
}

function parseIntegerText(text: string): Resolved | undefined {
  const match = integer.exec(text)
  if (match === null) return undefined
  const [, sign = '', digits = ''] = match
  const octal = /^0[0-7]+$/.test(digits)
  const size = BigInt(octal ? `0o${digits.slice(1)}` : digits)
  if (sign === '-') return size <= maxInt64 + 1n ? { type: 'int', value: -size } : undefined
  // Beyond 63 bits go-yaml reads an unsigned number, which has no sign.
  return size <= (sign === '' ? maxUint64 : maxInt64) ? { type: 'int', value: size } : undefined
}

function parseFloatText(text: string): Resolved | undefined {
  if (!float.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? { type: 'float', value } : undefined
}

const zoned = /^(\d{4})-(\d{1,2})-(\d{1,2})[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})([.,]\d+)?(?:Z|[+-](\d\d):(\d\d))$/
const local = /^(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2}):(\d{1,2})([.,]\d+)?)?$/

/** Whether the text is one of the forms of a date or time that go-yaml knows. */
export function isTimestamp(text: string): boolean {
  if (!/^\d{4}-/.test(text)) return false
  const match = zoned.exec(text) ?? local.exec(text)
  if (match === null) return false
  const numbers = match.slice(1).map((part) => (part === undefined || /^[.,]/.test(part) ? 0 : Number(part)))
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, , zoneHour = 0, zoneMinute = 0] = numbers
  const lastDay = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()
  if (month < 1 || month > 12 || day < 1 || day > lastDay) return false
  return hour < 24 && minute < 60 && second < 60 && zoneHour <= 24 && zoneMinute < 60
}
