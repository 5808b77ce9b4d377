// Counts requests and the time they take, by route.
import type { Middleware } from 'koa'
import type { Metrics } from '../metrics/metrics.ts'

/** The route stands in `ctx.state.route` once it is known; `none` where nothing is at the path. */
export function countRequests(metrics: Metrics): Middleware {
  return async (ctx, next) => {
    const start = performance.now()
    ctx.res.once('close', () => {
      const route = typeof ctx.state.route === 'string' ? ctx.state.route : 'none'
      metrics.request(ctx.method, route, ctx.status, (performance.now() - start) / 1000)
    })
    await next()
  }
}
