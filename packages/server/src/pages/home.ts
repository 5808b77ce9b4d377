// The list of repositories: a page for browsers, JSON for those who ask for it, otherwise text with the lines to type next.
import type { Context } from 'koa'
import type { RepositoryStatus } from '../repository/chart-repository.ts'
import { describeRepositories } from '../repository/describe-repositories.ts'
import { baseUrlOf, callerOf } from '../routes/caller.ts'
import { sendHomePage } from './home-page.ts'
import type { PageOptions } from './page-options.ts'

/** `/`, with what the caller may pull. */
export async function sendHome(ctx: Context, options: PageOptions): Promise<void> {
  const { charts, access, names, version, publicUrl } = options
  const caller = callerOf(ctx)
  const shown = names.filter((name) => access.allows(caller, 'pull', name))
  ctx.set('Cache-Control', 'no-store')
  ctx.vary('Accept')
  const type = ctx.accepts('text/plain', 'application/json', 'text/html')
  if (type === 'text/html') return sendHomePage(ctx, options, shown)
  const repositories: RepositoryStatus[] = await Promise.all(shown.map((name) => charts.status(name, { caller })))
  const url = baseUrlOf(ctx, publicUrl)
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
