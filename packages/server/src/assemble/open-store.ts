// Where durable bytes live: in a folder, or in a bucket.
import { type BlobStore, openFilesystemStore } from '@chartferry/core/transfer'
import { type StoreBreakerOptions, storeBreaker } from '../cache/store-breaker.ts'
import type { ServerConfig } from '../config/config.ts'

/** Milliseconds: a file system of the network may be silent, too; a bucket gives up by itself before that. */
export const storeBounds = { within: 30_000, rest: 500 } as const

/** Milliseconds for which hosted repositories in a folder may lack what another process of this machine took. */
export const folderPoll = 100

/**
 * Opens what the configuration names. S3's SDK is loaded only for a bucket. Throws STORE_UNAVAILABLE, CONFIG_INVALID.
 */
export async function openStore(
  { data, s3 }: Pick<ServerConfig, 'data' | 's3'>,
  warn: StoreBreakerOptions['warn'],
): Promise<{ readonly store: BlobStore; close(): void }> {
  const bounds = { ...storeBounds, warn }
  if (s3 === undefined) return { store: storeBreaker(await openFilesystemStore(data), bounds), close: () => {} }
  const { openS3Store } = await import('@chartferry/core/s3')
  const { prefix, pollEvery: _, ...options } = s3
  const store = await openS3Store({ ...options, prefix: prefix === undefined ? '' : `${prefix}/` })
  return { store: storeBreaker(store, bounds), close: () => store.close() }
}
