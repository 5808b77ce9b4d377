// Reading JSON as Go's encoding/json does: syntax first, with its words for what is wrong.
import { ChartferryError } from '../../../errors.ts'
import { defaultLimits } from '../../../limits.ts'
import { quoted } from '../../template/quote.ts'
import { bare, type Piece, rebuild, slice } from '../../template/text.ts'
import { GoError, GoList, GoMap, type Text, TracedScalar, TracedText, type Value } from '../../template/value.ts'
import { jsonKind } from './read.ts'

interface Reader {
  readonly source: Text
  readonly text: string
  at: number
  depth: number
  /** The first number beyond float64, which Go reports once it knows that the types fit. */
  overflow: GoError | undefined
}

/** The value of a JSON text, numbers as float64. Throws GoError with Go's words, DEPTH_EXCEEDED beyond the limits. */
export function readJson(source: Text): Value {
  return readAs(source, undefined, () => true)
}

/** The value where it is of the wanted type. */
function readAs(source: Text, wanted: string | undefined, fits: (value: Value) => boolean): Value {
  const reader: Reader = { source, text: bare(source), at: 0, depth: 0, overflow: undefined }
  const value = readValue(reader)
  skipSpace(reader)
  if (reader.at < reader.text.length) failAt(reader, 'after top-level value')
  if (wanted !== undefined && value !== null && !fits(value)) {
    throw new GoError(`json: cannot unmarshal ${jsonKind(value)} into Go value of type ${wanted}`)
  }
  if (reader.overflow !== undefined) throw reader.overflow
  return value
}

/** The map of a JSON text; null gives a nil map. Throws GoError with Go's words. */
export function readJsonMap(source: Text): GoMap {
  const value = readAs(source, 'map[string]interface {}', (found) => found instanceof GoMap)
  return value instanceof GoMap ? value : new GoMap([], undefined, true)
}

/** The list of a JSON text. Throws GoError with Go's words. */
export function readJsonList(source: Text): GoList | null {
  const value = readAs(source, '[]interface {}', (found) => found instanceof GoList)
  return value instanceof GoList ? value : null
}

function skipSpace(reader: Reader): void {
  while (/[ \t\r\n]/.test(reader.text.charAt(reader.at))) reader.at++
}

/** Fails at the character here, or at the end of the text. */
function failAt(reader: Reader, where: string): never {
  if (reader.at >= reader.text.length) {
    // Go's scanner reads a space behind the end, which only some places refuse.
    const refused = /^in (?:literal|string escape|\\u)|numeric literal$/.test(where)
    throw new GoError(refused ? `invalid character ' ' ${where}` : 'unexpected end of JSON input')
  }
  throw new GoError(`invalid character ${characterName(reader)} ${where}`)
}

/** The byte here in quotes: Go's scanner sees bytes, so those of other characters are named as Latin-1. */
function characterName(reader: Reader): string {
  const char = reader.text.charAt(reader.at)
  if (char === "'") return "'\\''"
  if (char === '"') return `'"'`
  const [byte = 0] = Buffer.from(String.fromCodePoint(reader.text.codePointAt(reader.at) as number), 'utf8')
  return bare(quoted(String.fromCharCode(byte), { mark: "'" }))
}

function readValue(reader: Reader): Value {
  skipSpace(reader)
  const char = reader.text.charAt(reader.at)
  switch (char) {
    case '{':
      return nested(reader, readObject)
    case '[':
      return nested(reader, readArray)
    case '"':
      return readString(reader)
    case 't':
      return readWord(reader, 'true', true)
    case 'f':
      return readWord(reader, 'false', false)
    case 'n':
      return readWord(reader, 'null', null)
  }
  if (char === '-' || (char >= '0' && char <= '9')) return readNumber(reader)
  return failAt(reader, 'looking for beginning of value')
}

function nested(reader: Reader, read: (reader: Reader) => Value): Value {
  if (++reader.depth > defaultLimits.yamlDepth) {
    throw new ChartferryError('DEPTH_EXCEEDED', `JSON text is nested deeper than ${defaultLimits.yamlDepth} levels`)
  }
  reader.at++
  const value = read(reader)
  reader.depth--
  return value
}

