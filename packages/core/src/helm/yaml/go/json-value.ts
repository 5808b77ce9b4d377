// Values as Go's encoding/json sees them: the fields of structs, the spelling of scalars.
import { textOfBytes } from '../../template/bytes.ts'
import { formatFloat } from '../../template/float.ts'
import { compareStrings } from '../../template/kind.ts'
import { bare, type Piece, rebuild } from '../../template/text.ts'
import {
  GoBytes,
  GoError,
  GoList,
  GoMap,
  GoStruct,
  Int,
  type PlainValue,
  plain,
  type Text,
  type Value,
} from '../../template/value.ts'
import { NilList } from './nil-list.ts'

/** The entries of a map, sorted, or of a struct, in its order; undefined for what is no object in JSON. */
export function jsonEntries(value: PlainValue): [string, Value][] | undefined {
  if (value instanceof GoMap && !value.isNil) {
    return [...value.entries].sort(([a], [b]) => compareStrings(a, b))
  }
  if (!(value instanceof GoStruct) || value.type.methods?.has('MarshalText')) return undefined
  return exportedFields(value).flatMap(([field, item]) => fieldEntries(value, field, item))
}

/** The fields that Go's encoders see: those with a capital. */
export function exportedFields(value: GoStruct): [string, Value][] {
  return [...value.fields].filter(([name]) => /^\p{Lu}/u.test(name))
}

/** What a field comes to: its tag names it, leaves it out, or puts the fields of an embedded struct in its place. */
function fieldEntries(owner: GoStruct, field: string, item: Value): [string, Value][] {
  const [name = '', ...options] = (owner.type.jsonNames?.get(field) ?? '').split(',')
  if (options.includes('inline')) return jsonEntries(plain(item)) ?? []
  if (name === '-' || (options.includes('omitempty') && isEmpty(item))) return []
  return [[name === '' ? field : name, item]]
}

function isEmpty(given: Value): boolean {
  const value = plain(given)
  if (value instanceof GoMap) return value.entries.size === 0
  if (value instanceof GoList) return value.items.length === 0
  return value === null || value === undefined || value === '' || value === false || value === 0
}

/** The value with structs as maps and nil maps and lists as null; what has a text of its own becomes that text. */
export function jsonFields(value: PlainValue): PlainValue {
  if (value instanceof NilList || (value instanceof GoMap && value.isNil)) return null
  if (!(value instanceof GoStruct)) return value
  const entries = jsonEntries(value)
  if (entries !== undefined) return new GoMap(entries)
  const text = value.type.methods?.get('MarshalText')?.call([value])
  return text instanceof GoBytes ? textOfBytes(text.bytes) : null
}

/** A JSON scalar that is no string: `true`, `null`, `1.5`, `1e+21`. Throws GoError for NaN and infinities. */
export function jsonScalar(value: PlainValue): string {
  if (value === null || value === undefined || value instanceof GoMap || value instanceof GoList) return 'null'
  if (value instanceof Int) return value.value.toString()
  if (typeof value === 'number') return jsonNumber(value)
  if (value instanceof GoBytes) return `"${Buffer.from(value.bytes).toString('base64')}"`
  return value === true ? 'true' : 'false'
}

/** A float64 in JSON. Throws GoError for NaN and infinities. */
function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw new GoError(`json: unsupported value: ${formatFloat(value)}`)
  return Object.is(value, -0) ? '-0' : String(value)
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}
const strayByte = '[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]'
const unsafe = new RegExp(`["\\\\\\0-\\x1f\\u2028\\u2029]|${strayByte}`, 'g')
const unsafeInHtml = new RegExp(`["\\\\\\0-\\x1f\\u2028\\u2029<>&]|${strayByte}`, 'g')

/** The string between quotes; `<`, `>` and `&` are escaped unless `html` is false. Characters kept keep their spans. */
export function jsonText(text: Text, html = true): Text {
  const subject = bare(text)
  const pieces: Piece[] = ['"']
  let done = 0
  for (const { 0: char, index } of subject.matchAll(html ? unsafeInHtml : unsafe)) {
    pieces.push([done, index], escapeOf(char))
    done = index + char.length
  }
  return rebuild(text, [...pieces, [done, subject.length], '"'])
}

function escapeOf(char: string): string {
  const number = char.charCodeAt(0)
  // A byte that is no UTF-8 becomes the replacement character.
  const shown = number >= 0xd800 && number <= 0xdfff ? 0xfffd : number
  return escapes[char] ?? `\\u${shown.toString(16).padStart(4, '0')}`
}

/** The same, bare. */
export function jsonString(text: Text): string {
  return bare(jsonText(text))
}
