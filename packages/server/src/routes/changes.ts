// The versions of a repository that changed under their names.
import type { Context } from 'koa'
import type { ChartRepository } from '../repository/chart-repository.ts'
import { callerOf } from './caller.ts'

/** `GET /api/<repository>/changes`. */
export async function sendChanges(ctx: Context, charts: ChartRepository, repository: string): Promise<void> {
  const changes = await charts.changes(repository, { caller: callerOf(ctx) })
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { changes }
}
