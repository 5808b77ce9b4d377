// ChartMuseum's paths as the router has them: a repository is a path of `depth` segments, or of any number.
import { ChartferryError } from '@chartferry/core'
import { encodePath, pathSegments } from '../routes/request-path.ts'

/** Below which the router has the files of repositories, so that one that is called `api` is told from the API. */
const files = '/repository'

/** The router's pattern for one of ChartMuseum's templates; a depth of undefined is any. */
export function patternOf(template: string, depth: number | undefined): string {
  if (template === '/static') return '/static{/*path}'
  if (!template.includes('/:repo')) return template
  const repository =
    depth === undefined ? '{/*repository}' : Array.from({ length: depth }, (_, at) => `/:r${at}`).join('')
  const local = template.startsWith('/api/') ? template : files + template
  return local.replace('/:repo', repository)
}

/** The repository that a path is about, from what the pattern found; empty at depth 0. */
export function repositoryOf(found: Readonly<Record<string, string>>): string {
  if (found.repository !== undefined) return found.repository
  const parts: string[] = []
  for (let part = found.r0; part !== undefined; part = found[`r${parts.length}`]) parts.push(part)
  return parts.join('/')
}

/**
 * What a path is in the table. A path below `/api/` that ends as a file does is a repository's that is called `api`. Throws
 * ROUTE_NOT_FOUND outside of the context path, and for paths that could mean something else further in.
 */
export function chartmuseumPath(contextPath: string, hasMetrics: boolean): (path: string) => string {
  return (path) => {
    if (hasMetrics && path === '/metrics') return path
    if (contextPath !== '' && path !== contextPath && !path.startsWith(`${contextPath}/`))
      throw new ChartferryError('ROUTE_NOT_FOUND', 'not found')
    const local = path.slice(contextPath.length)
    const segments = pathSegments(local)
    const [first] = segments
    const isRoot =
      segments.length === 0 || first === 'static' || (segments.length === 1 && (first === 'info' || first === 'health'))
    const isApi = first === 'api' && segments.length > 1 && !/\.(yaml|tgz|prov)$/.test(local)
    return isRoot || isApi ? encodePath(segments) : files + encodePath(segments)
  }
}
