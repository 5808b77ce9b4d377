// Gives each request an identity that the answer, the log and the error carry.
import { randomUUID } from 'node:crypto'
import type { Middleware } from 'koa'

const harmless = /^[\w.:+/=-]{1,128}$/

/**
 * Takes the client's `X-Request-Id` when it is harmless to print, otherwise makes one. It stands in
 * `ctx.state.requestId`.
 */
export function requestId(): Middleware {
  return async (ctx, next) => {
    const given = ctx.get('x-request-id')
    const id = harmless.test(given) ? given : randomUUID()
    ctx.state.requestId = id
    ctx.set('X-Request-Id', id)
    await next()
  }
}
