// The image repositories that were pushed here, as people look at them.
import { canonicalReference, tryParseReference } from '@chartferry/core/oci'
import { isContentDigest } from './content-digest.ts'
import { describeManifest, type ReadSmall } from './describe-manifest.ts'
import { factsOf, type ImageCatalog } from './image-catalog.ts'
import type { ImagePlace } from './image-keys.ts'
import type { ImagePulls } from './image-pulls.ts'
import type { ImageStore } from './image-store.ts'

export interface PushedCatalogOptions {
  readonly images: ImageStore
  /** The hosted repositories. */
  readonly hosted: readonly string[]
  readonly pulls: Pick<ImagePulls, 'last'>
  /** The host that references to our own images have; undefined where nobody has said it. */
  readonly host: string | undefined
}

/** Bytes of a manifest or configuration. */
const mostBytes = 4 << 20

/** Opens it; reads the store when it is asked. */
export function pushedCatalog({ images, hosted, pulls, host }: PushedCatalogOptions): ImageCatalog {
  const reader =
    (place: ImagePlace): ReadSmall =>
    async (digest) => {
      if (!isContentDigest(digest)) return undefined
      const member = await images.blob(place, digest)
      return member === undefined || member.size > mostBytes ? undefined : images.bytes(digest)
    }
  return {
    owners: hosted.map((name) => ({ name, kind: 'pushed' })),
    async *names(owner) {
      for await (const { name } of images.places(owner)) yield name
    },
    // Rights are those of the hosted repository.
    mayPull: () => true,
    tags: async (name) => {
      const tags = (await Array.fromAsync(images.tags(placeOf(name)))).map(([tag, digest]) => ({ tag, digest }))
      return tags.length === 0 ? undefined : tags
    },
    describe: async (name, digest) => {
      const place = placeOf(name)
      if (!isContentDigest(digest)) return { platforms: [] }
      const [manifest, pulledAt] = [await images.manifest(place, digest), await pulls.last(place, digest)]
      return {
        platforms: await describeManifest(digest, reader(place)),
        ...(manifest === undefined ? {} : { pushedAt: manifest.pushedAt }),
        ...(pulledAt === undefined ? {} : { pulledAt }),
      }
    },
    find: async (text) => {
      const reference = tryParseReference(text)
      if (reference === undefined || host === undefined) return undefined
      const { host: named, path, tag, digest } = canonicalReference(reference)
      const place = placeOf(path)
      if (named !== host || !hosted.includes(place.hosted)) return undefined
      const found = await images.manifest(place, digest ?? tag ?? 'latest')
      return found && factsOf(place.name, await describeManifest(found.digest, reader(place)))
    },
  }
}

function placeOf(name: string): ImagePlace {
  return { hosted: name.slice(0, Math.max(0, name.indexOf('/'))), name }
}
