// One JSON line a request, written when the answer has been sent or the client has gone.
import type { Middleware } from 'koa'
import type { Logger } from 'pino'
import { callerOf, clientOf } from '../routes/caller.ts'
import type { OnRepeated } from './recent-answers.ts'

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

/** What is the same in the lines of all requests that get the same answer. */
type SameInLines = Pick<RequestLine, 'method' | 'path' | 'status' | 'bytes' | 'cache'>

/** Logs the requests that get one answer again: what is the same in all of their lines is put into words once. */
export function repeatedLines(log: Logger, same: SameInLines): OnRepeated {
  let begun: Logger | undefined
  return ({ request, response, requestId, client, milliseconds }) => {
    begun ??= log.child(same)
    const line: Omit<RequestLine, keyof SameInLines> = {
      requestId,
      ms: Math.round(milliseconds),
      ...(response.writableFinished ? {} : { aborted: true }),
      client,
      agent: request.headers['user-agent'] ?? '',
    }
    begun.info(line, 'request')
  }
}

/** Logs each request that the application answers. */
export function accessLog(log: Logger): Middleware {
  return async (ctx, next) => {
    const start = performance.now()
    ctx.res.once('close', () => {
      const { principal } = callerOf(ctx)
      const line: RequestLine = {
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
      }
      log.info(line, 'request')
    })
    await next()
  }
}
