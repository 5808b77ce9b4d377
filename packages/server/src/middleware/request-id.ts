// Gives each request an identity that the answer, the log and the error carry.
import { randomUUID } from 'node:crypto'
import type { Middleware } from 'koa'

const harmless = /^[\w.:+/=-]{1,128}$/

/** The client's `X-Request-Id` when it is harmless to print, otherwise one that is made. */
export function requestIdOf(given: string | readonly string[] | undefined): string {
  return typeof given === 'string' && harmless.test(given) ? given : randomUUID()
}

/** The identity stands in `ctx.state.requestId`. */
export function requestId(): Middleware {
  return async (ctx, next) => {
    const id = requestIdOf(ctx.req.headers['x-request-id'])
    ctx.state.requestId = id
    ctx.set('X-Request-Id', id)
    await next()
  }
}
