// PORT: the far repository that the server pulls from.
import type { KeyObject } from 'node:crypto'
import type { Digest } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import type { ArchiveUrls } from './archive-url.ts'

/** What tells one state of an upstream's index from another (RFC 9110, 8.8). */
export interface Validators {
  readonly etag?: string
  readonly lastModified?: string
}

/** Undefined bytes: the index is still the one that the validators name. */
export interface UpstreamIndex {
  readonly bytes: Uint8Array | undefined
  readonly validators: Validators
}

export interface UpstreamOptions {
  /** How often a request may be sent. Default: the client's own. */
  readonly attempts?: number
  readonly signal?: AbortSignal | undefined
  /** The servers that the question has come through (RFC 9110, 7.6.3). Default: none. */
  readonly via?: string | undefined
  /** A version whose bytes were not those of the index: nothing that is remembered of it may be believed. Default: none. */
  readonly doubted?: ChartVersion | undefined
}

export interface Upstream {
  /** Fit for messages: without secrets. */
  readonly source: string
  /**
   * Throws REPOSITORY_NOT_FOUND, UPSTREAM_DENIED, UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, UPSTREAM_PAUSED,
   * UPSTREAM_INVALID, INDEX_TOO_LARGE.
   */
  index(known: Validators, options?: UpstreamOptions): Promise<UpstreamIndex>
  /** What the URLs of its index mean: where archives are fetched from first. */
  readonly urls: ArchiveUrls
  /**
   * Hands the archive's bytes to `store` as they arrive, from one of its URLs after the other until they were stored.
   * Throws as `index`, CHART_NOT_FOUND, ARCHIVE_TOO_LARGE, and what `store` throws.
   */
  archive<Stored>(
    version: ChartVersion,
    store: (body: AsyncIterable<Uint8Array>) => Promise<Stored>,
    options?: UpstreamOptions,
  ): Promise<Stored>
  /** Undefined when there is none. Throws as `archive`. */
  provenance(version: ChartVersion, options?: UpstreamOptions): Promise<Uint8Array | undefined>
  /**
   * Throws SIGNATURE_INVALID unless the archive of a version is of these bytes and cosign has signed it with the key.
   * Absent where charts have no such signatures. Throws as `archive`, DIGEST_MISMATCH.
   */
  verifySignature?(
    version: Pick<ChartVersion, 'name' | 'version'>,
    archive: Digest,
    key: KeyObject,
    options?: UpstreamOptions,
  ): Promise<void>
}
