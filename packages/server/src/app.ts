// The order of middleware, and which path leads where.
import { type BlobStore, ChartferryError, type IndexForm } from '@chartferry/core'
import Koa, { type Context } from 'koa'
import type { Logger } from 'pino'
import { accessLog } from './middleware/access-log.ts'
import { countRequests } from './middleware/count-requests.ts'
import { errorResponse } from './middleware/error-response.ts'
import { loopGuard } from './middleware/loop-guard.ts'
import { requestId } from './middleware/request-id.ts'
import type { RepositoryProxy } from './proxy/repository-proxy.ts'
import type { Registry } from './registry/registry.ts'
import { registryError } from './registry/registry-error.ts'
import { sendChanges } from './routes/changes.ts'
import { type ChartApiOptions, pushArchive, pushProvenance } from './routes/chart-api.ts'
import { sendHealth, sendReadiness } from './routes/health.ts'
import { type HomeOptions, sendHome } from './routes/home.ts'
import { type MetricsOptions, sendMetrics } from './routes/metrics.ts'
import { parseRegistryPath, sendRegistryContent, sendRegistryVersion } from './routes/registry.ts'
import { sendChartFile, sendIndex } from './routes/repository.ts'
import { sendChartPage, sendRepositoryPage } from './routes/repository-page.ts'
import { pathSegments } from './routes/request-path.ts'

export interface AppOptions {
  readonly proxy: RepositoryProxy
  /** What is served below `/v2/`. */
  readonly registry: Registry
  readonly store: BlobStore
  readonly chartApi: ChartApiOptions
  readonly home: HomeOptions
  readonly metrics: MetricsOptions
  /** What stands in index.yaml. */
  readonly indexForm: IndexForm
  readonly log: Logger
  /** What upstreams are told that we are. */
  readonly pseudonym: string
}

interface Route {
  /** For metrics: one of few words. */
  readonly name: string
  readonly methods: readonly string[]
  readonly run: (ctx: Context) => void | Promise<void>
}

const read = ['GET', 'HEAD']

/** The application; listens to nothing yet. */
export function createApp(options: AppOptions): Koa {
  const app = new Koa()
  app.on('error', (error: NodeJS.ErrnoException) => {
    // A client that leaves while a body is sent is no fault.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET' && error.code !== 'EPIPE') {
      options.log.error({ err: error }, 'answer failed')
    }
  })
  app.use(requestId())
  app.use(accessLog(options.log))
  app.use(countRequests(options.metrics.metrics))
  app.use(errorResponse(options.log))
  app.use(loopGuard(options.pseudonym))
  app.use(async (ctx) => {
    if (/^\/v2(\/|$)/.test(ctx.path)) ctx.state.errorBody = registryError
    const route = findRoute(pathSegments(ctx.path), options)
    if (route === undefined) throw new ChartferryError('ROUTE_NOT_FOUND', 'nothing at this path')
    ctx.state.route = route.name
    if (ctx.method === 'OPTIONS' || !route.methods.includes(ctx.method)) {
      ctx.set('Allow', route.methods.join(', '))
      throw new ChartferryError('METHOD_NOT_ALLOWED', `${ctx.method} is not for this path`)
    }
    await route.run(ctx)
  })
  return app
}

function findRoute(segments: readonly string[], options: AppOptions): Route | undefined {
  const [first, second, ...rest] = segments
  if (first === undefined) return { name: 'home', methods: read, run: (ctx) => sendHome(ctx, options.home) }
  if (first === 'v2') return findRegistryRoute(segments.slice(1), options)
  if (second === undefined) {
    if (first === 'healthz') return { name: 'health', methods: read, run: sendHealth }
    if (first === 'readyz') return { name: 'health', methods: read, run: (ctx) => sendReadiness(ctx, options.store) }
    if (first === 'metrics') return { name: 'metrics', methods: read, run: (ctx) => sendMetrics(ctx, options.metrics) }
    if (!options.home.names.includes(first)) return undefined
    return { name: 'page', methods: read, run: (ctx) => sendRepositoryPage(ctx, options.home, first) }
  }
  if (first === 'api' && rest.length === 1) {
    if (rest[0] === 'changes')
      return { name: 'api', methods: read, run: (ctx) => sendChanges(ctx, options.proxy, second) }
    const push = rest[0] === 'charts' ? pushArchive : rest[0] === 'prov' ? pushProvenance : undefined
    return push === undefined
      ? undefined
      : { name: 'api', methods: ['POST'], run: (ctx) => push(ctx, second, options.chartApi) }
  }
  if (second === 'chart' && rest.length === 1) {
    return { name: 'page', methods: read, run: (ctx) => sendChartPage(ctx, options.home, first, rest[0] ?? '') }
  }
  if (second === 'only') return findRepositoryRoute(first, rest.slice(1), options, rest[0]?.split(','))
  return findRepositoryRoute(first, [second, ...rest], options)
}

function findRegistryRoute(segments: readonly string[], { registry }: AppOptions): Route | undefined {
  if (segments.length === 0) return { name: 'registry', methods: read, run: sendRegistryVersion }
  const path = parseRegistryPath(segments)
  if (path === undefined) return undefined
  return { name: 'registry', methods: read, run: (ctx) => sendRegistryContent(ctx, registry, path) }
}

function findRepositoryRoute(
  repository: string,
  segments: readonly string[],
  { proxy, indexForm }: AppOptions,
  names?: readonly string[],
): Route | undefined {
  const [first, ...rest] = segments
  const form = first === 'index.yaml' ? indexForm : first === 'index.json' ? 'json' : undefined
  if (form !== undefined && rest.length === 0)
    return { name: 'index', methods: read, run: (ctx) => sendIndex(ctx, proxy, repository, form, names) }
  if (first === 'charts' && rest.length >= 1 && rest.length <= 3)
    return { name: 'charts', methods: read, run: (ctx) => sendChartFile(ctx, proxy, repository, rest.join('/')) }
  return undefined
}
