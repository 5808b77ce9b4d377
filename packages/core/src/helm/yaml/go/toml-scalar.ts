// Scalars of TOML: strings, numbers, dates, with the words of BurntSushi/toml for what is wrong.

import { quoted } from '../../template/quote.ts'
import { bare } from '../../template/text.ts'
import { int64, type Value } from '../../template/value.ts'
import { parseGoFloat, parseGoInt } from './go-number.ts'
import { parseTomlTime } from './toml-time.ts'

/** A text while it is read. */
export interface TomlCursor {
  readonly text: string
  at: number
  /** Fails with a message, at the cursor or at a place. */
  readonly fail: (message: string, at?: number) => never
}

const show = (text: string): string => bare(quoted(text))

/** A character as Go's `%q` shows it; 0 at the end. */
export function showCharacter(cursor: TomlCursor): string {
  const code = cursor.text.codePointAt(cursor.at)
  return bare(quoted(code === undefined ? '\0' : String.fromCodePoint(code), { mark: "'" }))
}

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  e: '\u001b',
  '"': '"',
  '\\': '\\',
}
const unicodeEscapes: Readonly<Record<string, readonly [number, string]>> = {
  x: [2, 'two'],
  u: [4, 'four'],
  U: [8, 'eight'],
}

/** A string on one line; the cursor stands on the opening quote. */
export function readString(cursor: TomlCursor): string {
  const { text } = cursor
  const mark = text.charAt(cursor.at)
  if (text.startsWith(mark.repeat(3), cursor.at)) return readLongString(cursor, mark)
  let value = ''
  cursor.at++
  for (;;) {
    const char = text.charAt(cursor.at)
    if (char === '') cursor.fail(`unexpected EOF; expected ${mark === '"' ? `'"'` : `"'"`}`)
    if (char === '\n' || char === '\r') cursor.fail('strings cannot contain newlines')
    if (char === mark) break
    value += char === '\\' && mark === '"' ? readEscape(cursor) : readPlain(cursor)
  }
  cursor.at++
  return value
}

function readPlain(cursor: TomlCursor): string {
  const char = cursor.text.charAt(cursor.at)
  if (/^(?![\t\n\r])\p{Cc}$/u.test(char) && char < '\u0080') {
    const digits = char.charCodeAt(0).toString(16).padStart(2, '0')
    cursor.fail(`TOML files cannot contain control characters: '0x${digits}'`)
  }
  cursor.at++
  return char
}

function readEscape(cursor: TomlCursor): string {
  const { text } = cursor
  const letter = text.charAt(cursor.at + 1)
  const known = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
  if (known !== undefined) {
    cursor.at += 2
    return known
  }
  const unicode = Object.hasOwn(unicodeEscapes, letter) ? unicodeEscapes[letter] : undefined
  if (letter === ' ' || letter === '\t') cursor.fail(`invalid escape: '\\${letter}'`)
  if (unicode === undefined) cursor.fail(`invalid escape in string '\\${letter === '' ? '\0' : letter}'`)
  const [length, word] = unicode
  const digits = text.slice(cursor.at + 2, cursor.at + 2 + length)
  if (!new RegExp(`^[0-9A-Fa-f]{${length}}$`).test(digits)) {
    cursor.fail(`expected ${word} hexadecimal digits after '\\${letter}', but got ${show(digits)} instead`)
  }
  const code = Number.parseInt(digits, 16)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    cursor.fail(`Escaped character '\\${letter}${digits}' is not valid UTF-8.`)
  }
  cursor.at += 2 + length
  return String.fromCodePoint(code)
}

