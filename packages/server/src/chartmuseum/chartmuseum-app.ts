// ChartMuseum's routes, answered from hosted repositories.
import type { RequestListener } from 'node:http'
import { ChartferryError } from '@chartferry/core'
import { version } from '@chartferry/core/internal'
import Koa, { type Context } from 'koa'
import type { Logger } from 'pino'
import type { HostedRepositories } from '../hosted/hosted-repository.ts'
import type { HostedStore } from '../hosted/hosted-store.ts'
import { accessLog, repeatedLines } from '../middleware/access-log.ts'
import { findClient } from '../middleware/client.ts'
import { errorResponse } from '../middleware/error-response.ts'
import { type RecentAnswers, recentAnswers } from '../middleware/recent-answers.ts'
import { requestId } from '../middleware/request-id.ts'
import type { ChartRepository } from '../repository/chart-repository.ts'
import { answeredOf } from '../routes/caller.ts'
import {
  type ChartApiOptions,
  deleteVersion,
  sendChart,
  sendCharts,
  sendTemplates,
  sendValues,
  sendVersion,
  takeCharts,
  takeProvenance,
} from '../routes/chart-api.ts'
import { sendIndex } from '../routes/repository.ts'
import type { ChartMuseumAccess } from './chartmuseum-access.ts'
import type { ChartMuseumConfig } from './chartmuseum-config.ts'
import { sendArchiveFile, sendWebFile, sendWelcome } from './chartmuseum-files.ts'
import type { ChartMuseumMetrics } from './chartmuseum-metrics.ts'
import { type ChartMuseumRoute, type MatchedRoute, matchRoute } from './match-route.ts'

export interface ChartMuseumAppOptions {
  readonly config: ChartMuseumConfig
  readonly store: HostedStore
  readonly repositories: HostedRepositories
  /** Answers for index and archives; other than `repositories` where there is an upstream behind them. */
  readonly charts: ChartRepository
  readonly access: ChartMuseumAccess
  readonly metrics: ChartMuseumMetrics
  readonly log: Logger
  readonly now: () => number
}

/** The application; listens to nothing yet. */
export function chartmuseumApp(options: ChartMuseumAppOptions): RequestListener {
  const { config, log, metrics } = options
  const api: ChartApiOptions = {
    ...options,
    limits: config.limits,
    uploadBytes: config.uploadBytes,
    chartFields: config.chartFields,
    provenanceFields: config.provenanceFields,
    rulesOf: () => ({
      mostFiles: config.mostFiles,
      versionsPerChart: config.versionsPerChart,
      overwrite: config.allowOverwrite ? 'always' : config.allowForce ? 'force' : 'never',
    }),
  }
  const app = new Koa()
  app.on('error', (error: NodeJS.ErrnoException) => {
    // A client that leaves while a body is sent is no fault.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET' && error.code !== 'EPIPE')
      log.error({ err: error }, 'answer failed')
  })
  const recent = openRecentAnswers(options)
  app.use(recent.remember)
  app.use(requestId())
  app.use(findClient(() => false, false))
  const logged = accessLog(log)
  app.use((ctx, next) =>
    !config.logHealth && ctx.path === `${config.contextPath}/health` ? next() : logged(ctx, next),
  )
  app.use(measured(metrics))
  app.use(async (ctx, next) => {
    await next()
    const { challenge } = ctx.state as { readonly challenge?: string }
    if (challenge !== undefined) ctx.set('WWW-Authenticate', challenge)
  })
  app.use(errorResponse(log))
  app.use(async (ctx) => {
    if (config.metrics && ctx.path === '/metrics') return sendMetrics(ctx, metrics)
    const found = matchRoute(ctx.path, { ...config, deepFiles: config.upstream !== undefined })
    if (found === undefined || !isEnabled(found.route, ctx.method, config)) throw notFound()
    ctx.state.url = found.route.template
    const method = ctx.method === 'HEAD' ? 'GET' : ctx.method
    if (method !== 'OPTIONS' && !isMethod(found.route, method)) throw notFound()
    if (config.corsOrigin !== undefined && found.route.template.startsWith('/api/'))
      ctx.set('Access-Control-Allow-Origin', config.corsOrigin)
    if (method === 'OPTIONS') return sendPreflight(ctx, found.route)
    const action = found.route.methods[method]
    ctx.state.isOpen = options.access.isOpen(action)
    const challenge = await options.access.challenge(ctx.headers, action, found.repository)
    if (challenge !== undefined) {
      ctx.state.challenge = challenge
      throw new ChartferryError('UNAUTHENTICATED', 'unauthorized')
    }
    await answer(ctx, found, method, options, api)
  })
  const handle = app.callback()
  return (request, response) => {
    if (!recent.answer(request, response)) void handle(request, response)
  }
}

