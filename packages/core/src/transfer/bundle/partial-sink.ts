// A bundle that is being made, as a place that images are copied to.

import type { Digest } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import type { ContentBody, ContentRepository } from '../../oci/content/content.ts'
import { isManifestType } from '../../oci/content/descriptor.ts'

/** What becomes of blobs. Manifests are written before any blob is. */
export interface PartialBlobs {
  isWhole(digest: Digest): boolean
  write(digest: Digest, body: ContentBody): Promise<void>
}

/** The sink of one repository. Until `blobs` gives something, nothing is there. */
export function partialSink(
  path: string,
  repository: string,
  blobs: () => PartialBlobs | undefined,
): ContentRepository {
  const name = `${path}:${repository}`
  const absent = (what: string): ChartferryError =>
    new ChartferryError('MANIFEST_NOT_FOUND', `${name}: there is no ${what}`)
  return {
    name,
    repository,
    // All repositories share their blobs, as those of a registry do.
    registry: path,
    resolve: async (reference) => {
      throw absent(reference)
    },
    has: async ({ digest }) => blobs()?.isWhole(digest) ?? false,
    fetch: async ({ digest }) => {
      throw absent(digest)
    },
    async *tags() {},
    async *referrers() {},
    async push({ digest, mediaType }, body) {
      if (!isManifestType(mediaType)) await blobs()?.write(digest, body)
    },
    tag: async () => {},
    attach: async () => {},
    mount: async ({ digest }) => blobs()?.isWhole(digest) ?? false,
  }
}
