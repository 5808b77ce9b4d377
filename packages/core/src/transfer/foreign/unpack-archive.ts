// Unpacks the archive of another tool into a folder: blobs of image layouts by their digest, all other files by their
// path.
import { createHash } from 'node:crypto'
import { chmod, mkdir, open, rm, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PassThrough, type Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { Digest } from '../../digest.ts'
import { ChartferryError, isChartferryError, messageOf } from '../../errors.ts'
import { safePath } from '../../helm/archive/entry.ts'
import { refuseLinks } from '../../helm/archive/read.ts'
import { streamTar, type TarHeader } from '../../helm/archive/tar.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import { openPartFiles, type PartFiles } from '../bundle/part-files.ts'

export interface UnpackOptions {
  readonly limits?: Limits
  readonly signal?: AbortSignal | undefined
  /** Bytes of the archive that were read, and all there are. */
  readonly onProgress?: (done: number, total: number) => void
}

/** What came out of an archive. */
export interface UnpackedArchive {
  /** The archive in words. */
  readonly name: string
  /** Where files lie by their path in the archive. */
  readonly folder: string
  /** Paths of all files but blobs, with `/`, without a `./` before them. */
  readonly files: readonly string[]
  /** Bytes of each blob. */
  readonly blobs: Map<Digest, number>
}

const pieceBytes = 1 << 20
const blob = /^(?:[^/]+\/(?:images|artifacts)\/.+\/)?blobs\/sha256\/([0-9a-f]{64})$/

/** Where a blob lies in the folder of an archive. */
export function blobPath(folder: string, digest: Digest): string {
  return join(folder, 'blobs', digest.slice('sha256:'.length))
}

/**
 * Unpacks a tar, compressed with gzip, with zstd or not at all, that may be cut into parts. Every blob is compared with
 * the digest in its name. Throws ARCHIVE_INVALID, ARCHIVE_TOO_LARGE, TOO_MANY_ENTRIES, PATH_UNSAFE, DIGEST_MISMATCH,
 * FILE_NOT_FOUND, STORE_UNAVAILABLE, CANCELLED.
 */
export async function unpackArchive(
  paths: readonly string[],
  folder: string,
  options: UnpackOptions = {},
): Promise<UnpackedArchive> {
  const { limits = defaultLimits, signal } = options
  const parts = await openPartFiles(paths)
  const read = { compressed: 0 }
  try {
    const decompress = await decompressorOf(parts)
    const unpacked: UnpackedArchive = { name: parts.name, folder, files: [], blobs: new Map() }
    const take = (chunks: AsyncIterable<Uint8Array>): Promise<UnpackedArchive> =>
      unpackEntries(bounded(chunks, read, parts.name, limits), unpacked, limits)
    return await pipeline(pieces(parts, read, options), decompress, take, signal ? { signal } : {})
  } catch (thrown) {
    throw failureOf(parts.name, thrown, signal)
  } finally {
    await parts.close()
  }
}

async function decompressorOf(parts: PartFiles): Promise<Transform> {
  const magic = (await parts.read(0, 4)).toString('hex')
  if (magic === '28b52ffd') return createZstdDecompress()
  return magic.startsWith('1f8b') ? createGunzip() : new PassThrough()
}

async function* pieces(
  parts: PartFiles,
  read: { compressed: number },
  { signal, onProgress }: UnpackOptions,
): AsyncGenerator<Uint8Array, void, void> {
  while (read.compressed < parts.size) {
    signal?.throwIfAborted()
    const piece = await parts.read(read.compressed, pieceBytes)
    if (piece.length === 0) return
    read.compressed += piece.length
    onProgress?.(read.compressed, parts.size)
    yield piece
  }
}

/** Refuses what unpacks to far more than it is. */
async function* bounded(
  chunks: AsyncIterable<Uint8Array>,
  read: { readonly compressed: number },
  name: string,
  { compressionRatio }: Limits,
): AsyncGenerator<Uint8Array, void, void> {
  let unpacked = 0
  for await (const chunk of chunks) {
    unpacked += chunk.length
    if (unpacked > pieceBytes && unpacked > read.compressed * compressionRatio)
      throw new ChartferryError('ARCHIVE_TOO_LARGE', `${name}: unpacks to more than ${compressionRatio} times its size`)
    yield chunk
  }
}

async function unpackEntries(
  stream: AsyncGenerator<Uint8Array, void, void>,
  unpacked: UnpackedArchive,
  limits: Limits,
): Promise<UnpackedArchive> {
  const { name, folder, blobs } = unpacked
  const files = new Set<string>()
  let entries = 0
  let left = limits.unpackedBytes
  const admit = (header: TarHeader): void => {
    refuseLinks(name, header)
    if (++entries > limits.layoutEntries)
      throw new ChartferryError('TOO_MANY_ENTRIES', `${name}: more than ${limits.layoutEntries} entries`)
    const isBlob = blob.test(pathOf(name, header))
    if (!isBlob) left -= header.size
    if (header.size > (isBlob ? limits.assetBytes : limits.contentsBytes) || left < 0)
      throw new ChartferryError('ARCHIVE_TOO_LARGE', `${name}: entry ${JSON.stringify(header.name)} is too large`)
  }
  for await (const { header, data } of streamTar(name, stream, admit)) {
    if (header.type === '5') continue
    const path = pathOf(name, header)
    const hex = blob.exec(path)?.[1]
    if (hex === undefined) {
      await writeFile(join(folder, 'files', path), data, header)
      files.add(path)
      continue
    }
    const digest: Digest = `sha256:${hex}`
    await writeBlob(blobPath(folder, digest), data, digest, `${name}: ${path}`)
    blobs.set(digest, header.size)
  }
  // Read to the end all the same: only there are length and checksum compared.
  for await (const _ of stream);
  return { ...unpacked, files: [...files] }
}

function pathOf(name: string, header: TarHeader): string {
  return safePath(name, header.name.replace(/^(?:\.\/)+(?=.)/, ''))
}

async function writeBlob(path: string, data: AsyncIterable<Uint8Array>, digest: Digest, what: string): Promise<void> {
  const hash = createHash('sha256')
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const piece of data) {
      hash.update(piece)
      yield piece
    }
  }
  await writePieces(path, hashed())
  const actual = `sha256:${hash.digest('hex')}`
  if (actual === digest) return
  await rm(path, { force: true })
  throw new ChartferryError('DIGEST_MISMATCH', `${what}: expected ${digest}, got ${actual}`)
}

/** A chart is packed from these: its bytes shall depend on the archive alone. */
async function writeFile(path: string, data: AsyncIterable<Uint8Array>, { mode, mtime }: TarHeader): Promise<void> {
  await writePieces(path, data)
  await chmod(path, (mode & 0o777) | 0o600)
  await utimes(path, mtime, mtime)
}

async function writePieces(path: string, data: AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, 'w')
  try {
    await file.writeFile(data)
  } finally {
    await file.close()
  }
}

/** The failure in our words: the decompressor's faults are the archive's, those of the disk are the folder's. */
function failureOf(name: string, thrown: unknown, signal: AbortSignal | undefined): unknown {
  if (isChartferryError(thrown)) return thrown
  if (signal?.aborted) return new ChartferryError('CANCELLED', `${name}: stopped on request`, { cause: thrown })
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
  if (/^(Z_|ZSTD_|ERR_)/.test(code))
    return new ChartferryError('ARCHIVE_INVALID', `${name}: it is cut off or damaged: ${messageOf(thrown)}`, {
      cause: thrown,
    })
  return new ChartferryError('STORE_UNAVAILABLE', `unpacking ${name}: ${messageOf(thrown)}`, { cause: thrown })
}
