// Where durable bytes live: in a folder, or in a bucket.
import { openGcsStore } from '@chartferry/core/internal'
import { type BlobStore, openFilesystemStore } from '@chartferry/core/transfer'
import { type StoreBreakerOptions, storeBreaker } from '../cache/store-breaker.ts'
import { probedStore } from '../cache/store-probe.ts'
import type { ServerConfig } from '../config/config.ts'

/** Milliseconds: a file system of the network may be silent, too; a bucket gives up by itself before that. */
export const storeBounds = { within: 30_000, rest: 500 } as const

/** Milliseconds for which hosted repositories in a folder may lack what another process of this machine took. */
export const folderPoll = 100

/**
 * Opens what the configuration names. S3's SDK is loaded only for a bucket. Throws STORE_UNAVAILABLE, CONFIG_INVALID, and
 * STORE_UNSUITABLE for a store that several servers cannot share.
 */
export async function openStore(
  { data, s3, gcs }: Pick<ServerConfig, 'data' | 's3' | 'gcs'>,
  warn: StoreBreakerOptions['warn'],
): Promise<{ readonly store: BlobStore; close(): void }> {
  const bounds = { ...storeBounds, warn }
  if (gcs !== undefined) {
    const { prefix: folder, endpoint = 'Google Cloud Storage' } = gcs
    const store = openGcsStore({ ...gcs, prefix: folder === undefined ? '' : `${folder}/` })
    return { store: await probedBucket(storeBreaker(store, bounds), { ...gcs, endpoint }, warn), close: () => {} }
  }
  if (s3 === undefined) {
    const folder = storeBreaker(await openFilesystemStore(data), bounds)
    return { store: await probedFolder(folder, data, warn), close: () => {} }
  }
  const { openS3Store } = await import('@chartferry/core/s3')
  const { prefix, pollEvery: _, ...options } = s3
  const bucket = await openS3Store({ ...options, prefix: prefix === undefined ? '' : `${prefix}/` })
  const close = (): void => bucket.close()
  try {
    return { store: await probedBucket(storeBreaker(bucket, bounds), s3, warn), close }
  } catch (thrown) {
    close()
    throw thrown
  }
}

/** Tries a store in a folder before it is used. Throws STORE_UNSUITABLE. */
export function probedFolder(store: BlobStore, folder: string, warn: StoreBreakerOptions['warn']): Promise<BlobStore> {
  return probedStore(store, {
    place: `the folder ${folder}`,
    hint: 'Keep `data` on a file system that has hard links, or use a bucket: `s3` in the configuration.',
    warn,
  })
}

/** Tries a store in a bucket before it is used. Throws STORE_UNSUITABLE. */
export function probedBucket(
  store: BlobStore,
  { bucket, endpoint }: { readonly bucket: string; readonly endpoint?: string | undefined },
  warn: StoreBreakerOptions['warn'],
): Promise<BlobStore> {
  return probedStore(store, {
    place: `the bucket ${bucket} at ${endpoint ?? 'AWS'}`,
    hint: 'Use a service that refuses a write with `If-None-Match: *` where there is an object, as AWS, MinIO and versitygw do, or a folder; docs/configuration.md, "A bucket", says more.',
    warn,
  })
}
