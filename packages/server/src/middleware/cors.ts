// Lets pages of other sites read answers, where that is configured (the Fetch standard, 3.2).
import type { Context, Middleware } from 'koa'

const readable = 'Content-Length, ETag, Retry-After, X-Cache, X-Request-Id'
const allowedHeaders = 'Authorization, Content-Type, If-None-Match, Range'

/** Answers the browser's question and marks what a page of the origins given may read. */
export function cors(origins: readonly string[]): Middleware {
  return async (ctx, next) => {
    ctx.vary('Origin')
    const origin = ctx.get('origin')
    const allowed = origins.includes('*') ? '*' : origins.includes(origin) ? origin : undefined
    if (origin === '' || allowed === undefined) return next()
    ctx.set('Access-Control-Allow-Origin', allowed)
    if (isPreflight(ctx)) {
      ctx.set('Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, PATCH, DELETE')
      ctx.set('Access-Control-Allow-Headers', allowedHeaders)
      ctx.set('Access-Control-Max-Age', '600')
      ctx.status = 204
      return
    }
    ctx.set('Access-Control-Expose-Headers', readable)
    await next()
  }
}

function isPreflight(ctx: Context): boolean {
  return ctx.method === 'OPTIONS' && ctx.get('access-control-request-method') !== ''
}
