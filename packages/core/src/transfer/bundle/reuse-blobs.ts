// Blobs that an earlier bundle of the same name has: they are taken from there, and not fetched again.
import { isChartferryError } from '../../errors.ts'
import { readBlob } from '../../oci/copy/read-blob.ts'
import type { BundleEntry } from './contents.ts'
import { findParts } from './part-files.ts'
import type { PartialFile } from './partial-file.ts'
import { type Bundle, openBundle } from './read-bundle.ts'

/**
 * Writes into the partial what the bundle at the path has of these entries. Where there is none, or a damaged one,
 * nothing happens.
 */
export async function reuseBlobs(
  path: string,
  partial: PartialFile,
  entries: readonly BundleEntry[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const earlier = await openEarlier(path)
  if (earlier === undefined) return
  try {
    for (const { digest, size } of entries) {
      if (partial.isWhole(digest) || earlier.blobs.entry(digest)?.size !== size) continue
      const descriptor = { mediaType: 'application/octet-stream', digest, size }
      try {
        await partial.write(digest, readBlob(earlier.source, descriptor, { signal }))
      } catch (thrown) {
        if (!isChartferryError(thrown, 'DIGEST_MISMATCH')) throw thrown
        await partial.journal.staging.remove(digest)
      }
    }
  } finally {
    await earlier.close()
  }
}

async function openEarlier(path: string): Promise<Bundle | undefined> {
  try {
    return await openBundle(await findParts(path))
  } catch (thrown) {
    if (isChartferryError(thrown)) return undefined
    throw thrown
  }
}
