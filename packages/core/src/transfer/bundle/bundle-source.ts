// Content of a bundle as a source: one repository of it, or all that is inside.
import { Readable } from 'node:stream'
import type { Digest } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import type { ContentSource, ContentStream } from '../../oci/content/content.ts'
import { type Descriptor, isManifestType } from '../../oci/content/descriptor.ts'
import { readManifest } from '../../oci/content/read-content.ts'
import type { BundleEntry } from './contents.ts'

/** The blobs of a bundle by digest, whichever repository they belong to. */
export interface BundleBlobs {
  readonly name: string
  /** Undefined where it is not inside, nor in the base where one was opened. */
  entry(digest: Digest): BundleEntry | undefined
  /** Whether the base alone has it, and no base was opened. */
  isAbsent(digest: Digest): boolean
  /** Entries whose subject is the manifest. */
  referring(subject: Digest): readonly BundleEntry[]
  read(digest: Digest, start: number, length: number): Promise<Uint8Array>
}

export interface BundleSourceOptions {
  /** `host/path`; empty for the source of everything. */
  readonly repository: string
  /** What each tag stands for. */
  readonly tags: ReadonlyMap<string, Digest>
}

const pieceBytes = 1 << 20

/** Opens a source over blobs. */
export function bundleSource(blobs: BundleBlobs, { repository, tags }: BundleSourceOptions): ContentSource {
  const name = repository === '' ? blobs.name : `${blobs.name}:${repository}`
  const absent = (digest: Digest, mediaType: string): ChartferryError => {
    if (blobs.isAbsent(digest))
      return new ChartferryError('BUNDLE_BASE_MISSING', `${name}: ${digest} is in the base of this bundle alone`)
    return new ChartferryError(
      isManifestType(mediaType) ? 'MANIFEST_NOT_FOUND' : 'BLOB_NOT_FOUND',
      `${name}: there is no ${digest}`,
    )
  }
  return {
    name,
    repository,
    async resolve(reference) {
      const digest = tags.get(reference) ?? (reference as Digest)
      const found = blobs.entry(digest)
      if (found?.mediaType === undefined)
        throw new ChartferryError('MANIFEST_NOT_FOUND', `${name}: there is no ${reference}`)
      return { mediaType: found.mediaType, digest, size: found.size }
    },
    has: async ({ digest, size }) => blobs.entry(digest)?.size === size,
    async fetch({ digest, mediaType }, { offset = 0 } = {}) {
      const found = blobs.entry(digest)
      if (found === undefined) throw absent(digest, mediaType)
      return pieces(blobs, found, offset)
    },
    async *tags() {
      yield* tags.keys()
    },
    async *referrers(subject) {
      for (const { digest, size, mediaType = '' } of blobs.referring(subject.digest)) {
        const descriptor: Descriptor = { mediaType, digest, size }
        const { artifactType, annotations } = (await readManifest(this, descriptor)).manifest
        yield { ...descriptor, ...(artifactType === undefined ? {} : { artifactType }), annotations }
      }
    },
  }
}

function pieces(blobs: BundleBlobs, { digest, size }: BundleEntry, offset: number): ContentStream {
  async function* read(): AsyncGenerator<Uint8Array> {
    for (let start = offset; start < size; ) {
      const piece = await blobs.read(digest, start, Math.min(pieceBytes, size - start))
      if (piece.length === 0)
        throw new ChartferryError('BUNDLE_INVALID', `${blobs.name}: ${digest} ends after ${start} of ${size} bytes`)
      yield piece
      start += piece.length
    }
  }
  return Readable.from(read(), { objectMode: false, highWaterMark: pieceBytes })
}
