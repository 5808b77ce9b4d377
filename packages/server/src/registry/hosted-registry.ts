// What clients of registries read of hosted repositories: images that were pushed, and charts, whichever way they came.
import { isChartferryError } from '@chartferry/core'
import { type ContentDigest, contentDigest, isContentDigest } from '../images/content-digest.ts'
import type { ImagePlace } from '../images/image-keys.ts'
import type { ImageStore } from '../images/image-store.ts'
import type { ServedContent, ServedRegistry, ServedRepository } from './served.ts'

export interface HostedRegistryOptions {
  readonly images: ImageStore
  /** The charts of all repositories. */
  readonly charts: ServedRegistry
  /** Whether images are pushed to a hosted repository of this name. */
  readonly hasImages: (hosted: string) => boolean
  /** Told of each manifest that is sent. Default: nobody. */
  readonly onPull?: (place: ImagePlace, digest: ContentDigest) => void
}

/** The place of a repository's name, where it can be one of a hosted repository. */
export function placeOf(name: string): ImagePlace {
  return { hosted: name.slice(0, Math.max(0, name.indexOf('/'))), name }
}

/** Images first: a chart that was pushed by `oci://` is among the charts alone. */
export function hostedRegistry({ images, charts, hasImages, onPull }: HostedRegistryOptions): ServedRegistry {
  return {
    repository(name, options) {
      const place = placeOf(name)
      const chart = charts.repository(name, options)
      if (options.namespace !== undefined || !hasImages(place.hosted)) return chart
      return together(imageRepository(images, place, onPull), chart)
    },
  }
}

function imageRepository(
  images: ImageStore,
  place: ImagePlace,
  onPull: HostedRegistryOptions['onPull'],
): ServedRepository {
  return {
    name: place.name,
    manifest: async (reference) => {
      // What looks like a digest and is none is no tag either.
      if (reference.includes(':')) contentDigest(reference)
      const found = await images.manifest(place, reference)
      if (found === undefined) return undefined
      const { mediaType, digest, size } = found
      return {
        mediaType,
        digest,
        size,
        open: async (range) => {
          const bytes = await images.bytes(digest)
          onPull?.(place, digest)
          return range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)
        },
      }
    },
    blob: async (text) => {
      const digest = contentDigest(text)
      const found = await images.blob(place, digest)
      if (found === undefined) return undefined
      return {
        mediaType: 'application/octet-stream',
        digest,
        size: found.size,
        open: async (range) => (await images.open(digest, range))?.body,
      }
    },
    async *tags() {
      for await (const [tag] of images.tags(place)) yield tag
    },
    referrers: (subject) => images.referrers(place, contentDigest(subject)),
  }
}

function together(first: ServedRepository, second: ServedRepository | undefined): ServedRepository {
  if (second === undefined) return first
  const either =
    (method: 'manifest' | 'blob') =>
    async (reference: string): Promise<ServedContent | undefined> => {
      const found = await first[method](reference)
      // Charts know digests of one kind only.
      if (found !== undefined || (isContentDigest(reference) && reference.startsWith('sha512:'))) return found
      return second[method](reference).catch(absent)
    }
  return {
    name: first.name,
    manifest: either('manifest'),
    blob: either('blob'),
    async *tags() {
      const seen = new Set<string>()
      let found = false
      for await (const tag of first.tags()) {
        found = true
        seen.add(tag)
        yield tag
      }
      try {
        for await (const tag of second.tags()) if (!seen.has(tag)) yield tag
      } catch (thrown) {
        if (!found || !isAbsence(thrown)) throw thrown
      }
    },
    // What belongs to a chart is in its manifest.
    referrers: (subject) => first.referrers(subject),
  }
}

function isAbsence(thrown: unknown): boolean {
  return isChartferryError(thrown, 'CHART_NOT_FOUND', 'MANIFEST_NOT_FOUND', 'BLOB_NOT_FOUND', 'REPOSITORY_NOT_FOUND')
}

function absent(thrown: unknown): undefined {
  if (isAbsence(thrown)) return undefined
  throw thrown
}
