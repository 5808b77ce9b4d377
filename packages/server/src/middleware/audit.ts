// One line for each change and each refusal: who did what to what, from where, and what came of it.
import type { ChartferryError } from '@chartferry/core'
import type { Context } from 'koa'
import type { Logger } from 'pino'
import { callerOf, changesOf, clientOf } from '../routes/caller.ts'
import type { Need } from '../routes/route.ts'

const written: readonly Need[] = ['push', 'delete', 'admin']

/** Called when the outcome of a step is known; `status` is that of the answer. */
export type Audit = (
  ctx: Context,
  needs: Need,
  repository: string | undefined,
  status: number,
  error?: ChartferryError,
) => void

/** Lines of the log that have `"audit": true`. Reading is not among them unless it is refused. */
export function audit(log: Logger): Audit {
  return (ctx, needs, repository, status, error) => {
    const isRefused = status === 401 || status === 403
    if (!written.includes(needs) && !isRefused) return
    log.info(
      {
        audit: true,
        requestId: ctx.state.requestId as string,
        who: callerOf(ctx).principal?.name ?? null,
        client: clientOf(ctx).address,
        action: needs,
        ...(repository === undefined ? {} : { repository }),
        ...(changesOf(ctx).length === 0
          ? {}
          : { changed: changesOf(ctx).map(({ name, version }) => `${name} ${version}`) }),
        path: ctx.path,
        status,
        ...(error === undefined ? {} : { code: error.code }),
        ...(typeof error?.details.reason === 'string' ? { reason: error.details.reason } : {}),
      },
      isRefused ? 'refused' : status < 400 ? 'done' : 'failed',
    )
  }
}
