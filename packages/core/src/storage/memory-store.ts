// A blob store in memory: for tests, and for servers that may forget.
import { Readable } from 'node:stream'
import { checkDigest, digestOf } from '../digest.ts'
import { type BlobBody, type BlobStore, checkKey, checkRange } from './blob-store.ts'

interface Held {
  readonly bytes: Buffer
  readonly modified: number
}

/** Opens an empty store. `now` gives milliseconds since 1970; default: the clock. */
export function openMemoryStore({ now = Date.now }: { readonly now?: () => number } = {}): BlobStore {
  const blobs = new Map<string, Held>()
  const read = (key: string): Buffer | undefined => {
    checkKey(key)
    return blobs.get(key)?.bytes
  }
  return {
    stat: async (key) => {
      checkKey(key)
      const held = blobs.get(key)
      return held === undefined ? undefined : { size: held.bytes.length, modified: held.modified }
    },
    get: async (key, { range } = {}) => {
      const bytes = read(key)
      if (bytes === undefined) return undefined
      if (range !== undefined) checkRange(range, bytes.length)
      const part = range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)
      return { size: bytes.length, body: Readable.from(part.length === 0 ? [] : [part]) }
    },
    put: async (key, body, { digest } = {}) => {
      checkKey(key)
      const bytes = await collect(body)
      if (digest !== undefined) checkDigest(key, bytes, digest)
      blobs.set(key, { bytes, modified: now() })
      return { size: bytes.length, digest: digestOf(bytes) }
    },
    create: async (key, body) => {
      checkKey(key)
      const bytes = await collect(body)
      if (blobs.has(key)) return false
      blobs.set(key, { bytes, modified: now() })
      return true
    },
    delete: async (key) => {
      checkKey(key)
      blobs.delete(key)
    },
    async *list(prefix, { after = '' } = {}) {
      for (const key of [...blobs.keys()].sort()) if (key.startsWith(prefix) && key > after) yield key
    },
  }
}

async function collect(body: BlobBody): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body)
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}
