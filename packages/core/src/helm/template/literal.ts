// Literals of templates: Go's numbers and quoted strings.
import { textOfBytes } from './bytes.ts'
import { GoError } from './value.ts'

/** A number as Go reads it: an int where it is one, also `1e3` and `2.0`, and always a float. */
export interface NumberLiteral {
  readonly int: bigint | undefined
  readonly float: number
}

const maxInt = 2n ** 63n - 1n
const maxUint = 2n ** 64n - 1n
const integer = /^[+-]?(?:0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?[0-7])*|[1-9](?:_?\d)*)$/
const float = /^[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?$/
const hexFloat = /^([+-]?)0[xX]([\da-fA-F_]*)\.?([\da-fA-F_]*)[pP]([+-]?\d+)$/

/** Reads a number. Throws GoError `illegal number syntax: "0x"`, `integer overflow: "9999999999999999999999"`. */
export function parseNumber(text: string): NumberLiteral {
  if (integer.test(text)) {
    const value = parseInteger(text)
    if (value <= maxInt && value >= -maxInt - 1n) return { int: value, float: Number(value) }
    if (value <= maxUint && value > 0n && !text.startsWith('+')) return { int: undefined, float: Number(value) }
  }
  const value = parseFloatLiteral(text)
  if (value === undefined || !Number.isFinite(value))
    throw new GoError(`illegal number syntax: ${JSON.stringify(text)}`)
  if (!/[.eEpP]/.test(text)) throw new GoError(`integer overflow: ${JSON.stringify(text)}`)
  const isInteger = Number.isInteger(value) && Math.abs(value) < 2 ** 63
  return { int: isInteger ? BigInt(value) : undefined, float: value }
}

/** An integer of any radix, with underscores; the text matches `integer`. */
function parseInteger(text: string): bigint {
  const negative = text.startsWith('-')
  const digits = text.replace(/^[+-]/, '').replaceAll('_', '')
  const value = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits.toLowerCase())
  return negative ? -value : value
}

function parseFloatLiteral(text: string): number | undefined {
  const hex = hexFloat.exec(text)
  if (hex !== null) {
    const [, sign, whole = '', fraction = '', exponent] = hex
    const digits = (whole + fraction).replaceAll('_', '')
    const scale = Number(exponent) - 4 * fraction.replaceAll('_', '').length
    return (sign === '-' ? -1 : 1) * Number(BigInt(`0x${digits || '0'}`)) * 2 ** scale
  }
  // Go's ParseFloat takes underscores only with a base prefix.
  return float.test(text) && !text.includes('_') ? Number(text) : undefined
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
}
const escapeSequence = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"]))/y

/** A string literal without its quotes (strconv.Unquote). Throws GoError `invalid syntax`. */
export function unquote(spelling: string): string {
  const mark = spelling[0] as string
  const body = spelling.slice(1, -1)
  if (mark === '`') return body.replaceAll('\r', '')
  if (!body.includes('\\')) return body
  let text = ''
  let bytes: number[] = []
  const flush = (): void => {
    if (bytes.length > 0) text += textOfBytes(Uint8Array.from(bytes))
    bytes = []
  }
  for (let at = 0; at < body.length; ) {
    if (body[at] !== '\\') {
      flush()
      text += body[at++]
      continue
    }
    escapeSequence.lastIndex = at
    const found = escapeSequence.exec(body)
    if (found === null) throw new GoError('invalid syntax')
    at += found[0].length
    const [, byte, unicode, long, octal, simple] = found
    if (byte !== undefined) bytes.push(Number.parseInt(byte, 16))
    else if (octal !== undefined) bytes.push(octalByte(octal))
    else {
      flush()
      text += simple === undefined ? codePoint((unicode ?? long) as string) : escapedCharacter(simple, mark)
    }
  }
  flush()
  return text
}

function escapedCharacter(letter: string, mark: string): string {
  if ((letter === "'" || letter === '"') && letter !== mark) throw new GoError('invalid syntax')
  return simpleEscapes[letter] as string
}

function octalByte(digits: string): number {
  const byte = Number.parseInt(digits, 8)
  if (byte > 255) throw new GoError('invalid syntax')
  return byte
}

function codePoint(digits: string): string {
  const code = Number.parseInt(digits, 16)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new GoError('invalid syntax')
  return String.fromCodePoint(code)
}
