// PORT: a registry that images are pulled through from.
import { isChartferryError } from '@chartferry/core'
import type { ContentSource } from '@chartferry/core/oci'
import { asUpstreamError } from '../upstream/registry-failure.ts'

export interface ImageUpstream {
  /** As it stands in paths below `/v2/`. */
  readonly name: string
  /** The repository of a path. Throws REFERENCE_INVALID. */
  repository(path: string): ContentSource
  /** Milliseconds for which a tag is served without asking. */
  readonly freshFor: number
  /** Whether a path may be pulled at all. */
  readonly isAllowed: (path: string) => boolean
  /** The platforms that a prefetch takes; undefined: all. */
  readonly platforms?: readonly string[] | undefined
  /**
   * Asks it; an upstream that keeps failing is left alone for a while. Throws UPSTREAM_UNREACHABLE, UPSTREAM_PAUSED,
   * UPSTREAM_DENIED, UPSTREAM_INVALID, RATE_LIMITED, MANIFEST_NOT_FOUND, BLOB_NOT_FOUND.
   */
  ask<Value>(kind: 'manifest' | 'blob', call: () => Promise<Value>): Promise<Value>
}

/** A registry's failure in the words for upstreams; what is missing or asked for too often stays as it is. */
export function asImageUpstreamError(thrown: unknown): unknown {
  return asUpstreamError(thrown, { DIGEST_MISMATCH: 'UPSTREAM_INVALID' })
}

/** Whether an upstream that failed so may be well again later, so that what we have is served meanwhile. */
export function isPassing(thrown: unknown): boolean {
  return isChartferryError(thrown) && thrown.kind === 'unavailable'
}
