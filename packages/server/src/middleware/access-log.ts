// One JSON line a request, written when the answer has been sent or the client has gone.
import type { Middleware } from 'koa'
import type { Logger } from 'pino'
import { callerOf, clientOf } from '../routes/caller.ts'

/** Logs method, path without query, status, bytes, milliseconds, cache state, who asks, and the code of an error. */
export function accessLog(log: Logger): Middleware {
  return async (ctx, next) => {
    const start = performance.now()
    ctx.res.once('close', () => {
      const { principal } = callerOf(ctx)
      log.info(
        {
          requestId: ctx.state.requestId as string,
          method: ctx.method,
          path: ctx.path,
          status: ctx.status,
          bytes: Number(ctx.response.get('content-length') || 0),
          ms: Math.round(performance.now() - start),
          ...(ctx.response.get('x-cache') === '' ? {} : { cache: ctx.response.get('x-cache') }),
          ...(ctx.state.errorCode === undefined ? {} : { code: ctx.state.errorCode as string }),
          ...(ctx.res.writableFinished ? {} : { aborted: true }),
          client: clientOf(ctx).address,
          ...(principal === undefined ? {} : { who: principal.name }),
          agent: ctx.get('user-agent'),
        },
        'request',
      )
    })
    await next()
  }
}
