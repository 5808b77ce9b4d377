// The versions of a repository that wait for an inspection, or did not pass one.
import type { Context } from 'koa'
import type { Quarantine } from '../quarantine/with-quarantine.ts'
import { callerOf } from './caller.ts'

/** `GET /api/<repository>/quarantine`. */
export async function sendQuarantine(
  ctx: Context,
  quarantine: Pick<Quarantine, 'list'>,
  repository: string,
): Promise<void> {
  const versions = await quarantine.list(repository, { caller: callerOf(ctx) })
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { versions }
}
