// One repository of a registry, pulled through: tags are asked for when they are no longer fresh, content is kept by its
// digest and never asked for again.
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError, type Digest, isChartferryError, isDigest } from '@chartferry/core'
import { isManifestType, readBlobPieces, readManifest } from '@chartferry/core/internal'
import { type ContentSource, type Descriptor, mediaTypes } from '@chartferry/core/oci'
import type { ByteRange } from '@chartferry/core/transfer'
import type { Freshness } from '../cache/freshness.ts'
import type { ServedContent, ServedReferrer, ServedRepository } from '../registry/served.ts'
import type { CacheState } from '../repository/chart-repository.ts'
import type { Flights } from '../repository/single-flight.ts'
import type { FillOptions, Fills } from './fill.ts'
import { asImageUpstreamError, type ImageUpstream, isPassing } from './image-upstream.ts'
import type { PulledPlace, PulledStore, PulledTag } from './pulled-store.ts'

export interface PulledRepositoryOptions {
  readonly upstream: ImageUpstream
  readonly store: PulledStore
  readonly fills: Fills
  readonly freshness: Freshness
  readonly flights: Flights
  /** Milliseconds that a client waits for a tag while there is an older one to serve. */
  readonly patience: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Told of bytes that have come. */
  readonly onStored: (bytes: number) => void
  /** Stops what runs for nobody. */
  readonly signal: AbortSignal
}

/** What is pulled besides being served. */
export interface PulledRepository extends ServedRepository {
  /** What a tag or digest stands for; undefined where there is none. */
  find(reference: string): Promise<{ readonly descriptor: Descriptor; readonly cache: CacheState } | undefined>
  /** What a manifest names, once it is here. */
  parts(
    descriptor: Descriptor,
  ): Promise<{ readonly blobs: readonly Descriptor[]; readonly manifests: readonly Descriptor[] }>
  /** Fetches a blob for nobody; false where it is here already. */
  fetchBlob(descriptor: Descriptor): Promise<boolean>
}

const tagForm = /^\w[\w.-]{0,127}$/

