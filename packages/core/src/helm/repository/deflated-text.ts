// Text that is kept compressed, in parts that make one gzip stream in any order (RFC 1951, 3.2.4: each part ends at a
// whole byte and refers to nothing before it; RFC 1952 for what stands around them).
import { constants, crc32, deflateRawSync, inflateRawSync } from 'node:zlib'

export interface DeflatedText {
  readonly bytes: Buffer
  /** Bytes of the text. */
  readonly size: number
  /** CRC-32 of the text. */
  readonly crc: number
}

/** Compresses a text. Many small ones are compressed worse than a large one. */
export function deflateText(text: string | Buffer): DeflatedText {
  const plain = typeof text === 'string' ? Buffer.from(text) : text
  const bytes = deflateRawSync(plain, { finishFlush: constants.Z_SYNC_FLUSH })
  return { bytes, size: plain.length, crc: crc32(plain) }
}

/** The text of a part. Throws an error of zlib for bytes that are none. */
export function inflateText({ bytes, size }: Pick<DeflatedText, 'bytes' | 'size'>): Buffer {
  return inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: Math.max(1, size) })
}

/** Size and CRC-32 of texts, one behind the other. */
export interface TextSum {
  readonly size: number
  readonly crc: number
}

export const noText: TextSum = { size: 0, crc: 0 }

/** The sum of a text and of another one behind it, without either of them. */
export function addText(before: TextSum, behind: TextSum): TextSum {
  const crc = (multiply(shift(behind.size), before.crc) ^ behind.crc) >>> 0
  return { size: before.size + behind.size, crc }
}

/** What a gzip stream begins with: no name, no time, no system. */
export const gzipHead: Buffer = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])

/** What it ends with: an empty last block, and the sum of all its parts. */
export function gzipTail({ size, crc }: TextSum): Buffer {
  const tail = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  tail.writeUInt32LE(crc, 2)
  tail.writeUInt32LE(size % 2 ** 32, 6)
  return tail
}

// A CRC is a polynomial over GF(2), lowest bit highest; what stands behind a text multiplies its CRC by a power of x
// (zlib's `crc32_combine` does the same).
const polynomial = 0xedb88320

function multiply(a: number, b: number): number {
  let product = 0
  let factor = b
  for (let bit = 0x80000000; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= factor
    factor = (factor & 1) !== 0 ? (factor >>> 1) ^ polynomial : factor >>> 1
  }
  return product >>> 0
}

/** x to the power of 2 to the power of the place. */
const powers: readonly number[] = (() => {
  const all = [0x40000000]
  while (all.length < 32) all.push(multiply(all.at(-1) ?? 0, all.at(-1) ?? 0))
  return all
})()

/** x to the power of the bits of so many bytes. */
function shift(bytes: number): number {
  let product = 0x80000000
  for (let left = bytes, place = 3; left > 0; left = Math.floor(left / 2), place++) {
    if (left % 2 === 1) product = multiply(powers[place % 32] ?? 0, product)
  }
  return product
}
