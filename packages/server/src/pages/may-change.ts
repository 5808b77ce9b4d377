// Whether a page offers to change something. The guard decides again when it is done.
import type { Context } from 'koa'
import { callerOf } from '../routes/caller.ts'
import type { PageOptions } from './page-options.ts'

/** Whether charts are pushed to the repository at all, and the caller may. */
export function mayChange(
  ctx: Context,
  { access, chartApi }: Pick<PageOptions, 'access' | 'chartApi'>,
  action: 'push' | 'delete',
  repository: string,
): boolean {
  return chartApi?.isHosted(repository) === true && access.allows(callerOf(ctx), action, repository)
}
