// Where durable bytes live: in a folder, or in a bucket.
import { type BlobStore, openFilesystemStore } from '@chartferry/core/transfer'
import type { ServerConfig } from '../config/config.ts'

/** Milliseconds for which hosted repositories in a folder may lack what another process of this machine took. */
export const folderPoll = 100

/**
 * Opens what the configuration names. S3's SDK is loaded only for a bucket. Throws STORE_UNAVAILABLE, CONFIG_INVALID.
 */
export async function openStore({
  data,
  s3,
}: Pick<ServerConfig, 'data' | 's3'>): Promise<{ readonly store: BlobStore; close(): void }> {
  if (s3 === undefined) return { store: await openFilesystemStore(data), close: () => {} }
  const { openS3Store } = await import('@chartferry/core/s3')
  const { prefix, pollEvery: _, ...options } = s3
  const store = await openS3Store({ ...options, prefix: prefix === undefined ? '' : `${prefix}/` })
  return { store, close: () => store.close() }
}
