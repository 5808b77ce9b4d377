// The last good index of each upstream, in the blob store: what is served when the upstream is down, and after a
// restart.

import { type Digest, digestOf } from '@chartferry/core'
import {
  type CompactIndex,
  digestHex,
  formatCompactIndex,
  parseCompactIndex,
  readBlob,
} from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { readRecord, recordBytes } from './json-record.ts'

/** What the upstream named this state of its index by. */
export interface Validators {
  readonly etag?: string
  readonly lastModified?: string
}

/** What is known of the index without reading it. */
export interface IndexRecord {
  /** Of the upstream's bytes. */
  readonly digest: Digest
  readonly validators: Validators
  /** Milliseconds since 1970: when these bytes came. */
  readonly fetchedAt: number
  /** Milliseconds since 1970: when the upstream last said that they are current. */
  readonly checkedAt: number
}

export interface IndexCache {
  /** Undefined when nothing was ever fetched, or what is there cannot be read. */
  record(repository: string): Promise<IndexRecord | undefined>
  /** Whether the bytes of a record are there. */
  has(repository: string, record: IndexRecord): Promise<boolean>
  /** The bytes of a record; undefined when they are gone. */
  bytes(repository: string, record: Pick<IndexRecord, 'digest'>): Promise<Buffer | undefined>
  /** Keeps new bytes, which nothing names yet. */
  stage(repository: string, bytes: Uint8Array): Promise<Digest>
  /** Lets bytes go that came to nothing. */
  discard(repository: string, digest: Digest): Promise<void>
  /** Names bytes that were staged, and lets the ones before go. */
  replace(repository: string, digest: Digest, validators: Validators, now: number): Promise<IndexRecord>
  /** What was made of a record's bytes by rules of that name; undefined where that is not there, or not whole. */
  compact(repository: string, record: IndexRecord, rules: string): Promise<CompactIndex | undefined>
  /** Keeps it, and lets what was made of other bytes go. It may be lost: the bytes are there. */
  putCompact(repository: string, record: IndexRecord, rules: string, index: CompactIndex): Promise<void>
  /** Notes that the upstream still has the same index. */
  touch(repository: string, record: IndexRecord, validators: Validators, now: number): Promise<IndexRecord>
}

/** Opens the cache on a store. The record is written last, so that it never names bytes that are not there. */
export function indexCache(store: BlobStore): IndexCache {
  const recordKey = (repository: string): string => `proxy/${repository}/index.json`
  const bytesKey = (repository: string, digest: Digest): string => `proxy/${repository}/index/${digestHex(digest)}`
  const compactFolder = (repository: string): string => `proxy/${repository}/compact/`
  const compactKey = (repository: string, { digest }: IndexRecord, rules: string): string =>
    `${compactFolder(repository)}${digestHex(digest)}-${digestHex(digestOf(rules)).slice(0, 12)}`
  const write = async (repository: string, record: IndexRecord): Promise<IndexRecord> => {
    await store.put(recordKey(repository), recordBytes(record))
    return record
  }
  const read = (repository: string): Promise<IndexRecord | undefined> =>
    readRecord<IndexRecord>(store, recordKey(repository))
  return {
    record: read,
    has: async (repository, { digest }) => (await store.stat(bytesKey(repository, digest))) !== undefined,
    bytes: (repository, { digest }) => readBlob(store, bytesKey(repository, digest)),
    stage: async (repository, bytes) => {
      const digest = digestOf(bytes)
      await store.put(bytesKey(repository, digest), bytes, { digest })
      return digest
    },
    discard: async (repository, digest) => {
      if ((await read(repository))?.digest !== digest) await store.delete(bytesKey(repository, digest))
    },
    replace: async (repository, digest, validators, now) => {
      const before = await read(repository)
      const record = await write(repository, { digest, validators, fetchedAt: now, checkedAt: now })
      if (before !== undefined && before.digest !== digest) await store.delete(bytesKey(repository, before.digest))
      return record
    },
    compact: async (repository, record, rules) => {
      const bytes = await readBlob(store, compactKey(repository, record, rules))
      return bytes && parseCompactIndex(bytes)
    },
    putCompact: async (repository, record, rules, index) => {
      const key = compactKey(repository, record, rules)
      await store.put(key, formatCompactIndex(index))
      for await (const other of store.list(compactFolder(repository))) {
        if (!other.startsWith(`${compactFolder(repository)}${digestHex(record.digest)}`)) await store.delete(other)
      }
    },
    touch: (repository, record, validators, now) => write(repository, { ...record, validators, checkedAt: now }),
  }
}
