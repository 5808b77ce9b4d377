// A bundle while it is made: every blob has its place from the start, so blobs arrive in any order and a run that was
// killed goes on where it was.
import { createHash } from 'node:crypto'
import { type Digest, digestHex } from '../../digest.ts'
import { ChartferryError, throwIfCancelled } from '../../errors.ts'
import type { ContentBody } from '../../oci/content/content.ts'
import type { Journal } from '../../oci/copy/journal.ts'
import type { BundleEntry } from './contents.ts'
import type { PartialParts } from './partial-parts.ts'
import { dataOffset, headerBytes, type PlacedFile, tarHeader } from './tar-form.ts'

export interface PartialFile {
  isWhole(digest: Digest): boolean
  /** Writes a blob of which whoever sends it has compared the digest. Its header is written last. */
  write(digest: Digest, body: ContentBody): Promise<void>
  /** Half-written blobs, as a copy looks for them. */
  readonly journal: Journal
}

const batchBytes = 512 << 10
const readBytes = 1 << 20
/** Below this a blob is fetched again rather than gone on with. */
const leastStaged = 1 << 20

/** Stands where the header will stand, while a blob has not arrived whole. */
const marker = (digest: Digest, bytes: number): Buffer => {
  const block = Buffer.alloc(headerBytes)
  block.write(`chartferry: ${digestHex(digest)} ${bytes}\n`, 'latin1')
  return block
}
const markerPattern = /^chartferry: ([0-9a-f]{64}) (\d+)\n/

/**
 * Takes up what an earlier run left in the files: whole blobs are read and compared, half ones are known by their
 * length.
 */
export async function openPartialFile(
  files: PartialParts,
  entries: readonly (BundleEntry & { readonly place: PlacedFile })[],
  signal: AbortSignal | undefined,
): Promise<PartialFile> {
  const places = new Map(entries.map(({ digest, place }) => [digest, place]))
  const whole = new Set<Digest>()
  const started = new Map<Digest, number>()
  for (const { digest, size, place } of entries) {
    throwIfCancelled(signal)
    const block = await files.read(place.offset, headerBytes)
    if (block.equals(tarHeader(place.path, size))) {
      if (await hasDigest(files, place, digest)) whole.add(digest)
      continue
    }
    const [, hex, count] = markerPattern.exec(block.toString('latin1', 0, 120)) ?? []
    if (hex === digestHex(digest)) started.set(digest, Math.min(size, Number(count)))
  }
  const placeOf = (digest: Digest): PlacedFile => {
    const place = places.get(digest)
    if (place === undefined) throw new Error(`${digest} has no place in the bundle`)
    return place
  }
  return {
    isWhole: (digest) => whole.has(digest),
    async write(digest, body) {
      const place = placeOf(digest)
      const begin = dataOffset(place)
      const before = started.get(digest) ?? 0
      let done = 0
      // Pieces that waited for their batch would outlive the collections of young objects, and stay until all is
      // collected.
      const batch = Buffer.allocUnsafeSlow(Math.min(batchBytes, place.size))
      let filled = 0
      const flush = async (): Promise<void> => {
        if (filled === 0) return
        // What an earlier run wrote is there already: it has just been read from there.
        if (done + filled > before) await files.write(begin + done, [batch.subarray(0, filled)])
        done += filled
        filled = 0
        if (place.size < leastStaged || done <= before) return
        await files.write(place.offset, [marker(digest, done)])
        started.set(digest, done)
      }
      for await (const piece of body instanceof Uint8Array ? [body] : body) {
        // A file may have grown since its digest was read.
        if (done + filled + piece.length > place.size)
          throw new ChartferryError('DIGEST_MISMATCH', `${digest}: more than its ${place.size} bytes came`)
        for (let at = 0; at < piece.length; ) {
          const part = piece.subarray(at, at + batch.length - filled)
          batch.set(part, filled)
          filled += part.length
          at += part.length
          if (filled === batch.length) await flush()
        }
      }
      await flush()
      await files.write(place.offset, [tarHeader(place.path, place.size)])
      whole.add(digest)
    },
    journal: {
      placesOf: () => [],
      add: async () => {},
      close: async () => {},
      staging: {
        leastSize: leastStaged,
        open: async (digest) => {
          const size = started.get(digest) ?? 0
          return {
            size,
            read: () => stored(files, placeOf(digest), size),
            append: async () => {},
            close: async () => {},
          }
        },
        remove: async (digest) => {
          started.delete(digest)
          if (!whole.has(digest)) await files.write(placeOf(digest).offset, [Buffer.alloc(headerBytes)])
        },
      },
    },
  }
}

async function* stored(files: PartialParts, place: PlacedFile, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += readBytes)
    yield await files.read(dataOffset(place) + at, Math.min(readBytes, size - at))
}

async function hasDigest(files: PartialParts, place: PlacedFile, digest: Digest): Promise<boolean> {
  const hash = createHash('sha256')
  for await (const piece of stored(files, place, place.size)) hash.update(piece)
  return `sha256:${hash.digest('hex')}` === digest
}
