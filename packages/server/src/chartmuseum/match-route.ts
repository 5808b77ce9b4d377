// Which of ChartMuseum's routes a path means, and which repository: a path of `depth` segments, or of any number.
import { pathSegments } from '../routes/request-path.ts'

/** What a request needs to be allowed; undefined: nothing. */
export type ChartMuseumAction = 'pull' | 'push' | undefined

export type ChartMuseumRouteName =
  | 'welcome'
  | 'info'
  | 'health'
  | 'static'
  | 'index'
  | 'file'
  | 'artifacthub'
  | 'charts'
  | 'chart'
  | 'version'
  | 'templates'
  | 'values'
  | 'provenance'

export interface ChartMuseumRoute {
  readonly name: ChartMuseumRouteName
  /** As ChartMuseum's metrics have it. */
  readonly template: string
  /** GET allows HEAD. */
  readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'DELETE', ChartMuseumAction>>>
}

export interface MatchedRoute {
  readonly route: ChartMuseumRoute
  /** Its segments joined by `/`; empty at depth 0. */
  readonly repository: string
  readonly parameters: Readonly<Record<string, string>>
}

export interface MatchOptions {
  /** Undefined: any. */
  readonly depth: number | undefined
  readonly contextPath: string
  /** Whether an archive may lie in a folder of `charts/`, as an upstream's do. Default: false. */
  readonly deepFiles?: boolean
}

const route = (
  name: ChartMuseumRouteName,
  template: string,
  methods: ChartMuseumRoute['methods'],
): ChartMuseumRoute => ({
  name,
  template,
  methods,
})

const health = route('health', '/health', { GET: undefined })
const staticFiles = route('static', '/static', { GET: 'pull' })

const file = route('file', '/:repo/charts/:filename', { GET: 'pull' })

/** At the root, whatever the depth. */
const rootRoutes: readonly ChartMuseumRoute[] = [
  route('welcome', '/', { GET: 'pull' }),
  route('info', '/info', { GET: undefined }),
]

const repositoryRoutes: readonly ChartMuseumRoute[] = [
  route('index', '/:repo/index.yaml', { GET: 'pull' }),
  file,
  route('artifacthub', '/:repo/artifacthub-repo.yml', { GET: 'pull' }),
]

const apiRoutes: readonly ChartMuseumRoute[] = [
  route('charts', '/api/:repo/charts', { GET: 'pull', POST: 'push' }),
  route('chart', '/api/:repo/charts/:name', { GET: 'pull' }),
  route('version', '/api/:repo/charts/:name/:version', { GET: 'pull', DELETE: 'push' }),
  route('templates', '/api/:repo/charts/:name/:version/templates', { GET: 'pull' }),
  route('values', '/api/:repo/charts/:name/:version/values', { GET: 'pull' }),
  route('provenance', '/api/:repo/prov', { POST: 'push' }),
]

/** Every route, for tests and documents. */
export const chartmuseumRoutes: readonly ChartMuseumRoute[] = [
  ...rootRoutes,
  health,
  staticFiles,
  ...repositoryRoutes,
  ...apiRoutes,
]

/**
 * The route of a path; undefined where there is none. A path below `/api/` that ends as a file does is a repository's
 * that is called `api`. Throws ROUTE_NOT_FOUND for paths that could mean something else further in.
 */
export function matchRoute(
  path: string,
  { depth, contextPath, deepFiles = false }: MatchOptions,
): MatchedRoute | undefined {
  if (contextPath !== '' && path !== contextPath && !path.startsWith(`${contextPath}/`)) return undefined
  const local = path.slice(contextPath.length)
  const segments = pathSegments(local)
  const only = (found: ChartMuseumRoute, parameters: Readonly<Record<string, string>> = {}): MatchedRoute => ({
    route: found,
    repository: '',
    parameters,
  })
  if (segments.length === 1 && segments[0] === 'health') return only(health)
  if (segments[0] === 'static') return only(staticFiles, { path: segments.slice(1).join('/') })
  if (deepFiles && segments.length === 3 && segments[0] === 'charts')
    return only(file, { filename: segments.slice(1).join('/') })
  const atRoot = rootRoutes.find(({ template }) => template === `/${segments.join('/')}`)
  if (atRoot !== undefined) return only(atRoot)
  const isApi = segments[0] === 'api' && segments.length > 1 && !/\.(yaml|tgz|prov)$/.test(local)
  return isApi ? matchTail(apiRoutes, segments.slice(1), depth, 3) : matchTail(repositoryRoutes, segments, depth, 2)
}

/** Templates are compared from their end: what stands before is the repository. */
function matchTail(
  routes: readonly ChartMuseumRoute[],
  segments: readonly string[],
  depth: number | undefined,
  before: number,
): MatchedRoute | undefined {
  for (const candidate of routes) {
    const tail = candidate.template.split('/').slice(before)
    const start = depth ?? segments.length - tail.length
    if (start < 0 || segments.length !== start + tail.length) continue
    const parameters: Record<string, string> = {}
    const fits = tail.every((part, at) => {
      const segment = segments[start + at] ?? ''
      if (!part.startsWith(':')) return part === segment
      parameters[part.slice(1)] = segment
      return true
    })
    if (fits) return { route: candidate, repository: segments.slice(0, start).join('/'), parameters }
  }
  return undefined
}