function readLongString(cursor: TomlCursor, mark: string): string {
  const { text } = cursor
  let value = ''
  cursor.at += 3
  if (/\r?\n/y.test(text.slice(cursor.at, cursor.at + 2))) cursor.at += text.charAt(cursor.at) === '\r' ? 2 : 1
  for (;;) {
    if (cursor.at >= text.length) cursor.fail(`unexpected EOF; expected ${mark === '"' ? `'"""'` : `"'''"`}`)
    if (text.startsWith(mark.repeat(3), cursor.at)) {
      // One or two more marks before the closing three belong to the text.
      const marks = new RegExp(`${mark}+`, 'y')
      marks.lastIndex = cursor.at
      const count = marks.exec(text)?.[0].length ?? 3
      if (count > 5) cursor.fail(mark === '"' ? `unexpected '""""""'` : `unexpected "''''''"`)
      cursor.at += count
      return value + mark.repeat(count - 3)
    }
    const folded = mark === '"' ? /\\[ \t]*\r?\n\s*/y : undefined
    if (folded !== undefined) folded.lastIndex = cursor.at
    const [gap] = folded?.exec(text) ?? []
    if (gap !== undefined) cursor.at += gap.length
    else value += mark === '"' && text.charAt(cursor.at) === '\\' ? readEscape(cursor) : readPlain(cursor)
  }
}

/** A number or date that starts with a digit or sign. */
export function readNumber(cursor: TomlCursor): Value {
  const start = cursor.at
  const take = (pattern: RegExp): string => {
    const sticky = new RegExp(pattern, 'y')
    sticky.lastIndex = start
    const found = sticky.exec(cursor.text)?.[0] ?? ''
    cursor.at = start + found.length
    return found
  }
  const fail = (message: string): never => cursor.fail(message, start)
  if (/^[+-]/.test(cursor.text.charAt(start))) checkSigned(cursor)
  const date = take(/\d+[-:][-:TtZz .+\d]*/)
  if (date !== '') {
    cursor.at = start + date.trimEnd().length
    return parseTomlTime(date.trimEnd()) ?? fail(`invalid datetime: ${show(date.trimEnd())}`)
  }
  const based = take(/0(?:x[0-9A-Fa-f_]*|o[0-7_]*|b[01_]*)/)
  const float = based === '' ? take(/[+-]?[\d_]+(?:[.eE][\d_.eE+-]*)|[+-]?(?:inf|nan)/) : ''
  if (float !== '') return readFloat(float, fail)
  const digits = based === '' ? take(/[+-]?[\d_]+/) : take(/0[xob][0-9A-Fa-f_]*/)
  if (/__|_$|[xob]_/.test(digits)) fail(`Invalid integer ${show(digits)}: underscores must be surrounded by digits`)
  if (/^[+-]?0[\d_]/.test(digits)) fail(`Invalid integer ${show(digits)}: cannot have leading zeroes`)
  const value = parseGoInt(digits, 0)
  return typeof value === 'bigint' ? int64(value) : fail(`${digits} is out of range for int64`)
}

function checkSigned(cursor: TomlCursor): void {
  const rest = cursor.text.slice(cursor.at, cursor.at + 4)
  if (/^[+-](?:inf|nan|\d)/.test(rest) && !/^[+-]0[box]/.test(rest)) return
  if (/^[+-]0[box]/.test(rest)) cursor.fail(`cannot use sign with non-decimal numbers: '${rest.slice(0, 3)}'`)
  if (rest.charAt(1) === '.') cursor.fail("floats must start with a digit, not '.'")
  cursor.at++
  cursor.fail(`expected a digit but got ${showCharacter(cursor)}`)
}

function readFloat(text: string, fail: (message: string) => never): number {
  if (!/inf|nan/.test(text)) {
    const parts = text.split(/[.eE]/)
    const sound = parts.every((part) => part === '' || !/__|^[+-]?_|_$/.test(part))
    if (!sound) fail(`Invalid float ${show(text)}: underscores must be surrounded by digits`)
    if (/^[+-]?0\d/.test(text)) fail(`Invalid float ${show(text)}: cannot have leading zeroes`)
    if (/\.(?!\d)/.test(text)) fail(`Invalid float ${show(text)}: '.' must be followed by one or more digits`)
  }
  const value = parseGoFloat(text.replaceAll('_', ''))
  if (typeof value === 'number') return value
  return fail(
    value === 'value out of range' ? `${text} is out of range for float64` : `Invalid float value: ${show(text)}`,
  )
}
