// The order of middleware, and which path leads where.
import { ChartferryError } from '@chartferry/core'
import Koa from 'koa'
import type { Logger } from 'pino'
import type { Metrics } from './metrics/metrics.ts'
import { accessLog } from './middleware/access-log.ts'
import { countRequests } from './middleware/count-requests.ts'
import { errorResponse } from './middleware/error-response.ts'
import type { Guard } from './middleware/guard.ts'
import { loopGuard } from './middleware/loop-guard.ts'
import { requestId } from './middleware/request-id.ts'
import { pathSegments } from './routes/request-path.ts'
import { type Route, routeTable, stepFor } from './routes/route.ts'

export interface AppOptions {
  readonly routes: readonly Route[]
  readonly guard: Guard
  readonly metrics: Metrics
  readonly log: Logger
  /** What upstreams are told that we are. */
  readonly pseudonym: string
}

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
  app.use(countRequests(options.metrics))
  app.use(errorResponse(options.log))
  app.use(loopGuard(options.pseudonym))
  const find = routeTable(options.routes)
  app.use(async (ctx) => {
    const found = find(pathSegments(ctx.path))
    if (found === undefined) throw new ChartferryError('ROUTE_NOT_FOUND', 'nothing at this path')
    const { route, parameters } = found
    ctx.state.route = route.name
    const { needs, run } = stepFor(ctx, route)
    await options.guard(ctx, needs, parameters.repository)
    await run(ctx, parameters)
  })
  return app
}
