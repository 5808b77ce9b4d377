// PORT: what clients of registries read, whatever it comes from: content with its digest, ready to be sent.
import { Readable } from 'node:stream'
import { ChartferryError, isDigest } from '@chartferry/core'
import { type ContentStream, mediaTypes } from '@chartferry/core/oci'
import type { ByteRange } from '@chartferry/core/transfer'
import type { CacheState } from '../repository/chart-repository.ts'
import type { Registry, RegistryOptions, RegistryRepository } from './registry.ts'

/** A manifest or a blob. */
export interface ServedContent {
  readonly mediaType: string
  readonly digest: string
  /** Bytes. */
  readonly size: number
  /** Absent where nothing is pulled from elsewhere. */
  readonly cache?: CacheState
  /** The bytes, or undefined when they have just gone. Not called for HEAD. */
  readonly open: (range: ByteRange | undefined) => Promise<Readable | Buffer | undefined>
}

/** As lists of referrers show it. */
export interface ServedReferrer {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** One repository. All methods also throw what stands behind it: REPOSITORY_NOT_FOUND, STORE_UNAVAILABLE, and so on. */
export interface ServedRepository {
  readonly name: string
  /** By tag or digest; undefined where there is none. */
  manifest(reference: string): Promise<ServedContent | undefined>
  /** Undefined where there is none. Throws REFERENCE_INVALID for what is no digest. */
  blob(digest: string): Promise<ServedContent | undefined>
  /** Throws REPOSITORY_NOT_FOUND where the name means nothing. */
  tags(): AsyncIterable<string>
  /** Those of the subject. Throws REFERENCE_INVALID. */
  referrers(subject: string): Promise<readonly ServedReferrer[]>
}

export interface ServedRegistry {
  /** The repository of a name; undefined where there can be none. */
  repository(name: string, options: RegistryOptions): ServedRepository | undefined
}

/** Several registries as one: the first that has a repository of the name. */
export function firstOfRegistries(registries: readonly ServedRegistry[]): ServedRegistry {
  return {
    repository(name, options) {
      for (const registry of registries) {
        const found = registry.repository(name, options)
        if (found !== undefined) return found
      }
      return undefined
    },
  }
}

/** A place that content comes from, as it is served. */
export function servedRegistry(registry: Registry): ServedRegistry {
  return {
    repository(name, options) {
      const found = registry.repository(name, options)
      return found && servedRepository(found, options)
    },
  }
}

function servedRepository(repository: RegistryRepository, { signal }: RegistryOptions): ServedRepository {
  const content = (descriptor: Parameters<RegistryRepository['fetch']>[0]): ServedContent => ({
    mediaType: descriptor.mediaType,
    digest: descriptor.digest,
    size: descriptor.size,
    open: async (range) =>
      readableOf(await repository.fetch(descriptor, { offset: range?.start ?? 0 }), descriptor.size, range),
  })
  return {
    name: repository.name,
    manifest: async (reference) => content(await repository.resolve(reference, { signal })),
    blob: async (digest) => {
      const found = isDigest(digest) ? await repository.blob(digest, { signal }) : undefined
      return found && content(found)
    },
    tags: () => repository.tags({ signal }),
    referrers: async (subject) => {
      if (!isDigest(subject))
        throw new ChartferryError('REFERENCE_INVALID', `${JSON.stringify(subject)} is no sha256 digest`, {
          details: { digest: subject },
        })
      return Array.fromAsync(repository.referrers({ mediaType: mediaTypes.manifest, digest: subject, size: 0 }))
    },
  }
}

/** The piece of a content that begins at the start of the range. */
function readableOf(body: ContentStream, size: number, range: ByteRange | undefined): Readable {
  if (range === undefined || range.end === size - 1) return body instanceof Readable ? body : Readable.from(body)
  return Readable.from(firstOf(body, range.end - range.start + 1))
}

async function* firstOf(body: ContentStream, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes
  for await (const piece of body) {
    yield piece.subarray(0, left)
    left -= piece.length
    if (left <= 0) return
  }
}
