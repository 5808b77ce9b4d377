// PORT: a registry that images are pulled through from.
import { ChartferryError, type ErrorCode, isChartferryError } from '@chartferry/core'
import type { ContentSource } from '@chartferry/core/oci'

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

const codes: Partial<Readonly<Record<ErrorCode, ErrorCode>>> = {
  REGISTRY_UNREACHABLE: 'UPSTREAM_UNREACHABLE',
  REGISTRY_DENIED: 'UPSTREAM_DENIED',
  REGISTRY_INVALID: 'UPSTREAM_INVALID',
  MANIFEST_INVALID: 'UPSTREAM_INVALID',
  MANIFEST_TOO_LARGE: 'UPSTREAM_INVALID',
  DIGEST_MISMATCH: 'UPSTREAM_INVALID',
}

/** A registry's failure in the words for upstreams. */
export function asImageUpstreamError(thrown: unknown): unknown {
  const code = isChartferryError(thrown) ? codes[thrown.code] : undefined
  if (!isChartferryError(thrown) || code === undefined) return thrown
  const { status, seconds, reason } = thrown.details
  const words = reason ?? (typeof status === 'number' ? `status ${status}` : undefined)
  return new ChartferryError(code, thrown.message, {
    cause: thrown,
    details: {
      ...(words === undefined ? {} : { reason: words }),
      ...(typeof seconds === 'number' ? { retryAfter: seconds * 1000 } : {}),
    },
  })
}

/** Whether an upstream that failed so may be well again later, so that what we have is served meanwhile. */
export function isPassing(thrown: unknown): boolean {
  return isChartferryError(thrown) && thrown.kind === 'unavailable'
}
