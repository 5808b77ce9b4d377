// Reads a tar as Go's archive/tar does, since that is what Helm sees of a chart archive: it ends at the first two
// empty blocks, whatever stands behind them, and headers older than ustar are read too. (tar-stream reads on behind
// the end and refuses the old headers, so a chart could show it other files than it shows Helm.)
import { ChartferryError } from '../../errors.ts'

/** The header of an entry, extended names resolved. */
export interface TarHeader {
  /** As the tar spells it; a NUL can only come from a pax record. */
  readonly name: string
  /** The type flag, `0` for a file and `5` for a folder whatever the tar's age. */
  readonly type: string
  /** Permission bits. */
  readonly mode: number
  /** Seconds since 1970, never negative. */
  readonly mtime: number
  /** Bytes of data that follow; 0 for anything but a file. */
  readonly size: number
}

/** An entry with its data. */
export interface TarItem {
  readonly header: TarHeader
  readonly data: Uint8Array
}

/** An entry whose data come as they are read; what nobody has read is skipped when the next entry is asked for. */
export interface TarStreamItem {
  readonly header: TarHeader
  readonly data: AsyncIterable<Uint8Array>
}

const blockBytes = 512
/** A long name or a set of pax records above this is no honest one. */
const extensionBytes = 1024 * 1024

function invalid(where: string, why: string): ChartferryError {
  return new ChartferryError('ARCHIVE_INVALID', `${where}: ${why}`)
}

interface ByteReader {
  /** The next bytes as they came, at most so many; none at the end. */
  readonly some: (most: number) => Promise<Uint8Array>
  /** The next bytes, fewer than asked only at the end. */
  readonly take: (size: number) => Promise<Uint8Array>
}

function byteReader(chunks: AsyncIterator<Uint8Array>): ByteReader {
  let chunk: Uint8Array = new Uint8Array()
  const some = async (most: number): Promise<Uint8Array> => {
    while (chunk.length === 0) {
      const next = await chunks.next()
      if (next.done) return chunk
      chunk = next.value
    }
    const part = chunk.subarray(0, most)
    chunk = chunk.subarray(part.length)
    return part
  }
  return {
    some,
    async take(size) {
      const taken = new Uint8Array(size)
      for (let filled = 0; filled < size; ) {
        const part = await some(size - filled)
        if (part.length === 0) return taken.subarray(0, filled)
        taken.set(part, filled)
        filled += part.length
      }
      return taken
    },
  }
}

function textOf(field: Uint8Array): string {
  const end = field.indexOf(0)
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('utf8')
}

/** Octal digits between spaces and NULs, or the base-256 form of GNU tar; NaN where it is neither. */
function numberOf(field: Uint8Array): number {
  const [first = 0] = field
  if (first === 0xff) return -1
  if (first & 0x80) return field.subarray(1).reduce((value, byte) => value * 256 + byte, first & 0x7f)
  const text = Buffer.from(field)
    .toString('latin1')
    .replace(/^[\0 ]+/, '')
  const digits = textOf(Buffer.from(text, 'latin1')).trimEnd()
  return digits === '' ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN
}

function checksumHolds(block: Uint8Array): boolean {
  const expected = numberOf(block.subarray(148, 156))
  let unsigned = 0
  let signed = 0
  for (let index = 0; index < blockBytes; index++) {
    const byte = index >= 148 && index < 156 ? 32 : (block[index] ?? 0)
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  // Some old writers summed signed bytes.
  return expected === unsigned || expected === signed
}

function decodeHeader(where: string, block: Uint8Array): TarHeader {
  if (!checksumHolds(block)) throw invalid(where, 'a tar header has a wrong checksum')
  const mode = numberOf(block.subarray(100, 108))
  const size = numberOf(block.subarray(124, 136))
  const mtime = numberOf(block.subarray(136, 148))
  if (!(size >= 0) || !(mode >= 0) || Number.isNaN(mtime)) throw invalid(where, 'a tar header holds a wrong number')
  const posix = textOf(block.subarray(257, 263)) === 'ustar'
  const prefix = posix ? textOf(block.subarray(345, 500)) : ''
  const name = textOf(block.subarray(0, 100))
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: String.fromCharCode(block[156] || 48),
    mode: mode & 0o7777,
    mtime: Math.max(0, mtime),
    size,
  }
}

