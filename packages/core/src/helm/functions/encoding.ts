// Base64 and base32 (Go's encoding packages).
import { bytesOf, textOfBytes } from '../template/bytes.ts'
import { define } from '../template/function.ts'
import { GoError, type GoFunction } from '../template/value.ts'

const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const base32Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** A digit with its place in the text; line breaks, which are passed over, count in it. */
interface Digit {
  readonly character: string
  readonly at: number
}

function digitsOf(text: string): Digit[] {
  const all = Array.from(bytesOf(text), (byte, at) => ({ character: String.fromCharCode(byte), at }))
  return all.filter(({ character }) => character !== '\n' && character !== '\r')
}

/** The bytes of base64 text. Throws GoError `illegal base64 data at input byte 4`. */
export function decodeBase64(text: string): Uint8Array {
  const digits = digitsOf(text)
  const end = bytesOf(text).length
  const fail = (at: number): GoError => new GoError(`illegal base64 data at input byte ${at}`)
  const values: number[] = []
  for (const [index, { character, at }] of digits.entries()) {
    const value = base64Digits.indexOf(character)
    if (value >= 0) {
      values.push(value)
      continue
    }
    const held = values.length % 4
    if (character !== '=' || held < 2) throw fail(at)
    // Only padding may follow, exactly as much as the group lacks.
    if (held === 2 && digits[index + 1]?.character !== '=') throw fail(digits[index + 1]?.at ?? end)
    const rest = digits[index + (held === 2 ? 2 : 1)]
    if (rest !== undefined) throw fail(rest.at)
    return packed(values, 6)
  }
  if (values.length % 4 !== 0) throw fail(end - (values.length % 4))
  return packed(values, 6)
}

function decodeBase32(text: string): Uint8Array {
  const digits = digitsOf(text).map(({ character }) => character)
  const fail = (at: number): GoError => new GoError(`illegal base32 data at input byte ${at}`)
  const values: number[] = []
  for (const [index, character] of digits.entries()) {
    const held = values.length % 8
    const left = digits.length - index - 1
    if (character === '=' && held >= 2 && left < 8) {
      if (left + held < 7) throw fail(digits.length)
      const wrong = digits.slice(index + 1, index + 8 - held).findIndex((other) => other !== '=')
      if (wrong >= 0) throw fail(index + wrong)
      if (held === 3 || held === 6) throw fail(index)
      return packed(values, 5)
    }
    const value = base32Digits.indexOf(character)
    if (value < 0) throw fail(index)
    values.push(value)
  }
  if (values.length % 8 !== 0) throw fail(digits.length - (values.length % 8))
  return packed(values, 5)
}

/** Values of so many bits put together to bytes; bits that fill none are dropped. */
function packed(values: readonly number[], bits: number): Uint8Array {
  const out: number[] = []
  let buffer = 0
  let held = 0
  for (const value of values) {
    buffer = ((buffer << bits) | value) & 0xfff
    held += bits
    if (held >= 8) {
      held -= 8
      out.push((buffer >> held) & 0xff)
    }
  }
  return Uint8Array.from(out)
}

/** Base32 with padding. */
function encodeBase32(bytes: Uint8Array): string {
  let text = ''
  let buffer = 0
  let held = 0
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffff
    held += 8
    while (held >= 5) {
      held -= 5
      text += base32Digits[(buffer >> held) & 31]
    }
  }
  if (held > 0) text += base32Digits[(buffer << (5 - held)) & 31]
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=')
}

/** A decoded text, or what is wrong with it, which sprig gives in its place. */
function decodedText(text: string, decode: (text: string) => Uint8Array): string {
  try {
    return textOfBytes(decode(text))
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

/** The functions of this family. */
export const encodingFunctions: readonly GoFunction[] = [
  define('b64enc', ['string'], (text) => Buffer.from(bytesOf(text)).toString('base64')),
  define('b64dec', ['string'], (text) => decodedText(text, decodeBase64)),
  define('b32enc', ['string'], (text) => encodeBase32(bytesOf(text))),
  define('b32dec', ['string'], (text) => decodedText(text, decodeBase32)),
]
