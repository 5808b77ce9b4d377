// The list of repositories, and the lines to type next.
import type { Context } from 'koa'
import { describeRepositories } from '../proxy/describe-repositories.ts'
import type { RepositoryProxy, RepositoryStatus } from '../proxy/repository-proxy.ts'
import { sendHomePage } from './home-page.ts'

export interface HomeOptions {
  readonly proxy: RepositoryProxy
  /** In the order in which they are shown. */
  readonly names: readonly string[]
  readonly version: string
  /** Undefined: the URL of the request. */
  readonly publicUrl: string | undefined
}

/** `/`: a page for browsers, JSON for those who ask for it, otherwise text. */
export async function sendHome(ctx: Context, { proxy, names, version, publicUrl }: HomeOptions): Promise<void> {
  const repositories: RepositoryStatus[] = await Promise.all(names.map((name) => proxy.status(name)))
  const url = publicUrl ?? `${ctx.protocol}://${ctx.host}`
  ctx.set('Cache-Control', 'no-store')
  ctx.set('Vary', 'Accept')
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
