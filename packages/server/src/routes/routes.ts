// The table of routes of repositories: what each needs, and what answers.
import { ChartferryError, type IndexForm } from '@chartferry/core'
import type { Context } from 'koa'
import { sendChanges } from './changes.ts'
import { type ChartApiOptions, pushArchive, pushProvenance } from './chart-api.ts'
import { type HomeOptions, sendHome } from './home.ts'
import { sendChartFile, sendIndex } from './repository.ts'
import { sendChartPage, sendRepositoryPage } from './repository-page.ts'
import { type PathParameters, parameter, type Route } from './route.ts'

export interface RoutesOptions {
  readonly chartApi: ChartApiOptions
  readonly home: HomeOptions
  /** What stands in index.yaml. */
  readonly indexForm: IndexForm
}

/** An archive's path: its name, in a folder of its digest, in that of a group's member. */
const deepest = 3

/** The routes of repositories; the first that fits a path counts. */
export function routesOf({ chartApi, home, indexForm }: RoutesOptions): readonly Route[] {
  const { proxy } = home
  const index = (ctx: Context, parameters: PathParameters, form: IndexForm): Promise<void> =>
    sendIndex(ctx, proxy, parameter(parameters, 'repository'), form, parameters.charts?.split(','))
  const file = (ctx: Context, parameters: PathParameters): Promise<void> => {
    const path = parameter(parameters, 'path')
    if (path.split('/').length > deepest) throw new ChartferryError('ROUTE_NOT_FOUND', 'nothing at this path')
    return sendChartFile(ctx, proxy, parameter(parameters, 'repository'), path)
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
    { name: 'home', path: '/', methods: { GET: { needs: 'listing', run: (ctx) => sendHome(ctx, home) } } },
    pull('api', '/api/:repository/changes', (ctx, found) => sendChanges(ctx, proxy, parameter(found, 'repository'))),
    {
      name: 'api',
      path: '/api/:repository/charts',
      methods: {
        POST: { needs: 'push', run: (ctx, found) => pushArchive(ctx, parameter(found, 'repository'), chartApi) },
      },
    },
    {
      name: 'api',
      path: '/api/:repository/prov',
      methods: {
        POST: { needs: 'push', run: (ctx, found) => pushProvenance(ctx, parameter(found, 'repository'), chartApi) },
      },
    },
    ...repositories,
    pull('page', '/:repository/chart/:chart', (ctx, found) =>
      sendChartPage(ctx, home, parameter(found, 'repository'), parameter(found, 'chart')),
    ),
    pull('page', '/:repository', (ctx, found) => sendRepositoryPage(ctx, home, parameter(found, 'repository'))),
  ]
}
