// Base64 and base32 (Go's encoding packages).
import { bytesOf, textOfBytes } from '../template/bytes.ts'
import { define } from '../template/function.ts'
import { GoError, type GoFunction } from '../template/value.ts'

const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const base32Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** How a text in groups of digits is decoded. */
interface Scheme {
  readonly name: string
  readonly digits: string
  readonly bits: number
  /** Digits of a group. */
  readonly group: number
  /** The numbers of digits that a last group may have before its padding. */
  readonly partial: readonly number[]
}

const base64: Scheme = { name: 'base64', digits: base64Digits, bits: 6, group: 4, partial: [2, 3] }
const base32: Scheme = { name: 'base32', digits: base32Digits, bits: 5, group: 8, partial: [2, 4, 5, 7] }

/** The bytes of base64 text. Throws GoError `illegal base64 data at input byte 4`. */
export function decodeBase64(text: string): Uint8Array {
  return decode(text, base64)
}

function decode(text: string, scheme: Scheme): Uint8Array {
  // Line breaks are passed over, and count in the place that an error names.
  const input = Array.from(bytesOf(text), (byte, at) => ({ byte, at })).filter(({ byte }) => byte !== 10 && byte !== 13)
  const fail = (at: number): GoError => new GoError(`illegal ${scheme.name} data at input byte ${at}`)
  const end = bytesOf(text).length
  const out: number[] = []
  let buffer = 0
  let held = 0
  let digits = 0
  for (let index = 0; index < input.length; index++) {
    const { byte, at } = input[index] as { byte: number; at: number }
    const digit = scheme.digits.indexOf(String.fromCharCode(byte))
    if (digit < 0) {
      if (byte !== 61) throw fail(at)
      checkPadding(input, index, digits, end, scheme, fail)
      digits = 0
      break
    }
    buffer = ((buffer << scheme.bits) | digit) & 0xfff
    held += scheme.bits
    digits = (digits + 1) % scheme.group
    if (held >= 8) {
      held -= 8
      out.push((buffer >> held) & 0xff)
    }
  }
  if (digits !== 0) throw fail(end - (scheme.name === 'base64' ? digits : 0))
  return Uint8Array.from(out)
}

/** Only padding may follow, exactly as much as the group lacks. */
function checkPadding(
  input: readonly { byte: number; at: number }[],
  index: number,
  digits: number,
  end: number,
  scheme: Scheme,
  fail: (at: number) => GoError,
): void {
  const at = (place: number): number => input[place]?.at ?? end
  if (!scheme.partial.includes(digits)) throw fail(at(index))
  const missing = scheme.group - digits
  for (let place = index + 1; place < index + missing; place++) {
    if (input[place]?.byte !== 61) throw fail(input[place] === undefined ? end : at(place) - 1 + 1)
  }
  if (input[index + missing] !== undefined) throw fail(at(index + missing))
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
function decodedText(text: string, scheme: Scheme): string {
  try {
    return textOfBytes(decode(text, scheme))
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

/** The functions of this family. */
export const encodingFunctions: readonly GoFunction[] = [
  define('b64enc', ['string'], (text) => Buffer.from(bytesOf(text)).toString('base64')),
  define('b64dec', ['string'], (text) => decodedText(text, base64)),
  define('b32enc', ['string'], (text) => encodeBase32(bytesOf(text))),
  define('b32dec', ['string'], (text) => decodedText(text, base32)),
]
