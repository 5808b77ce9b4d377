// The application in the place of ChartMuseum: its routes, its way of asking who somebody is, its metrics.
import type { RequestListener } from 'node:http'
import { ChartferryError } from '@chartferry/core'
import type { Middleware } from 'koa'
import type { Logger } from 'pino'
import { createApp } from '../app.ts'
import type { ChartMuseumAccess } from '../chartmuseum/chartmuseum-access.ts'
import type { ChartMuseumConfig } from '../chartmuseum/chartmuseum-config.ts'
import type { ChartMuseumMetrics } from '../chartmuseum/chartmuseum-metrics.ts'
import { chartmuseumPath, repositoryOf } from '../chartmuseum/chartmuseum-path.ts'
import { type ChartMuseumRoutesOptions, chartmuseumRoutes } from '../chartmuseum/chartmuseum-routes.ts'
import { repeatedLines } from '../middleware/access-log.ts'
import type { Guard } from '../middleware/guard.ts'
import { type RecentAnswers, recentAnswers } from '../middleware/recent-answers.ts'
import { answeredOf } from '../routes/caller.ts'

export interface ChartMuseumAppOptions extends ChartMuseumRoutesOptions {
  readonly access: ChartMuseumAccess
  readonly log: Logger
}

/** The application; listens to nothing yet. */
export function chartmuseumApp(options: ChartMuseumAppOptions): RequestListener {
  const { config, log, metrics, access } = options
  return createApp({
    routes: chartmuseumRoutes(options),
    pathOf: chartmuseumPath(config.contextPath, config.metrics),
    tellsMethods: false,
    guard: openGuard(config, access),
    audit: () => {},
    recent: openRecentAnswers(options),
    measure: measured(metrics),
    isLogged: (ctx) => config.logHealth || ctx.path !== `${config.contextPath}/health`,
    isTrustedProxy: () => false,
    log,
  })
}

/** Asks who somebody is as ChartMuseum does. Throws UNAUTHENTICATED. */
function openGuard({ corsOrigin }: ChartMuseumConfig, access: ChartMuseumAccess): Guard {
  return async (ctx, needs) => {
    const isApi = (ctx.state.route as string).startsWith('/api/')
    if (corsOrigin !== undefined && isApi) ctx.set('Access-Control-Allow-Origin', corsOrigin)
    if (ctx.method === 'OPTIONS') return
    const action = needs === 'pull' || needs === 'push' ? needs : undefined
    ctx.state.isOpen = access.isOpen(action)
    const challenge = await access.challenge(ctx.headers, action, repositoryOf(ctx.params as Record<string, string>))
    if (challenge === undefined) return
    ctx.state.challenge = challenge
    throw new ChartferryError('UNAUTHENTICATED', 'unauthorized')
  }
}

/** The way past the application, with the same log lines and counts. */
function openRecentAnswers({ config, metrics, log }: ChartMuseumAppOptions): RecentAnswers {
  return recentAnswers({
    isTrustedProxy: () => false,
    repeatable: (ctx, bytes) => {
      const { route: url = '', isOpen = false } = ctx.state as { readonly route?: string; readonly isOpen?: boolean }
      const isCurrent = (answeredOf(ctx)?.cache ?? 'HIT') === 'HIT'
      if (url === '' || !isOpen || !isCurrent) return undefined
      const { status, path } = ctx
      const writeLine = repeatedLines(log, { method: 'GET', path, status, bytes })
      return (repeated) => {
        const { request, milliseconds } = repeated
        const { host = '' } = request.headers
        const [seconds, requestBytes] = [milliseconds / 1000, request.url?.length ?? 0]
        metrics.request({ status, method: 'GET', host, url, seconds, requestBytes, responseBytes: bytes })
        if (config.logHealth || url !== '/health') writeLine(repeated)
      }
    },
  })
}

function measured(metrics: ChartMuseumMetrics): Middleware {
  return async (ctx, next) => {
    const start = performance.now()
    ctx.res.once('close', () => {
      const { route: url = '' } = ctx.state as { readonly route?: string }
      if (url === '') return
      metrics.request({
        status: ctx.status,
        method: ctx.method,
        host: ctx.host,
        url,
        seconds: (performance.now() - start) / 1000,
        requestBytes: Number(ctx.get('content-length') || 0) + ctx.url.length,
        responseBytes: Number(ctx.response.get('content-length') || 0),
      })
    })
    await next()
  }
}
