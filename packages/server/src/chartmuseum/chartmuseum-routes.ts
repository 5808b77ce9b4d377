// ChartMuseum's table of routes: its paths, and what answers from hosted repositories.
import { ChartferryError } from '@chartferry/core'
import { version } from '@chartferry/core/internal'
import type { Context } from 'koa'
import type { HostedRepositories } from '../hosted/hosted-repository.ts'
import type { HostedStore } from '../hosted/hosted-store.ts'
import type { ChartContents } from '../repository/chart-contents.ts'
import type { ChartRepository } from '../repository/chart-repository.ts'
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
import type { PathParameters, Route } from '../routes/route.ts'
import type { UploadSpool } from '../routes/spool-upload.ts'
import type { ChartMuseumConfig } from './chartmuseum-config.ts'
import { sendArchiveFile, sendWebFile, sendWelcome } from './chartmuseum-files.ts'
import type { ChartMuseumMetrics } from './chartmuseum-metrics.ts'
import { patternOf, repositoryOf } from './chartmuseum-path.ts'

export interface ChartMuseumRoutesOptions {
  readonly config: ChartMuseumConfig
  readonly store: HostedStore
  readonly repositories: HostedRepositories
  /** Answers for index and archives; other than `repositories` where there is an upstream behind them. */
  readonly charts: ChartRepository
  /** Opens archives for those who look inside. */
  readonly contents: ChartContents
  /** Where pushes wait until they are whole. */
  readonly uploads: UploadSpool
  readonly metrics: ChartMuseumMetrics
  readonly now: () => number
}

type Run = (ctx: Context, repository: string, parameters: PathParameters) => void | Promise<void>
type Methods = Readonly<Partial<Record<'GET' | 'POST' | 'DELETE', readonly [needs: 'nothing' | 'pull' | 'push', Run]>>>

/** The routes that the configuration leaves; the name of each is its template in ChartMuseum's metrics. */
export function chartmuseumRoutes(options: ChartMuseumRoutesOptions): readonly Route[] {
  const { config } = options
  const route = (template: string, methods: Methods): Route => ({
    name: template,
    path: patternOf(template, config.depth),
    methods: {
      ...Object.fromEntries(
        Object.entries(methods).map(([method, [needs, run]]) => [
          method,
          { needs, run: (ctx: Context, found: PathParameters) => run(ctx, repositoryOf(found), found) },
        ]),
      ),
      ...(config.corsOrigin === undefined ? {} : { OPTIONS: { needs: 'nothing', run: preflight(methods) } }),
    },
  })
  return [
    ...(config.metrics ? [metricsRoute(options.metrics)] : []),
    route('/', { GET: ['pull', (ctx) => sendWelcome(ctx, config.webTemplates)] }),
    route('/info', { GET: ['nothing', (ctx) => sendJson(ctx, { version: `v${version}` })] }),
    route('/health', { GET: ['nothing', (ctx) => sendJson(ctx, { healthy: true })] }),
    ...(config.webTemplates === undefined ? [] : [route('/static', webFiles(config.webTemplates))]),
    ...repositoryRoutes(route, options),
    ...(config.api ? apiRoutes(route, options) : []),
  ]
}

type MakeRoute = (template: string, methods: Methods) => Route

const webFiles = (folder: string): Methods => ({
  GET: ['pull', (ctx, _repository, { path = '' }) => sendWebFile(ctx, folder, `static/${path}`)],
})

function repositoryRoutes(route: MakeRoute, { config, charts }: ChartMuseumRoutesOptions): readonly Route[] {
  const file: Run = (ctx, repository, { folder, filename = '' }) =>
    sendArchiveFile(ctx, charts, repository, folder === undefined ? filename : `${folder}/${filename}`)
  return [
    // An archive of an upstream may lie in a folder of its digest.
    ...(config.upstream === undefined
      ? []
      : [
          {
            ...route('/:repo/charts/:filename', { GET: ['pull', file] }),
            path: '/repository/charts/:folder/:filename',
          },
        ]),
    route('/:repo/index.yaml', {
      GET: ['pull', (ctx, repository) => sendIndex(ctx, charts, repository, config.jsonIndex ? 'json' : 'yaml')],
    }),
    route('/:repo/charts/:filename', { GET: ['pull', file] }),
    ...(config.artifactHubIds.size === 0
      ? []
      : [
          route('/:repo/artifacthub-repo.yml', {
            GET: ['pull', (ctx, repository) => sendArtifactHub(ctx, config.artifactHubIds.get(repository))],
          }),
        ]),
  ]
}

function apiRoutes(route: MakeRoute, options: ChartMuseumRoutesOptions): readonly Route[] {
  const { config, repositories, metrics } = options
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
  const count = async (repository: string): Promise<void> => {
    const { charts = 0, versions = 0 } = await repositories.status(repository)
    metrics.repository(repository, charts, versions)
  }
  const of =
    (
      send: (
        ctx: Context,
        options: ChartApiOptions,
        repository: string,
        path: { name: string; version: string },
      ) => Promise<void>,
    ): Run =>
    (ctx, repository, { name = '', version: wanted = '' }) =>
      send(ctx, api, repository, { name, version: wanted })
  const take: Run = async (ctx, repository) => {
    await takeCharts(ctx, api, repository)
    await count(repository)
  }
  const remove: Run = async (ctx, repository, found) => {
    await of(deleteVersion)(ctx, repository, found)
    await count(repository)
  }
  return [
    route('/api/:repo/charts', { GET: ['pull', of(sendCharts)], POST: ['push', take] }),
    route('/api/:repo/charts/:name', { GET: ['pull', of(sendChart)] }),
    route('/api/:repo/charts/:name/:version', {
      GET: ['pull', of(sendVersion)],
      ...(config.delete ? { DELETE: ['push', remove] } : {}),
    }),
    route('/api/:repo/charts/:name/:version/templates', { GET: ['pull', of(sendTemplates)] }),
    route('/api/:repo/charts/:name/:version/values', { GET: ['pull', of(sendValues)] }),
    route('/api/:repo/prov', { POST: ['push', of(takeProvenance)] }),
  ]
}

/** It stands beside the others, is not measured itself, and has no context path. */
function metricsRoute(metrics: ChartMuseumMetrics): Route {
  const run = async (ctx: Context): Promise<void> => {
    const text = await metrics.text()
    ctx.set('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
    ctx.body = text
  }
  return { name: '', path: '/metrics', methods: { GET: { needs: 'nothing', run } } }
}

/** Browsers ask first whether they may (Fetch, 4.8). */
function preflight(methods: Methods): (ctx: Context) => void {
  return (ctx) => {
    ctx.status = 204
    ctx.set('Access-Control-Allow-Methods', Object.keys(methods).join(', '))
    ctx.set('Access-Control-Allow-Headers', 'Authorization, Content-Type')
  }
}

function sendArtifactHub(ctx: Context, id: string | undefined): void {
  if (id === undefined) throw new ChartferryError('ROUTE_NOT_FOUND', 'Artifact Hub repository ID not found')
  ctx.type = 'application/x-yaml'
  ctx.body = `repositoryID: ${/^[\w-]+$/.test(id) ? id : JSON.stringify(id)}\n`
}

function sendJson(ctx: Context, value: object): void {
  ctx.type = 'application/json'
  ctx.body = JSON.stringify(value)
}
