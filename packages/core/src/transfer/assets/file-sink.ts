// PORT: a place that files are copied into, and what every such place has: a file and its checksum file.
import type { Digest } from '../../digest.ts'

/** A place for files, by keys: segments joined by `/`. */
export interface FileSink {
  /** What messages call it. */
  readonly name: string
  /** Whether a file with this digest and its checksum file are there. */
  has(key: string, digest: Digest): Promise<boolean>
  /**
   * Writes a file, then its checksum file, each whole or not at all. Throws DIGEST_MISMATCH where the bytes have
   * another digest, PATH_UNSAFE, STORE_UNAVAILABLE, what the bytes throw; then the file that was there is there still.
   */
  put(key: string, body: AsyncIterable<Uint8Array>, digest: Digest): Promise<void>
  /** Closes connections. */
  close(): Promise<void>
}

/** What a checksum file beside a file is called. */
export const checksumSuffix = '.sha256'
