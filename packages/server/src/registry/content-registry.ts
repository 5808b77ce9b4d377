// Places for content that never change, served as the repositories of a registry: layouts, bundles.

import { ChartferryError, type Digest, isChartferryError, isDigest } from '@chartferry/core'
import { isManifestType, readManifest } from '@chartferry/core/internal'
import type { ContentSource, Descriptor } from '@chartferry/core/oci'
import type { Registry, RegistryRepository } from './registry.ts'

/**
 * Takes what finds the place of a repository: by its name, and by the registry that a client of a mirror means. The
 * same place must be the same object each time.
 */
export function contentRegistry(
  find: (name: string, namespace: string | undefined) => ContentSource | undefined,
): Registry {
  const opened = new WeakMap<ContentSource, RegistryRepository>()
  return {
    repository(name, { namespace } = {}) {
      const source = find(name, namespace)
      if (source === undefined) return undefined
      const repository = opened.get(source) ?? contentRepository(source)
      opened.set(source, repository)
      return repository
    },
  }
}

/** A place knows blobs by their descriptors; a client has the digest alone. So the manifests are read, once. */
function contentRepository(source: ContentSource): RegistryRepository {
  const blobs = new Map<Digest, Descriptor>()
  const seen = new Set<Digest>()
  let walked: Promise<void> | undefined

  async function visit(descriptor: Descriptor): Promise<void> {
    if (seen.has(descriptor.digest) || !isManifestType(descriptor.mediaType)) return
    seen.add(descriptor.digest)
    const { manifest } = await readManifest(source, descriptor)
    for (const blob of manifest.blobs) blobs.set(blob.digest, blob)
    for (const part of manifest.manifests) {
      // Of an index a place may have some platforms only.
      if (await source.has(part)) await visit(part)
    }
    for await (const referrer of source.referrers(descriptor)) await visit(referrer)
  }

  async function walk(): Promise<void> {
    for await (const tag of source.tags()) await visit(await source.resolve(tag))
  }

  return {
    name: source.name,
    repository: source.repository,
    async resolve(reference, options) {
      const found = await source.resolve(reference, options).catch((thrown: unknown) => {
        // A digest of something else.
        if (isChartferryError(thrown, 'MANIFEST_INVALID')) return undefined
        throw thrown
      })
      // Whatever a place makes of it: a digest is answered with its own bytes or not at all.
      const isOther = isDigest(reference) && found?.digest !== reference
      if (found === undefined || isOther || !isManifestType(found.mediaType))
        throw new ChartferryError('MANIFEST_NOT_FOUND', `${source.name}: there is no ${reference}`)
      await visit(found)
      return found
    },
    async blob(digest) {
      if (!blobs.has(digest)) {
        walked ??= walk()
        await walked.catch((thrown: unknown) => {
          walked = undefined
          throw thrown
        })
      }
      const found = blobs.get(digest)
      return found !== undefined && (await source.has(found)) ? found : undefined
    },
    has: (descriptor, options) => source.has(descriptor, options),
    fetch: (descriptor, options) => source.fetch(descriptor, options),
    tags: (options) => source.tags(options),
    referrers: (descriptor, options) => source.referrers(descriptor, options),
  }
}
