// Failures in the form that clients of registries read (OCI distribution specification 1.1, error codes).
import type { ChartferryError, ErrorCode } from '@chartferry/core'

const codes: Partial<Readonly<Record<ErrorCode, string>>> = {
  MANIFEST_NOT_FOUND: 'MANIFEST_UNKNOWN',
  VERSION_NOT_FOUND: 'MANIFEST_UNKNOWN',
  BLOB_NOT_FOUND: 'BLOB_UNKNOWN',
  REPOSITORY_NOT_FOUND: 'NAME_UNKNOWN',
  CHART_NOT_FOUND: 'NAME_UNKNOWN',
  REFERENCE_INVALID: 'NAME_INVALID',
  METHOD_NOT_ALLOWED: 'UNSUPPORTED',
  ROUTE_NOT_FOUND: 'NAME_UNKNOWN',
  RANGE_INVALID: 'SIZE_INVALID',
  RATE_LIMITED: 'TOOMANYREQUESTS',
  TOO_MANY_REQUESTS: 'TOOMANYREQUESTS',
  PUSH_INVALID: 'DIGEST_INVALID',
  MANIFEST_INVALID: 'MANIFEST_INVALID',
  CHART_INVALID: 'MANIFEST_INVALID',
  MANIFEST_TOO_LARGE: 'MANIFEST_INVALID',
  MANIFEST_BLOB_MISSING: 'MANIFEST_BLOB_UNKNOWN',
  UPLOAD_NOT_FOUND: 'BLOB_UPLOAD_UNKNOWN',
  UPLOAD_MISPLACED: 'BLOB_UPLOAD_INVALID',
  UPLOAD_TOO_LARGE: 'SIZE_INVALID',
  TAG_IMMUTABLE: 'DENIED',
  VERSION_EXISTS: 'DENIED',
  BLOB_IN_USE: 'DENIED',
  REPOSITORY_FULL: 'DENIED',
}

/** The body of an answer that failed. */
export function registryError(error: ChartferryError, status: number): object {
  const isDigest = error.code === 'REFERENCE_INVALID' && 'digest' in error.details
  const code = isDigest
    ? 'DIGEST_INVALID'
    : (codes[error.code] ?? (status === 401 ? 'UNAUTHORIZED' : status === 403 ? 'DENIED' : 'UNKNOWN'))
  const { message, hint } = error
  return { errors: [{ code, message, detail: { code: error.code, hint } }] }
}
