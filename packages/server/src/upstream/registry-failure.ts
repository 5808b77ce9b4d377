// What a registry says in the words for upstreams, of charts and of images.
import { ChartferryError, type ErrorCode, isChartferryError } from '@chartferry/core'

const codes: Partial<Readonly<Record<ErrorCode, ErrorCode>>> = {
  REGISTRY_UNREACHABLE: 'UPSTREAM_UNREACHABLE',
  REGISTRY_DENIED: 'UPSTREAM_DENIED',
  REGISTRY_INVALID: 'UPSTREAM_INVALID',
  MANIFEST_INVALID: 'UPSTREAM_INVALID',
  MANIFEST_TOO_LARGE: 'UPSTREAM_INVALID',
}

/** The failure of a registry as one of an upstream, with its status and pause; `more` adds to the codes. Others stay. */
export function asUpstreamError(thrown: unknown, more: typeof codes): unknown {
  const code = isChartferryError(thrown) ? (more[thrown.code] ?? codes[thrown.code]) : undefined
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
