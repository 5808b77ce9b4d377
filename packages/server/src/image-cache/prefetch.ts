// Fills the cache before anybody asks: an image with all its platforms, or those that are wanted, and what refers to it.
import { ChartferryError, isDigest } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import { canonicalReference, type Descriptor, formatPlatform, parseReference } from '@chartferry/core/oci'
import { canonicalHost } from '../registry/mirror-path.ts'
import type { PulledRegistry } from './pulled-registry.ts'
import type { PulledRepository } from './pulled-repository.ts'

/** What became of one image. */
export interface Prefetched {
  readonly image: string
  /** What its tag stands for. */
  readonly digest?: string
  /** Blobs that were fetched, and bytes that they have. */
  readonly fetched: number
  readonly bytes: number
  /** Why it is not there whole. */
  readonly error?: string
}

export interface PrefetchOptions {
  readonly registry: PulledRegistry
  /** The registries that are pulled through, by their hosts: the first part of their paths. */
  readonly registries: ReadonlyMap<string, string>
  /** The platforms of a registry that are wanted; undefined: all. */
  readonly platformsOf: (registry: string) => readonly string[] | undefined
}

/** Blobs that are fetched side by side. */
const atOnce = 4
const deepest = 5

/** Fetches one image after the other, and tells what became of each. One that fails does not end it. */
export async function* prefetch(images: readonly string[], options: PrefetchOptions): AsyncGenerator<Prefetched> {
  for (const image of images) {
    const counts = { fetched: 0, bytes: 0 }
    try {
      const { repository, reference, registry } = placeOf(image, options)
      const found = await repository.find(reference)
      if (found === undefined) throw new ChartferryError('MANIFEST_NOT_FOUND', `there is no ${image}`)
      await fetchAll(repository, found.descriptor, options.platformsOf(registry), counts)
      yield { image, digest: found.descriptor.digest, ...counts }
    } catch (thrown) {
      yield { image, ...counts, error: messageOf(thrown) }
    }
  }
}

function placeOf(
  image: string,
  { registry, registries }: PrefetchOptions,
): { readonly repository: PulledRepository; readonly reference: string; readonly registry: string } {
  const { host, path, tag, digest } = canonicalReference(parseReference(image))
  const name = registries.get(canonicalHost(host ?? ''))
  const repository = name === undefined ? undefined : registry.pulled(`${name}/${path}`)
  if (name === undefined || repository === undefined)
    throw new ChartferryError('REPOSITORY_NOT_FOUND', `${host} is not pulled through here`, {
      hint: 'Name it among `images.registries`.',
    })
  return { repository, reference: digest ?? tag ?? 'latest', registry: name }
}

async function fetchAll(
  repository: PulledRepository,
  root: Descriptor,
  platforms: readonly string[] | undefined,
  counts: { fetched: number; bytes: number },
): Promise<void> {
  const seen = new Set<string>()
  const blobs = new Map<string, Descriptor>()
  const isWanted = ({ platform }: Descriptor): boolean =>
    platforms === undefined || platform === undefined || platforms.includes(formatPlatform(platform))

  async function visit(descriptor: Descriptor, depth: number): Promise<void> {
    if (seen.has(descriptor.digest) || depth > deepest) return
    seen.add(descriptor.digest)
    const parts = await repository.parts(descriptor)
    for (const blob of parts.blobs) blobs.set(blob.digest, blob)
    for (const part of parts.manifests) {
      if (!isWanted(part) || (await repository.find(part.digest)) === undefined) continue
      await visit(part, depth + 1)
    }
    for (const { digest } of await repository.referrers(descriptor.digest)) {
      const referrer = isDigest(digest) ? await repository.find(digest) : undefined
      if (referrer !== undefined) await visit(referrer.descriptor, depth + 1)
    }
  }

  await visit(root, 0)
  const left = [...blobs.values()].filter(({ urls }) => urls === undefined)
  const worker = async (): Promise<void> => {
    for (let blob = left.pop(); blob !== undefined; blob = left.pop()) {
      if (!(await repository.fetchBlob(blob))) continue
      counts.fetched += 1
      counts.bytes += blob.size
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
