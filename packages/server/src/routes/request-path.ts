// The path of a request, decoded once and refused when it could mean something else further in.
import { ChartferryError } from '@chartferry/core'

/**
 * Takes the path as it came; gives its segments decoded, without a slash at the end. Throws ROUTE_NOT_FOUND for empty
 * segments, `.` and `..`, and for slashes, backslashes and control characters that were hidden by `%`.
 */
export function pathSegments(rawPath: string): string[] {
  const segments = rawPath.replace(/^\//, '').replace(/\/$/, '').split('/')
  if (segments.length === 1 && segments[0] === '') return []
  return segments.map((segment) => {
    const decoded = decode(segment)
    if (
      decoded === undefined ||
      decoded === '' ||
      decoded === '.' ||
      decoded === '..' ||
      /[/\\\p{Cc}]/u.test(decoded)
    ) {
      throw new ChartferryError('ROUTE_NOT_FOUND', 'nothing at this path')
    }
    return decoded
  })
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

/** Segments as one path again, in which each means itself. */
export function encodePath(segments: readonly string[]): string {
  return `/${segments.map(encodeURIComponent).join('/')}`
}