/** The way past the application, with the same log lines and counts. */
function openRecentAnswers({ config, metrics, log }: ChartMuseumAppOptions): RecentAnswers {
  return recentAnswers({
    isTrustedProxy: () => false,
    repeatable: (ctx, bytes) => {
      const { url, isOpen = false } = ctx.state as { readonly url?: string; readonly isOpen?: boolean }
      const isCurrent = (answeredOf(ctx)?.cache ?? 'HIT') === 'HIT'
      if (url === undefined || !isOpen || !isCurrent) return undefined
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

async function answer(
  ctx: Context,
  { route, repository, parameters }: MatchedRoute,
  method: 'GET' | 'POST' | 'DELETE',
  { config, charts, repositories, metrics }: ChartMuseumAppOptions,
  api: ChartApiOptions,
): Promise<void> {
  const { name = '', version: wanted = '', filename = '' } = parameters
  const path = { name, version: wanted }
  switch (route.name) {
    case 'welcome':
      return sendWelcome(ctx, config.webTemplates)
    case 'static':
      return sendWebFile(ctx, config.webTemplates ?? '', `static/${parameters.path ?? ''}`)
    case 'info':
      return sendJson(ctx, { version: `v${version}` })
    case 'health':
      return sendJson(ctx, { healthy: true })
    case 'index':
      return sendIndex(ctx, charts, repository, config.jsonIndex ? 'json' : 'yaml')
    case 'file':
      return sendArchiveFile(ctx, charts, repository, filename)
    case 'artifacthub': {
      const id = config.artifactHubIds.get(repository)
      if (id === undefined) throw new ChartferryError('ROUTE_NOT_FOUND', 'Artifact Hub repository ID not found')
      ctx.type = 'application/x-yaml'
      ctx.body = `repositoryID: ${/^[\w-]+$/.test(id) ? id : JSON.stringify(id)}\n`
      return
    }
    case 'charts':
      if (method === 'GET') return sendCharts(ctx, api, repository)
      await takeCharts(ctx, api, repository)
      return countCharts(repository, repositories, metrics)
    case 'chart':
      return sendChart(ctx, api, repository, path)
    case 'version':
      if (method === 'GET') return sendVersion(ctx, api, repository, path)
      await deleteVersion(ctx, api, repository, path)
      return countCharts(repository, repositories, metrics)
    case 'templates':
      return sendTemplates(ctx, api, repository, path)
    case 'values':
      return sendValues(ctx, api, repository, path)
    case 'provenance':
      return takeProvenance(ctx, api, repository)
  }
}

async function countCharts(
  repository: string,
  repositories: HostedRepositories,
  metrics: ChartMuseumMetrics,
): Promise<void> {
  const { charts = 0, versions = 0 } = await repositories.status(repository)
  metrics.repository(repository, charts, versions)
}

function isEnabled({ name, template }: ChartMuseumRoute, method: string, config: ChartMuseumConfig): boolean {
  if (template.startsWith('/api/') && (!config.api || (method === 'DELETE' && !config.delete))) return false
  if (method === 'OPTIONS' && config.corsOrigin === undefined) return false
  if (name === 'artifacthub') return config.artifactHubIds.size > 0
  return name !== 'static' || config.webTemplates !== undefined
}

function isMethod({ methods }: ChartMuseumRoute, method: string): method is 'GET' | 'POST' | 'DELETE' {
  return Object.hasOwn(methods, method)
}

/** Browsers ask first whether they may (Fetch, 4.8). */
function sendPreflight(ctx: Context, { methods }: ChartMuseumRoute): void {
  ctx.status = 204
  ctx.set('Access-Control-Allow-Methods', Object.keys(methods).join(', '))
  ctx.set('Access-Control-Allow-Headers', 'Authorization, Content-Type')
}

function measured(metrics: ChartMuseumMetrics): Koa.Middleware {
  return async (ctx, next) => {
    const start = performance.now()
    ctx.res.once('close', () => {
      const { url } = ctx.state as { readonly url?: string }
      if (url === undefined) return
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

async function sendMetrics(ctx: Context, metrics: ChartMuseumMetrics): Promise<void> {
  const text = await metrics.text()
  ctx.set('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  ctx.body = text
}

function sendJson(ctx: Context, value: object): void {
  ctx.type = 'application/json'
  ctx.body = JSON.stringify(value)
}

function notFound(): ChartferryError {
  return new ChartferryError('ROUTE_NOT_FOUND', 'not found')
}
