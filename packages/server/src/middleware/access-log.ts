// One JSON line a request, written when the answer has been sent or the client has gone.
import type { Middleware } from 'koa'
import type { Logger } from 'pino'
import { callerOf, clientOf } from '../routes/caller.ts'

/** What a line says of a request: the path is without query, `ms` are milliseconds, `code` is that of an error. */
export interface RequestLine {
  readonly requestId: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly bytes: number
  readonly ms: number
  readonly cache?: string
  readonly code?: string
  /** The client left before the end. */
  readonly aborted?: true
  readonly client: string
  readonly who?: string
  readonly agent: string
}

/** Writes the line of one request. */
export function logRequest(log: Logger, line: RequestLine): void {
  log.info(line, 'request')
}

/** Logs each request that the application answers. */
export function accessLog(log: Logger): Middleware {
  return async (ctx, next) => {
    const start = performance.now()
    ctx.res.once('close', () => {
      const { principal } = callerOf(ctx)
      logRequest(log, {
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
      })
    })
    await next()
  }
}
