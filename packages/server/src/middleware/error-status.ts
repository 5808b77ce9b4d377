// The HTTP status of an error: by its kind, or by its code where HTTP has a status for just that.
import type { ChartferryError, ErrorCode, ErrorKind } from '@chartferry/core'

const byKind: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  'not-found': 404,
  denied: 403,
  integrity: 502,
  limit: 413,
  conflict: 409,
  unavailable: 503,
  cancelled: 499,
}

const byCode: Partial<Readonly<Record<ErrorCode, number>>> = {
  UNAUTHENTICATED: 401,
  TOO_MANY_REQUESTS: 429,
  METHOD_NOT_ALLOWED: 405,
  RANGE_INVALID: 416,
  UPLOAD_MISPLACED: 416,
  REPOSITORY_FULL: 507,
  // The upstream's fault, not the client's.
  INDEX_INVALID: 502,
  UPSTREAM_DENIED: 502,
  UPSTREAM_UNREACHABLE: 502,
  UPSTREAM_TIMEOUT: 504,
  LOOP_DETECTED: 508,
  // Only uploads meet it here: an index entry with such a name is skipped.
  PATH_UNSAFE: 400,
  INTERNAL: 500,
}

/** The status for an error. Who only reads has sent nothing that could be too large: then it is the upstream's. */
export function statusOf({ code, kind }: ChartferryError, method: string): number {
  if (kind === 'limit' && (method === 'GET' || method === 'HEAD')) return 502
  return byCode[code] ?? byKind[kind]
}
