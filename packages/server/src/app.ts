// The order of middleware, and which path leads where.
import type { RequestListener } from 'node:http'
import { ChartferryError, isChartferryError } from '@chartferry/core'
import Koa from 'koa'
import type { Logger } from 'pino'
import type { Metrics } from './metrics/metrics.ts'
import { accessLog, repeatedLines } from './middleware/access-log.ts'
import type { Audit } from './middleware/audit.ts'
import { findClient } from './middleware/client.ts'
import { cors } from './middleware/cors.ts'
import { countRequests } from './middleware/count-requests.ts'
import { errorResponse } from './middleware/error-response.ts'
import { statusOf } from './middleware/error-status.ts'
import type { Guard } from './middleware/guard.ts'
import { loopGuard } from './middleware/loop-guard.ts'
import { type RecentAnswers, recentAnswers } from './middleware/recent-answers.ts'
import { requestId } from './middleware/request-id.ts'
import { registryError } from './registry/registry-error.ts'
import { answeredOf, type Change, callerOf, changesOf, clientOf, isPublic } from './routes/caller.ts'
import { pathSegments } from './routes/request-path.ts'
import { type Route, routeTable, stepFor } from './routes/route.ts'

export interface AppOptions {
  readonly routes: readonly Route[]
  readonly guard: Guard
  readonly audit: Audit
  /** Told of every chart version that was added or taken away. Default: nobody is told. */
  readonly onChange?: ((change: Change, who: string | undefined) => void) | undefined
  /** Takes one request from what a client may still send; throws when there is none left. Default: no limit. */
  readonly limit?: ((address: string) => void) | undefined
  /** Origins whose pages may read answers. */
  readonly origins: readonly string[]
  /** Whose `X-Forwarded-*` headers are believed. */
  readonly isTrustedProxy: (address: string) => boolean
  /** Whether clients of this machine are told from others. Default: false. */
  readonly knowsLoopback?: boolean
  readonly metrics: Metrics
  readonly log: Logger
  /** How clients of registries are asked for credentials. Default: as everybody is. */
  readonly challenge?: ((ctx: Koa.Context) => string | undefined) | undefined
  /** What upstreams are told that we are. */
  readonly pseudonym: string
}

/** The application; listens to nothing yet. */
export function createApp(options: AppOptions): RequestListener {
  const app = new Koa()
  const recent = openRecentAnswers(options)
  app.on('error', (error: NodeJS.ErrnoException) => {
    // A client that leaves while a body is sent is no fault.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET' && error.code !== 'EPIPE') {
      options.log.error({ err: error }, 'answer failed')
    }
  })
  app.use(recent.remember)
  app.use(requestId())
  app.use(findClient(options.isTrustedProxy, options.knowsLoopback ?? false))
  app.use(async (ctx, next) => {
    ctx.set('X-Content-Type-Options', 'nosniff')
    await next()
  })
  app.use(accessLog(options.log))
  app.use(countRequests(options.metrics))
  app.use(errorResponse(options.log))
  if (options.origins.length > 0) app.use(cors(options.origins))
  app.use(loopGuard(options.pseudonym))
  const find = routeTable(options.routes)
  app.use(async (ctx) => {
    if (/^\/v2(\/|$)/.test(ctx.path)) {
      ctx.state.errorBody = registryError
      ctx.state.challenge = options.challenge?.(ctx)
    }
    const found = find(pathSegments(ctx.path))
    const step = found && stepFor(ctx, found.route)
    if (step?.needs !== 'nothing') options.limit?.(clientOf(ctx).address)
    if (found === undefined || step === undefined) throw new ChartferryError('ROUTE_NOT_FOUND', 'nothing at this path')
    const { route, parameters } = found
    ctx.state.route = route.name
    const tell = (status: number, error?: ChartferryError): void =>
      options.audit(ctx, step.needs, parameters.repository, status, error)
    try {
      await options.guard(ctx, step.needs, parameters.repository)
      await step.run(ctx, parameters)
      tell(ctx.status)
    } catch (thrown) {
      if (isChartferryError(thrown)) tell(statusOf(thrown, ctx.method), thrown)
      else tell(500)
      throw thrown
    } finally {
      for (const change of changesOf(ctx)) options.onChange?.(change, callerOf(ctx).principal?.name)
    }
  })
  const handle = app.callback()
  return (request, response) => {
    if (!recent.answer(request, response)) void handle(request, response)
  }
}

/** The way past the application, with the same log lines, counts and limits. */
function openRecentAnswers({ isTrustedProxy, limit, metrics, log }: AppOptions): RecentAnswers {
  return recentAnswers({
    isTrustedProxy,
    limit,
    repeatable: (ctx, bytes) => {
      const answered = answeredOf(ctx)
      // What an upstream has just been asked for counts as such once.
      if (answered === undefined || !isPublic(ctx) || (answered.cache ?? 'HIT') !== 'HIT') return undefined
      const { repository, kind, cache } = answered
      const { status, path } = ctx
      const route = ctx.state.route as string
      const same = { method: 'GET', path, status, bytes, ...(cache === undefined ? {} : { cache }) }
      const writeLine = repeatedLines(log, same)
      return (repeated) => {
        metrics.answer(repository, kind, cache ?? 'OK')
        metrics.request('GET', route, status, repeated.milliseconds / 1000)
        writeLine(repeated)
      }
    },
  })
}
