// Archives and provenance files that were fetched once: the bytes by digest, and for each path of a repository which
// bytes it means.

import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { ChartferryError, type Digest, digestOf } from '@chartferry/core'
import { digestHex, readBlob } from '@chartferry/core/internal'
import type { BlobBody, BlobStore, ByteRange } from '@chartferry/core/transfer'
import { LRUCache } from 'lru-cache'
import { readRecord, recordBytes } from './json-record.ts'

/** A file that can be served: its bytes are on our side and were checked. */
export interface StoredFile {
  readonly size: number
  readonly digest: Digest
  /** Undefined when the bytes have gone since. */
  open(range?: ByteRange): Promise<Readable | Buffer | undefined>
}

/** What is known of a stored file. */
export interface FileRecord {
  readonly path: string
  readonly key: string
  readonly digest: Digest
  readonly size: number
  /** Milliseconds since 1970, to a day: when it was asked for last. */
  readonly usedAt: number
  /** Whether it stays, whatever room it takes. */
  readonly pinned?: boolean
}

export interface ArchiveCache {
  /** Undefined when nothing was stored for the path. */
  find(repository: string, path: string): Promise<StoredFile | undefined>
  /** Stores a file. With a digest the bytes must have it: DIGEST_MISMATCH, and nothing is stored. */
  put(repository: string, path: string, body: BlobBody, digest: Digest | undefined): Promise<StoredFile>
  /** Makes a stored file stay for good; false when there is none. */
  pin(repository: string, path: string): Promise<boolean>
}

export interface ArchiveCacheOptions {
  /** Bytes of small files that were asked for lately and are held in memory besides. */
  readonly memory: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Told the size of each file that was stored. Default: nobody. */
  readonly onStored?: ((bytes: number) => void) | undefined
}

const day = 86_400_000

/** Whether a key is that of a `FileRecord`. */
export function isFileRecord(key: string): boolean {
  return /^proxy\/[^/]+\/files\/[0-9a-f]{64}\.json$/.test(key)
}

/** The key of bytes that are known by their digest alone; repositories share it. */
export function blobKey(digest: Digest): string {
  const hex = digestHex(digest)
  return `sha256/${hex.slice(0, 2)}/${hex}`
}

/** A file of a store by its key. */
export function storedFile(store: BlobStore, key: string, size: number, digest: Digest): StoredFile {
  return {
    size,
    digest,
    open: async (range) => (await store.get(key, range === undefined ? {} : { range }))?.body,
  }
}

/** The whole of a file that is known to be small. Throws STORE_UNAVAILABLE. */
export async function storedBytes(file: StoredFile): Promise<Buffer> {
  const body = await file.open()
  if (body === undefined) throw new ChartferryError('STORE_UNAVAILABLE', 'the bytes have just been removed')
  return Buffer.isBuffer(body) ? body : Buffer.concat(await body.toArray())
}

/** Files up to so many bytes are held in memory. */
const small = 256 * 1024

interface CachedFile {
  readonly record: FileRecord
  readonly bytes: Buffer
}

/** Opens the cache on a store. The record is written after the bytes; bytes without a record are fetched again. */
export function archiveCache(store: BlobStore, { memory, now, onStored }: ArchiveCacheOptions): ArchiveCache {
  const cached = new LRUCache<string, CachedFile>({ maxSize: Math.max(1, memory) })
  // File names of upstreams hold what keys must not, so a path is known by its digest.
  const placeOf = (repository: string, path: string): string => `proxy/${repository}/files/${digestHex(digestOf(path))}`
  const write = (repository: string, record: FileRecord): Promise<unknown> =>
    store.put(`${placeOf(repository, record.path)}.json`, recordBytes(record))

  /** Notes that a file is asked for, once a day. */
  async function touched(repository: string, record: FileRecord): Promise<FileRecord> {
    // A record of an earlier version has no such time.
    if (now() - (record.usedAt ?? 0) < day) return record
    const used = { ...record, usedAt: now() }
    await write(repository, used)
    return used
  }

  return {
    find: async (repository, path) => {
      const name = `${repository}/${path}`
      const known = cached.get(name)
      if (known !== undefined && now() - known.record.usedAt < day) return cachedFile(known)
      const found = await readRecord<FileRecord>(store, `${placeOf(repository, path)}.json`)
      if (found === undefined) return undefined
      if (found.size <= small) {
        const bytes = await readBlob(store, found.key)
        if (bytes?.length !== found.size) return undefined
        const record = await touched(repository, found)
        cached.set(name, { record, bytes }, { size: bytes.length + 1000 })
        return cachedFile({ record, bytes })
      }
      if ((await store.stat(found.key))?.size !== found.size) return undefined
      const record = await touched(repository, found)
      return storedFile(store, record.key, record.size, record.digest)
    },
    put: async (repository, path, body, digest) => {
      const place = placeOf(repository, path)
      // Apart from what was pushed: eviction must never meet it.
      // And what lies under a key never changes: who has begun to read, or has inspected it, goes on with just that.
      const key = digest === undefined ? `${place}-${randomUUID().slice(0, 8)}.bytes` : `pulled/${blobKey(digest)}`
      const written = await store.put(key, body, digest === undefined ? {} : { digest })
      await write(repository, { path, key, ...written, usedAt: now() })
      onStored?.(written.size)
      return storedFile(store, key, written.size, written.digest)
    },
    pin: async (repository, path) => {
      const record = await readRecord<FileRecord>(store, `${placeOf(repository, path)}.json`)
      if (record === undefined) return false
      if (record.pinned !== true) await write(repository, { ...record, pinned: true })
      cached.delete(`${repository}/${path}`)
      return true
    },
  }
}

function cachedFile({ record, bytes }: CachedFile): StoredFile {
  return {
    size: record.size,
    digest: record.digest,
    open: async (range) => (range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)),
  }
}

/**
 * Passes an archive through and throws UPSTREAM_INVALID when it does not begin as gzip (RFC 1952, 2.3.1): a login
 * page, for one.
 */
export async function* gzipOnly(what: string, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = Buffer.alloc(0)
  for await (const piece of pieces) {
    if (head.length < 3) {
      head = Buffer.concat([head, piece.subarray(0, 3 - head.length)])
      if (!Buffer.from([0x1f, 0x8b, 0x08]).subarray(0, head.length).equals(head)) throw notGzip(what)
    }
    yield piece
  }
  if (head.length < 3) throw notGzip(what)
}

function notGzip(what: string): ChartferryError {
  return new ChartferryError('UPSTREAM_INVALID', `${what}: the upstream sent a file that is not gzip`)
}
