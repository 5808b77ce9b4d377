// The versions of a repository that changed under their names.
import type { Context } from 'koa'
import type { RepositoryProxy } from '../proxy/repository-proxy.ts'
import { callerOf } from './caller.ts'

/** `GET /api/<repository>/changes`. */
export async function sendChanges(ctx: Context, proxy: RepositoryProxy, repository: string): Promise<void> {
  const changes = await proxy.changes(repository, { caller: callerOf(ctx) })
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { changes }
}
