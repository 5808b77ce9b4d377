// Every failure becomes one form of answer: `{"error", "code", "hint", "requestId"}`, unless the routes have one of
// their own.
import { ChartferryError, isChartferryError } from '@chartferry/core'
import type { Context, Middleware } from 'koa'
import type { Logger } from 'pino'
import { statusOf } from './error-status.ts'

/** What a family of routes answers with instead; it stands in `ctx.state.errorBody`. */
export type ErrorBody = (error: ChartferryError, status: number) => object

/** Answers an error as a page where the client is a browser; false: it is not, and nothing was done. */
export type ErrorPage = (ctx: Context, error: ChartferryError, status: number) => Promise<boolean>

/** Catches what the routes throw. What is not ours is logged whole and told as INTERNAL, without its message. */
export function errorResponse(log: Logger, errorPage: ErrorPage = async () => false): Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (thrown) {
      const error = isChartferryError(thrown)
        ? thrown
        : new ChartferryError('INTERNAL', 'a fault of the server', { cause: thrown })
      const status = statusOf(error, ctx.method)
      // Where a fault of ours came from is worth a stack; what an upstream did is told by its message.
      const detail = error.code === 'INTERNAL' ? { err: error.cause } : {}
      if (status >= 500)
        log.error({ requestId: ctx.state.requestId as string, code: error.code, ...detail }, error.message)
      await sendError(ctx, error, status, errorPage)
    }
  }
}

async function sendError(ctx: Context, error: ChartferryError, status: number, errorPage: ErrorPage): Promise<void> {
  ctx.state.errorCode = error.code
  for (const header of ['ETag', 'Last-Modified', 'Content-Encoding', 'Accept-Ranges', 'X-Cache']) ctx.remove(header)
  ctx.status = status
  ctx.set('Cache-Control', 'no-store')
  if (error.code === 'RANGE_INVALID' && typeof error.details.size === 'number')
    ctx.set('Content-Range', `bytes */${error.details.size}`)
  if (error.code === 'UNAUTHENTICATED') ctx.set('WWW-Authenticate', challengeOf(ctx))
  if (error.kind === 'unavailable') ctx.set('Retry-After', secondsOf(error.details.retryAfter))
  if (await errorPage(ctx, error, status)) return
  const ownForm = ctx.state.errorBody as ErrorBody | undefined
  const body = ownForm?.(error, status) ?? {
    error: error.message,
    code: error.code,
    hint: error.hint,
    ...(Array.isArray(error.details.reasons) ? { because: error.details.because, reasons: error.details.reasons } : {}),
    requestId: ctx.state.requestId as string,
  }
  ctx.type = 'application/json'
  ctx.body = `${JSON.stringify(body)}\n`
}

/**
 * Clients that see Bearer ask its realm for a token: that is offered where there is one, and nothing beside it, since
 * Docker gives up on Basic when it has no password.
 */
function challengeOf(ctx: Context): string {
  const own = ctx.state.challenge as string | undefined
  return own ?? 'Basic realm="chartferry", charset="UTF-8"'
}

function secondsOf(milliseconds: unknown): string {
  return typeof milliseconds === 'number' ? String(Math.ceil(milliseconds / 1000)) : '30'
}