/** The records of a pax header: `length key=value\n`, the length counting the whole record (POSIX.1-2001, pax). */
function parsePax(where: string, data: Uint8Array): Map<string, string> {
  const records = new Map<string, string>()
  const bytes = Buffer.from(data)
  for (let start = 0; start < bytes.length; ) {
    const space = bytes.indexOf(' ', start)
    const end = start + Number(bytes.toString('latin1', start, Math.max(start, space)))
    const equals = bytes.indexOf('=', space)
    if (!(space > start && equals > space && end > equals && end <= bytes.length && bytes[end - 1] === 10)) {
      throw invalid(where, 'a pax header is malformed')
    }
    records.set(bytes.toString('utf8', space + 1, equals), bytes.toString('utf8', equals + 1, end - 1))
    start = end
  }
  return records
}

function extend(where: string, header: TarHeader, pax: ReadonlyMap<string, string>, longName: string): TarHeader {
  const name = longName || pax.get('path') || header.name
  const size = pax.has('size') ? Number(pax.get('size')) : header.size
  if (!Number.isSafeInteger(size) || size < 0) throw invalid(where, 'a pax header holds a wrong size')
  if ([...pax.keys()].some((key) => key.startsWith('GNU.sparse.'))) {
    throw invalid(where, `entry ${JSON.stringify(name)} is a sparse file`)
  }
  const type = header.type === '0' && name.endsWith('/') ? '5' : header.type
  return { ...header, name, type, size: type === '0' || type === '7' ? size : 0 }
}

/**
 * Yields the entries of an uncompressed tar up to its end mark; the stream is left where that was found. `admit` sees
 * each header before its data are read and throws to refuse it. Throws ARCHIVE_INVALID, with `where` before the
 * message, for a tar that is cut off or malformed.
 */
export async function* readTar(
  where: string,
  chunks: AsyncIterator<Uint8Array>,
  admit: (header: TarHeader) => void,
): AsyncGenerator<TarItem, void, void> {
  for await (const { header, data } of streamTar(where, chunks, admit)) {
    const bytes = new Uint8Array(header.size)
    let filled = 0
    for await (const piece of data) {
      bytes.set(piece, filled)
      filled += piece.length
    }
    yield { header, data: bytes }
  }
}

/** Yields the entries as `readTar` does, with their data as a stream. Throws as it does. */
export async function* streamTar(
  where: string,
  chunks: AsyncIterator<Uint8Array>,
  admit: (header: TarHeader) => void,
): AsyncGenerator<TarStreamItem, void, void> {
  const { some, take } = byteReader(chunks)
  const cutOff = (): ChartferryError => invalid(where, 'the tar ends in the middle of an entry')
  const takeAll = async (size: number): Promise<Uint8Array> => {
    const bytes = await take(size)
    if (bytes.length < size) throw cutOff()
    return bytes
  }
  const skipPadding = (size: number): Promise<Uint8Array> => takeAll((blockBytes - (size % blockBytes)) % blockBytes)
  let pax: ReadonlyMap<string, string> = new Map()
  let longName = ''
  for (;;) {
    const block = await take(blockBytes)
    if (block.length === 0) return
    if (block.every((byte) => byte === 0)) {
      const next = await take(blockBytes)
      if (next.every((byte) => byte === 0)) return
      throw invalid(where, 'an empty block stands between the entries of the tar')
    }
    if (block.length < blockBytes) throw invalid(where, 'the tar ends in the middle of a header')
    const header = decodeHeader(where, block)
    if ('xgLK'.includes(header.type)) {
      if (header.size > extensionBytes) throw invalid(where, 'an extended header is larger than a mebibyte')
      const data = await takeAll(header.size)
      await skipPadding(header.size)
      if (header.type === 'x') pax = parsePax(where, data)
      if (header.type === 'L') longName = textOf(data)
      continue
    }
    const entry = extend(where, header, pax, longName)
    admit(entry)
    let left = entry.size
    const rest = async function* (): AsyncGenerator<Uint8Array, void, void> {
      while (left > 0) {
        const piece = await some(left)
        if (piece.length === 0) throw cutOff()
        left -= piece.length
        yield piece
      }
    }
    yield { header: entry, data: rest() }
    for await (const _ of rest());
    await skipPadding(entry.size)
    pax = new Map()
    longName = ''
  }
}
