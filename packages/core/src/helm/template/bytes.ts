// Strings seen as Go sees them, as UTF-8 bytes; bytes that are no UTF-8 survive as lone surrogates.
import { bare, slice } from './text.ts'
import type { Text } from './value.ts'

// A byte that stands alone is U+DC00 plus its value.
const strayBytes = 0xdc00
const stray = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const ascii = /^\p{ASCII}*$/u

/** The bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  if (!stray.test(text)) return Buffer.from(text, 'utf8')
  const parts: Buffer[] = []
  let done = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit >= 0xd800 && unit < 0xdc00 && isLow(text.charCodeAt(at + 1))) at++
    else if (unit >= strayBytes + 0x80 && unit <= strayBytes + 0xff) {
      parts.push(Buffer.from(text.slice(done, at), 'utf8'), Buffer.of(unit - strayBytes))
      done = at + 1
    }
  }
  parts.push(Buffer.from(text.slice(done), 'utf8'))
  return Buffer.concat(parts)
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}

/** The text of bytes; never fails. */
export function textOfBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    return decodeLoosely(bytes)
  }
}

function decodeLoosely(bytes: Uint8Array): string {
  // A character has at most as many units as bytes.
  const units = Buffer.allocUnsafe(2 * bytes.length)
  let count = 0
  const add = (unit: number): void => {
    units.writeUInt16LE(unit, 2 * count++)
  }
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] as number
    const length = sequenceLength(bytes, at)
    if (length === 0) add(strayBytes + first)
    else if (length === 1) add(first)
    else {
      let code = first & (0xff >> (length + 1))
      for (let next = at + 1; next < at + length; next++) code = (code << 6) | ((bytes[next] as number) & 0x3f)
      if (code < 0x10000) add(code)
      else {
        add(0xd800 + ((code - 0x10000) >> 10))
        add(0xdc00 + ((code - 0x10000) & 0x3ff))
      }
    }
    at += Math.max(length, 1)
  }
  return units.toString('utf16le', 0, 2 * count)
}

/** How many bytes make a character here; 0 when they are no UTF-8 (Unicode, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first < 0x80) return 1
  const length = first > 0xf4 ? 0 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  if (length === 0 || at + length > bytes.length) return 0
  // The second byte keeps out what is too long, surrogates, and what lies beyond U+10FFFF.
  const second = bytes[at + 1] as number
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  if (second < low || second > high) return 0
  for (let next = at + 2; next < at + length; next++) if (((bytes[next] as number) & 0xc0) !== 0x80) return 0
  return length
}

/** Go's `len` of a string. */
export function byteLength(text: Text): number {
  const subject = bare(text)
  return ascii.test(subject) ? subject.length : bytesOf(subject).length
}

/** Go's `text[start:end]`, in bytes; may cut through a character. */
export function byteSlice(text: Text, start: number, end: number = byteLength(text)): Text {
  const subject = bare(text)
  if (ascii.test(subject)) return slice(text, start, end)
  const bytes = bytesOf(subject)
  const cut = textOfBytes(bytes.subarray(start, end))
  const before = textOfBytes(bytes.subarray(0, start))
  // Where no character is cut the spans can be kept.
  return subject.startsWith(cut, before.length) && subject.startsWith(before)
    ? slice(text, before.length, before.length + cut.length)
    : cut
}
