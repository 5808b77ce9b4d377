// The table of routes of repositories: what each needs, and what answers.

import { ChartferryError } from '@chartferry/core'
import type { IndexForm } from '@chartferry/core/helm'
import type { Context } from 'koa'
import type { Quarantine } from '../quarantine/with-quarantine.ts'
import type { PushRegistry } from '../registry/push-registry.ts'
import type { ServedRegistry } from '../registry/served.ts'
import type { Relocations } from '../relocated/relocated-repository.ts'
import type { ChartRepository } from '../repository/chart-repository.ts'
import { sendChanges } from './changes.ts'
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
  type VersionPath,
} from './chart-api.ts'
import { sendQuarantine } from './quarantine.ts'
import { registryRoutes } from './registry.ts'
import { pushMethods } from './registry-push.ts'
import { sendRelocation } from './relocation.ts'
import { sendChartFile, sendIndex } from './repository.ts'
import { type PathParameters, parameter, type Route } from './route.ts'

export interface RoutesOptions {
  /** Undefined: nothing is hosted. */
  readonly chartApi: ChartApiOptions | undefined
  readonly charts: ChartRepository
  /** Repositories whose charts are relocated. Default: there are none. */
  readonly relocations?: Relocations | undefined
  readonly quarantine: Pick<Quarantine, 'list'>
  /** What is served below `/v2/`. */
  readonly registry: ServedRegistry
  /** Where images and charts are pushed below `/v2/`. Default: nowhere. */
  readonly pushes?: PushRegistry
  /** What stands in index.yaml. */
  readonly indexForm: IndexForm
}

/**
 * An archive's path: its name, in a folder of its digest, in that of a group's member; before each a folder of the rules
 * by which it is relocated.
 */
const deepest = 5

/** The routes of repositories; the first that fits a path counts. */
export function routesOf({
  relocations,
  chartApi,
  charts,
  quarantine,
  registry,
  pushes,
  indexForm,
}: RoutesOptions): readonly Route[] {
  const index = (ctx: Context, parameters: PathParameters, form: IndexForm): Promise<void> =>
    sendIndex(ctx, charts, parameter(parameters, 'repository'), form, parameters.charts?.split(','))
  const file = (ctx: Context, parameters: PathParameters): Promise<void> => {
    const path = parameter(parameters, 'path')
    if (path.split('/').length > deepest) throw new ChartferryError('ROUTE_NOT_FOUND', 'nothing at this path')
    return sendChartFile(ctx, charts, parameter(parameters, 'repository'), path)
  }
  const pull = (name: string, path: string, run: Route['methods'][string]['run']): Route => ({
    name,
    path,
    methods: { GET: { needs: 'pull', run } },
  })
  const repositories = ['/:repository', '/:repository/only/:charts'].flatMap((base) => [
    pull('index', `${base}/index.yaml`, (ctx, found) => index(ctx, found, indexForm)),
    pull('index', `${base}/index.json`, (ctx, found) => index(ctx, found, 'json')),
    pull('charts', `${base}/charts/*path`, file),
  ])
  return [
    ...registryRoutes(registry, undefined, pushes && pushMethods(pushes)),
    pull('api', '/api/:repository/quarantine', (ctx, found) =>
      sendQuarantine(ctx, quarantine, parameter(found, 'repository')),
    ),
    pull('api', '/api/:repository/changes', (ctx, found) => sendChanges(ctx, charts, parameter(found, 'repository'))),
    pull('api', '/api/:repository/charts/:name/:version/relocation', (ctx, found) =>
      sendRelocation(
        ctx,
        { charts, relocations },
        parameter(found, 'repository'),
        parameter(found, 'name'),
        parameter(found, 'version'),
      ),
    ),
    ...(chartApi === undefined ? [] : chartApiRoutes(chartApi)),
    ...repositories,
  ]
}

/** ChartMuseum's API, for hosted repositories. */
function chartApiRoutes(options: ChartApiOptions): readonly Route[] {
  const step =
    (run: (ctx: Context, options: ChartApiOptions, repository: string, path: VersionPath) => Promise<void>) =>
    (ctx: Context, found: PathParameters): Promise<void> =>
      run(ctx, options, parameter(found, 'repository'), {
        name: parameter(found, 'name'),
        version: parameter(found, 'version'),
      })
  const route = (path: string, methods: Route['methods']): Route => ({
    name: 'api',
    path: `/api/:repository/${path}`,
    methods,
  })
  return [
    route('charts', {
      GET: { needs: 'pull', run: step(sendCharts) },
      POST: { needs: 'push', run: step(takeCharts) },
    }),
    route('prov', { POST: { needs: 'push', run: step(takeProvenance) } }),
    route('charts/:name', { GET: { needs: 'pull', run: step(sendChart) } }),
    route('charts/:name/:version', {
      GET: { needs: 'pull', run: step(sendVersion) },
      DELETE: { needs: 'delete', run: step(deleteVersion) },
    }),
    route('charts/:name/:version/templates', { GET: { needs: 'pull', run: step(sendTemplates) } }),
    route('charts/:name/:version/values', { GET: { needs: 'pull', run: step(sendValues) } }),
  ]
}
