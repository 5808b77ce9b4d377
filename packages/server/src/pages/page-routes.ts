// The table of pages: what each needs, and what answers.
import type { Context } from 'koa'
import { type PathParameters, parameter, type Route, type RouteStep } from '../routes/route.ts'
import { assetRoutes } from './assets.ts'
import { sendDeletePage, takeDeletion } from './delete-page.ts'
import { sendDifferencePage } from './difference-page.ts'
import { sendHome } from './home.ts'
import { sendImageList, sendImagePage } from './image-pages.ts'
import { sendImagesPage } from './images-page.ts'
import type { PageOptions } from './page-options.ts'
import { sendRepositoryPage } from './repository-page.ts'
import { sendSearchPage } from './search-page.ts'
import { signInRoutes } from './sign-in-page.ts'
import { sendUploadPage, takeUpload } from './upload-page.ts'
import { sendValuesPage } from './values-page.ts'
import { sendVersionPage } from './version-page.ts'
import { sendVersionsPage } from './versions-page.ts'

type OfVersion = (
  ctx: Context,
  options: PageOptions,
  repository: string,
  chart: string,
  version: string,
) => Promise<void>

/** The routes of pages; they stand behind all others, since `/<repository>` fits much. `origins` are those of other sites that may change something. */
export function pageRoutes(options: PageOptions, origins: readonly string[]): readonly Route[] {
  const page = (path: string, needs: RouteStep['needs'], run: RouteStep['run'], post?: RouteStep): Route => ({
    name: 'page',
    path,
    methods: { GET: { needs, run }, ...(post === undefined ? {} : { POST: post }) },
  })
  const repositoryOf = (found: PathParameters): string => parameter(found, 'repository')
  const chartOf = (found: PathParameters): string => parameter(found, 'chart')
  const ofVersion =
    (send: OfVersion): RouteStep['run'] =>
    (ctx, found) =>
      send(ctx, options, repositoryOf(found), chartOf(found), parameter(found, 'version'))
  const version = '/:repository/chart/:chart/:version'
  return [
    { name: 'home', path: '/', methods: { GET: { needs: 'listing', run: (ctx) => sendHome(ctx, options) } } },
    ...assetRoutes(),
    ...(options.signIn === undefined ? [] : signInRoutes(options, options.signIn, origins)),
    page('/-/search', 'listing', (ctx) => sendSearchPage(ctx, options)),
    page('/-/images', 'listing', (ctx) => sendImageList(ctx, options)),
    page('/-/images/:repository/*path', 'pull', (ctx, found) =>
      sendImagePage(ctx, options, repositoryOf(found), parameter(found, 'path')),
    ),
    page('/:repository/chart/:chart', 'pull', (ctx, found) =>
      sendVersionPage(ctx, options, repositoryOf(found), chartOf(found), undefined),
    ),
    page(version, 'pull', ofVersion(sendVersionPage)),
    page(`${version}/values`, 'pull', ofVersion(sendValuesPage)),
    page(`${version}/images`, 'pull', ofVersion(sendImagesPage)),
    page(`${version}/versions`, 'pull', ofVersion(sendVersionsPage)),
    page(`${version}/difference`, 'pull', ofVersion(sendDifferencePage)),
    ...(options.chartApi === undefined
      ? []
      : [
          page(`${version}/delete`, 'delete', ofVersion(sendDeletePage), {
            needs: 'delete',
            run: ofVersion(takeDeletion),
          }),
          page('/:repository/upload', 'push', (ctx, found) => sendUploadPage(ctx, options, repositoryOf(found)), {
            needs: 'push',
            run: (ctx, found) => takeUpload(ctx, options, repositoryOf(found)),
          }),
        ]),
    page('/:repository', 'pull', (ctx, found) => sendRepositoryPage(ctx, options, repositoryOf(found))),
  ]
}
