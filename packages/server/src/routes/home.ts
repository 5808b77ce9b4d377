// The list of repositories, and the lines to type next.
import type { Context } from 'koa'
import type { Access } from '../auth/access.ts'
import type { Relocations } from '../relocated/relocated-repository.ts'
import type { ChartImages } from '../repository/chart-images.ts'
import type { ChartRepository, RepositoryStatus } from '../repository/chart-repository.ts'
import { describeRepositories } from '../repository/describe-repositories.ts'
import { baseUrlOf, callerOf } from './caller.ts'
import { sendHomePage } from './home-page.ts'

export interface HomeOptions {
  readonly charts: ChartRepository
  /** Says which of them a caller is shown. */
  readonly access: Access
  /** In the order in which they are shown. */
  readonly names: readonly string[]
  readonly version: string
  /** Finds the images that pages show. */
  readonly images: ChartImages
  /** Repositories whose charts are relocated. Default: there are none. */
  readonly relocations?: Relocations
  /** Undefined: the URL of the request. */
  readonly publicUrl: string | undefined
}

/** `/`, with what the caller may pull: a page for browsers, JSON for those who ask for it, otherwise text. */
export async function sendHome(
  ctx: Context,
  { charts, access, names, version, publicUrl }: Omit<HomeOptions, 'images'>,
): Promise<void> {
  const caller = callerOf(ctx)
  const shown = names.filter((name) => access.allows(caller, 'pull', name))
  const repositories: RepositoryStatus[] = await Promise.all(shown.map((name) => charts.status(name, { caller })))
  const url = baseUrlOf(ctx, publicUrl)
  ctx.set('Cache-Control', 'no-store')
  ctx.vary('Accept')
  const type = ctx.accepts('text/plain', 'application/json', 'text/html')
  if (type === 'text/html') return sendHomePage(ctx, repositories, { url, version })
  if (type === 'application/json') {
    ctx.body = {
      version,
      repositories: repositories.map((repository) => ({ ...repository, url: `${url}/${repository.name}` })),
    }
    return
  }
  ctx.type = 'text/plain'
  ctx.body = `chartferry ${version}\n\n${describeRepositories(repositories, url)}`
}
