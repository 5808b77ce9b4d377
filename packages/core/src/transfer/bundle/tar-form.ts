// The one form that a bundle's tar has: ustar headers with nothing in them but name and size, so that the same content
// is the same bytes.
import { type Digest, digestHex } from '../../digest.ts'

const blockBytes = 512
/** Two empty blocks. */
export const endBytes: number = 2 * blockBytes
export const headerBytes: number = blockBytes
/** What eleven octal digits can say; above it the binary form of GNU tar is used, which every tar reads. */
const largestOctal = 0o77777777777

/** The path of a blob in a layout. */
export function blobPath(digest: Digest): string {
  return `blobs/sha256/${digestHex(digest)}`
}

/** The header of a file. The path must be plain ASCII of at most 100 characters. */
export function tarHeader(path: string, size: number): Buffer {
  const header = Buffer.alloc(blockBytes)
  header.write(path, 0, 100, 'latin1')
  header.write('0000644\0' + '0000000\0' + '0000000\0', 100, 'latin1')
  if (size <= largestOctal) header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1')
  else {
    header[124] = 0x80
    header.writeUIntBE(size, 130, 6)
  }
  header.write('00000000000\0' + '        ' + '0', 136, 'latin1')
  header.write('ustar\0' + '00', 257, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

/** Path and size of a header in this form; undefined for any other block. */
export function readTarHeader(header: Uint8Array): { readonly path: string; readonly size: number } | undefined {
  const block = Buffer.from(header.buffer, header.byteOffset, header.byteLength)
  if (block.length < blockBytes) return undefined
  const path = block.toString('latin1', 0, 100).replace(/\0+$/, '')
  const size = block[124] === 0x80 ? block.readUIntBE(130, 6) : Number.parseInt(block.toString('latin1', 124, 135), 8)
  return Number.isSafeInteger(size) && tarHeader(path, size).equals(block) ? { path, size } : undefined
}

/** A file of a tar, and where its header stands. */
export interface PlacedFile {
  readonly path: string
  readonly size: number
  /** Of the header; the data begin a block later. */
  readonly offset: number
}

/** Where the data of a file begin. */
export function dataOffset({ offset }: PlacedFile): number {
  return offset + blockBytes
}

/** Where the next header stands. */
export function nextOffset({ offset, size }: Pick<PlacedFile, 'offset' | 'size'>): number {
  return offset + blockBytes + Math.ceil(size / blockBytes) * blockBytes
}

/** The places of files that follow each other from an offset on. */
export function placeFiles(
  files: readonly { readonly path: string; readonly size: number }[],
  start = 0,
): readonly PlacedFile[] {
  let offset = start
  return files.map(({ path, size }) => {
    const placed = { path, size, offset }
    offset = nextOffset(placed)
    return placed
  })
}