/** Opens it; nothing is asked before it is needed. */
export function pulledRepository(place: PulledPlace, options: PulledRepositoryOptions): PulledRepository {
  const { upstream, store, fills, freshness, flights, patience, now, warn, onStored, signal } = options
  const name = `${place.registry}/${place.path}`
  let opened: ContentSource | undefined
  const source = (): ContentSource => {
    opened ??= upstream.repository(place.path)
    return opened
  }

  /** A manifest that is here, with what it names; fetched where it is not. */
  async function keepManifest(descriptor: Descriptor): Promise<CacheState> {
    const { digest } = descriptor
    if ((await store.content(place, digest)) !== undefined && (await store.bytes(digest)) !== undefined) return 'HIT'
    return flights.share(`image ${name} ${digest}`, async () => {
      const { bytes, manifest } = await upstream.ask('manifest', () => readManifest(source(), descriptor, { signal }))
      await store.putBytes(digest, bytes)
      // What it names first: who finds the manifest finds the rest.
      await store.note(place, [...manifest.blobs, ...manifest.manifests])
      await store.note(place, [{ mediaType: manifest.mediaType, digest, size: bytes.length }])
      onStored(bytes.length)
      return 'MISS' as const
    })
  }

  async function parts(descriptor: Descriptor): ReturnType<PulledRepository['parts']> {
    const bytes = await store.bytes(descriptor.digest)
    if (bytes === undefined) return { blobs: [], manifests: [] }
    const { manifest } = await readManifest(bytesSource(name, bytes), descriptor)
    return manifest
  }

  /** Asks what a tag stands for, and makes sure that it is here. */
  function refresh(
    tag: string,
    before: PulledTag | undefined,
  ): Promise<{ descriptor: Descriptor; cache: CacheState } | undefined> {
    return flights.share(`image tag ${name}:${tag}`, async () => {
      const descriptor = await upstream.ask('manifest', () => source().resolve(tag, { signal })).catch(absent)
      if (descriptor === undefined) return undefined
      const state = await keepManifest(descriptor)
      await store.noteTag(place, tag, { descriptor, checkedAt: now() })
      await freshness.note(`image ${name}:${tag}`, descriptor.digest, upstream.freshFor)
      const isSame = before?.descriptor.digest === descriptor.digest && state === 'HIT'
      return { descriptor, cache: isSame ? 'REVALIDATED' : 'MISS' }
    })
  }

  async function findTag(tag: string): ReturnType<PulledRepository['find']> {
    if (!tagForm.test(tag)) return undefined
    const known = await store.tag(place, tag)
    const before = known !== undefined && (await store.bytes(known.descriptor.digest)) !== undefined ? known : undefined
    if (before !== undefined && (await freshness.get(`image ${name}:${tag}`)) === before.descriptor.digest)
      return { descriptor: before.descriptor, cache: 'HIT' }
    const asking = refresh(tag, before)
    if (before === undefined) return asking
    const stale = (reason: string): { descriptor: Descriptor; cache: CacheState } => {
      warn('an older image is served', { image: `${name}:${tag}`, digest: before.descriptor.digest, reason })
      return { descriptor: before.descriptor, cache: 'STALE' }
    }
    // Who has something to serve does not wait for long; the asking goes on.
    const late = new AbortController()
    try {
      const found = await Promise.race([
        asking,
        wait(patience, 'late' as const, { signal: late.signal }).catch(() => 'late' as const),
      ])
      return found === 'late' ? stale('the registry is slow') : found
    } catch (thrown) {
      if (!isPassing(thrown)) throw thrown
      return stale(isChartferryError(thrown) ? thrown.message : 'the registry fails')
    } finally {
      late.abort()
      asking.catch(() => {})
    }
  }

  async function findDigest(digest: Digest): ReturnType<PulledRepository['find']> {
    const known = await store.content(place, digest)
    const descriptor =
      known !== undefined && isManifestType(known.mediaType)
        ? known
        : await upstream.ask('manifest', () => source().resolve(digest, { signal })).catch(absent)
    if (descriptor === undefined) return undefined
    try {
      return { descriptor, cache: await keepManifest(descriptor) }
    } catch (thrown) {
      return absent(thrown)
    }
  }

  async function find(reference: string): ReturnType<PulledRepository['find']> {
    const found = isDigest(reference) ? await findDigest(reference) : await findTag(reference)
    if (found === undefined) return undefined
    const { digest } = found.descriptor
    // What a manifest names is about to be asked for: it counts as used when the manifest is.
    const { blobs, manifests } = await parts(found.descriptor)
    await store.touch([...blobs, ...manifests, { digest, size: found.descriptor.size }])
    return found
  }

  async function describe(digest: Digest): Promise<Descriptor | undefined> {
    const known = await store.content(place, digest)
    if (known !== undefined) return isManifestType(known.mediaType) ? undefined : known
    const found = await upstream.ask('blob', async () => source().blob?.(digest, { signal })).catch(absent)
    if (found !== undefined) await store.note(place, [found])
    return found
  }

  const fillOf = (descriptor: Descriptor): FillOptions => ({
    digest: descriptor.digest,
    size: descriptor.size,
    key: store.keyOf(descriptor.digest),
    source: () => piecesOf(descriptor),
    note: () => store.touch([descriptor]),
    onStored: () => onStored(descriptor.size),
  })

  /** The bytes of the upstream, which goes on by range when it breaks off; its failures in the words for upstreams. */
  async function* piecesOf(descriptor: Descriptor): AsyncGenerator<Uint8Array> {
    const pieces = readBlobPieces(source(), descriptor, { signal })[Symbol.asyncIterator]()
    try {
      // The first piece says whether the upstream is well.
      let next = await upstream.ask('blob', () => pieces.next())
      for (; next.done !== true; next = await pieces.next()) yield next.value
    } catch (thrown) {
      throw asImageUpstreamError(thrown)
    } finally {
      await pieces.return?.(undefined)
    }
  }

  async function openBlob(descriptor: Descriptor, range: ByteRange | undefined): ReturnType<ServedContent['open']> {
    await store.touch([descriptor])
    if (await store.has(descriptor)) {
      const blob = await store.open(descriptor.digest, range)
      if (blob !== undefined) return blob.body
    }
    return fills.open(fillOf(descriptor), range)
  }

  return {
    name,
    find,
    parts,
    fetchBlob: async (descriptor) => {
      await store.note(place, [descriptor])
      if (await store.has(descriptor)) return false
      await fills.run(fillOf(descriptor))
      return true
    },
    manifest: async (reference) => {
      const found = await find(reference)
      if (found === undefined) return undefined
      const { digest, mediaType } = found.descriptor
      const bytes = await store.bytes(digest)
      if (bytes === undefined) throw new ChartferryError('STORE_UNAVAILABLE', `${name}@${digest} has just been removed`)
      return {
        mediaType,
        digest,
        size: bytes.length,
        cache: found.cache,
        open: async (range) => (range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)),
      }
    },
    blob: async (digest) => {
      if (!isDigest(digest)) throw notSupported(digest)
      const descriptor = await describe(digest)
      if (descriptor === undefined) return undefined
      const isHere = await store.has(descriptor)
      return {
        mediaType: 'application/octet-stream',
        digest,
        size: descriptor.size,
        cache: isHere ? 'HIT' : 'MISS',
        open: (range) => openBlob(descriptor, range),
      }
    },
    async *tags() {
      let listed: readonly string[]
      try {
        listed = await upstream.ask('manifest', () => Array.fromAsync(source().tags({ signal })))
      } catch (thrown) {
        if (!isPassing(thrown)) throw thrown
        listed = (await Array.fromAsync(store.tags(place))).map(([tag]) => tag)
        if (listed.length === 0) throw thrown
      }
      yield* listed
    },
    referrers: async (subject): Promise<readonly ServedReferrer[]> => {
      if (!isDigest(subject)) throw notSupported(subject)
      const asked = { mediaType: mediaTypes.manifest, digest: subject, size: 0 }
      try {
        const found = await upstream.ask('manifest', () => Array.fromAsync(source().referrers(asked, { signal })))
        await store.noteReferrers(place, subject, found)
        return found
      } catch (thrown) {
        const known = isPassing(thrown) ? await store.referrers(place, subject) : undefined
        if (known === undefined) throw thrown
        return known
      }
    },
  }
}

/** A manifest that is in memory, to be read once more. */
function bytesSource(name: string, bytes: Uint8Array): ContentSource {
  const nothing = async (): Promise<never> => {
    throw new ChartferryError('MANIFEST_NOT_FOUND', name)
  }
  return {
    name,
    repository: name,
    resolve: nothing,
    has: async () => true,
    fetch: async () => ({
      destroy: () => {},
      async *[Symbol.asyncIterator]() {
        yield bytes
      },
    }),
    async *tags() {},
    async *referrers() {},
  }
}

function absent(thrown: unknown): undefined {
  if (isChartferryError(thrown, 'MANIFEST_NOT_FOUND', 'BLOB_NOT_FOUND')) return undefined
  throw thrown
}

function notSupported(digest: string): ChartferryError {
  return new ChartferryError('REFERENCE_INVALID', `${JSON.stringify(digest.slice(0, 200))} is no sha256 digest`, {
    details: { digest: digest.slice(0, 200) },
  })
}
