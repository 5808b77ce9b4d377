// Port: where durable bytes live. A blob is there whole or not at all, and one that is there stays readable until it
// is deleted.
import type { Readable } from 'node:stream'
import type { Digest } from '../digest.ts'
import { ChartferryError } from '../errors.ts'

/** What is written: all at once or in pieces. */
export type BlobBody = Uint8Array | AsyncIterable<Uint8Array>

/** Bytes of a blob: both ends count, the first is 0. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export interface BlobStat {
  readonly size: number
  /** Milliseconds since 1970, by the store's own clock: when the blob was written last. */
  readonly modified: number
}

export interface Blob {
  /** Of the whole blob, also when a range is read. */
  readonly size: number
  /** Read it to its end or destroy it. */
  readonly body: Readable
}

/** Bytes on the disk of this machine, which nobody else sees until they are published. */
export interface BlobDraft {
  append(piece: Uint8Array): Promise<void>
  /** Bytes that have been appended. */
  read(start: number, length: number): Promise<Buffer>
  /** Makes all of it the blob of a key; it can be read here all the same. Throws STORE_UNAVAILABLE. */
  publish(key: string): Promise<void>
  /** Nothing of it is left that was not published. */
  close(): Promise<void>
}

/**
 * All methods throw PATH_UNSAFE for a key that is none, and STORE_UNAVAILABLE when the store itself fails. A key is
 * one or more segments of letters, digits and `._+-` joined by `/`; a segment does not begin with a dot.
 */
export interface BlobStore {
  /** Undefined when there is none. */
  stat(key: string): Promise<BlobStat | undefined>
  /** Undefined when there is none. The range must lie within the blob: RANGE_INVALID. */
  get(key: string, options?: { readonly range?: ByteRange }): Promise<Blob | undefined>
  /**
   * Writes a blob, in place of the one that was there. With a digest, bytes that have another one throw
   * DIGEST_MISMATCH; then, and when the body throws, nothing has changed.
   */
  put(
    key: string,
    body: BlobBody,
    options?: { readonly digest?: Digest },
  ): Promise<{ readonly size: number; readonly digest: Digest }>
  /** Writes a blob if there is none: true. Of several writers one gets true. */
  create(key: string, body: BlobBody): Promise<boolean>
  /** Begins a draft that is published without being copied. Default: drafts lie outside of the store. */
  draft?(): Promise<BlobDraft>
  /** Nothing happens when there is none. */
  delete(key: string): Promise<void>
  /** The keys that begin with the prefix, in order of their characters, behind `after` where it is given. */
  list(prefix: string, options?: { readonly after?: string }): AsyncIterable<string>
}

const segment = /^[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,249}$/

/** Throws PATH_UNSAFE unless the text is a key. */
export function checkKey(key: string): void {
  if (key.length > 1000 || !key.split('/').every((part) => segment.test(part))) {
    throw new ChartferryError('PATH_UNSAFE', `"${key.slice(0, 100)}" is not a key of the store`)
  }
}

/** Throws RANGE_INVALID unless the range lies within a blob of this size. */
export function checkRange(range: ByteRange, size: number): void {
  const { start, end } = range
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || start > end || end >= size) {
    throw new ChartferryError('RANGE_INVALID', `bytes ${start}-${end} of ${size}`, { details: { size } })
  }
}

/** A whole blob in memory, for those that are known to be small; undefined when there is none. */
export async function readBlob(store: BlobStore, key: string): Promise<Buffer | undefined> {
  const blob = await store.get(key)
  return blob === undefined ? undefined : Buffer.concat(await blob.body.toArray())
}
