// Blobs that an earlier bundle of the same name has: they are taken from there, and not fetched again.
import { isChartferryError } from '../../errors.ts'
import { readBlob } from '../../oci/copy/read-blob.ts'
import type { BundleEntry } from './contents.ts'
import type { Draft } from './draft.ts'
import { findParts } from './part-files.ts'
import { type Bundle, openBundle } from './read-bundle.ts'

/**
 * Writes into the draft what the bundle at the path has of these entries. Where there is none, or a damaged one,
 * nothing happens.
 */
export async function reuseBlobs(
  path: string,
  draft: Draft,
  entries: readonly BundleEntry[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const earlier = await openEarlier(path)
  if (earlier === undefined) return
  try {
    for (const { digest, size } of entries) {
      if (draft.isWhole(digest) || earlier.blobs.entry(digest)?.size !== size) continue
      const descriptor = { mediaType: 'application/octet-stream', digest, size }
      try {
        await draft.write(digest, readBlob(earlier.source, descriptor, { signal }))
      } catch (thrown) {
        if (!isChartferryError(thrown, 'DIGEST_MISMATCH')) throw thrown
        await draft.journal.staging.remove(digest)
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
