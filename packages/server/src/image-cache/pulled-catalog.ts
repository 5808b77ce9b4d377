// The image repositories that were pulled through, as people look at them: what is here, and nothing is asked for.
import { isDigest } from '@chartferry/core'
import { canonicalReference, tryParseReference } from '@chartferry/core/oci'
import type { Caller } from '../auth/access.ts'
import { describeManifest, type ReadSmall } from '../images/describe-manifest.ts'
import { factsOf, type ImageCatalog } from '../images/image-catalog.ts'
import { canonicalHost } from '../registry/mirror-path.ts'
import type { PulledPlace, PulledStore } from './pulled-store.ts'

export interface PulledCatalogOptions {
  readonly store: PulledStore
  /** The names of the registries, by their hosts. */
  readonly registries: ReadonlyMap<string, string>
  readonly mayPull: (registry: string, path: string, caller: Caller) => boolean
}

/** Bytes of a manifest or configuration. */
const mostBytes = 4 << 20

/** Opens it; reads the store when it is asked. */
export function pulledCatalog({ store, registries, mayPull }: PulledCatalogOptions): ImageCatalog {
  /** What the repository itself has, where it is small. */
  const reader =
    (place: PulledPlace): ReadSmall =>
    async (digest) => {
      if (!isDigest(digest)) return undefined
      const content = await store.content(place, digest)
      return content === undefined || content.size > mostBytes ? undefined : store.bytes(digest)
    }
  return {
    owners: [...new Set(registries.values())].map((name) => ({ name, kind: 'pulled through' })),
    async *names(owner) {
      for await (const { registry, path } of store.places(owner)) yield `${registry}/${path}`
    },
    mayPull: (name, caller) => {
      const { registry, path } = placeOf(name)
      return mayPull(registry, path, caller)
    },
    tags: async (name) => {
      const tags = (await Array.fromAsync(store.tags(placeOf(name)))).map(([tag, { descriptor }]) => ({
        tag,
        digest: descriptor.digest,
      }))
      return tags.length === 0 ? undefined : tags
    },
    describe: async (name, digest) => {
      const use = isDigest(digest) ? await store.use(digest) : undefined
      return {
        platforms: await describeManifest(digest, reader(placeOf(name))),
        ...(use === undefined ? {} : { pulledAt: use.usedAt }),
      }
    },
    find: async (text) => {
      const reference = tryParseReference(text)
      if (reference === undefined) return undefined
      const { host, path, tag, digest } = canonicalReference(reference)
      const registry = registries.get(canonicalHost(host))
      if (registry === undefined) return undefined
      const place = { registry, path }
      const found = digest ?? (await store.tag(place, tag ?? 'latest'))?.descriptor.digest
      const platforms = found === undefined ? [] : await describeManifest(found, reader(place))
      return platforms.length === 0 ? undefined : factsOf(`${registry}/${path}`, platforms)
    },
  }
}

function placeOf(name: string): PulledPlace {
  const at = name.indexOf('/')
  return { registry: name.slice(0, at), path: name.slice(at + 1) }
}