function readObject(reader: Reader): Value {
  const map = new GoMap()
  skipSpace(reader)
  if (reader.text.charAt(reader.at) === '}') {
    reader.at++
    return map
  }
  for (;;) {
    skipSpace(reader)
    if (reader.text.charAt(reader.at) !== '"') failAt(reader, 'looking for beginning of object key string')
    const key = bare(readString(reader))
    skipSpace(reader)
    if (reader.text.charAt(reader.at) !== ':') failAt(reader, 'after object key')
    reader.at++
    map.set(key, readValue(reader))
    skipSpace(reader)
    const end = reader.text.charAt(reader.at)
    if (end !== ',' && end !== '}') failAt(reader, 'after object key:value pair')
    reader.at++
    if (end === '}') return map
  }
}

function readArray(reader: Reader): Value {
  const items: Value[] = []
  skipSpace(reader)
  if (reader.text.charAt(reader.at) === ']') {
    reader.at++
    return new GoList(items)
  }
  for (;;) {
    items.push(readValue(reader))
    skipSpace(reader)
    const end = reader.text.charAt(reader.at)
    if (end !== ',' && end !== ']') failAt(reader, 'after array element')
    reader.at++
    if (end === ']') return new GoList(items)
  }
}

function readWord(reader: Reader, word: string, value: boolean | null): Value {
  const start = reader.at
  for (const expected of word) {
    if (reader.text.charAt(reader.at) !== expected) failAt(reader, `in literal ${word} (expecting '${expected}')`)
    reader.at++
  }
  return value === null ? null : withOrigin(reader, start, value)
}

function readNumber(reader: Reader): Value {
  const start = reader.at
  const { text } = reader
  const digits = (where: string): void => {
    if (!/\d/.test(text.charAt(reader.at))) failAt(reader, where)
    while (/\d/.test(text.charAt(reader.at))) reader.at++
  }
  if (text.charAt(reader.at) === '-') reader.at++
  if (text.charAt(reader.at) === '0') reader.at++
  else digits('in numeric literal')
  if (text.charAt(reader.at) === '.') {
    reader.at++
    digits('after decimal point in numeric literal')
  }
  if (/[eE]/.test(text.charAt(reader.at))) {
    reader.at++
    if (/[+-]/.test(text.charAt(reader.at))) reader.at++
    digits('in exponent of numeric literal')
  }
  const value = Number(text.slice(start, reader.at))
  if (!Number.isFinite(value)) {
    const literal = text.slice(start, reader.at)
    reader.overflow ??= new GoError(`json: cannot unmarshal number ${literal} into Go value of type float64`)
    return 0
  }
  return withOrigin(reader, start, value)
}

/** A number or boolean read from one leaf keeps that leaf. */
function withOrigin(reader: Reader, start: number, value: boolean | number): Value {
  const text = slice(reader.source, start, reader.at)
  const [span] = text instanceof TracedText ? text.spans : []
  return span === undefined ? value : new TracedScalar(value, span.origin)
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

function readString(reader: Reader): Text {
  const { text } = reader
  const pieces: Piece[] = []
  let start = ++reader.at
  for (;;) {
    const char = text.charAt(reader.at)
    if (char === '"') break
    if (char < ' ') failAt(reader, 'in string literal')
    if (char !== '\\') {
      reader.at++
      continue
    }
    pieces.push([start, reader.at], readEscape(reader))
    start = reader.at
  }
  pieces.push([start, reader.at++])
  return dropStrayBytes(rebuild(reader.source, pieces))
}

function readEscape(reader: Reader): string {
  const { text } = reader
  const letter = text.charAt(++reader.at)
  if (letter !== 'u') {
    const known = escapes[letter]
    if (known === undefined) failAt(reader, 'in string escape code')
    reader.at++
    return known
  }
  reader.at++
  const unit = readHex(reader)
  // Two escapes make one character, if they fit; a half alone is the replacement character.
  if (unit >= 0xd800 && unit < 0xdc00 && /^\\u[dD][c-fC-F][0-9a-fA-F]{2}/.test(text.slice(reader.at, reader.at + 6))) {
    reader.at += 2
    return String.fromCharCode(unit, readHex(reader))
  }
  return unit >= 0xd800 && unit <= 0xdfff ? '\ufffd' : String.fromCharCode(unit)
}

function readHex(reader: Reader): number {
  for (let count = 0; count < 4; count++, reader.at++) {
    if (!/[0-9a-fA-F]/.test(reader.text.charAt(reader.at))) {
      failAt(reader, 'in \\u hexadecimal character escape')
    }
  }
  return Number.parseInt(reader.text.slice(reader.at - 4, reader.at), 16)
}

const strayByte = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

function dropStrayBytes(text: Text): Text {
  const subject = bare(text)
  return strayByte.test(subject) ? subject.replaceAll(new RegExp(strayByte, 'g'), '\ufffd') : text
}
