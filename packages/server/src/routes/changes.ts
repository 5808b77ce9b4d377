// The versions of a repository that changed under their names.
import type { Context } from 'koa'
import type { RepositoryProxy } from '../proxy/repository-proxy.ts'

/** `GET /api/<repository>/changes`. */
export async function sendChanges(ctx: Context, proxy: RepositoryProxy, repository: string): Promise<void> {
  const changes = await proxy.changes(repository)
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { changes }
}
