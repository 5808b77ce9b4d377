// The application: the order of middleware, the same for each server; what they answer stands in their tables of routes.
import type { RequestListener } from 'node:http'
import Koa, { type Context, type Middleware } from 'koa'
import type { Logger } from 'pino'
import { accessLog } from './middleware/access-log.ts'
import { findClient } from './middleware/client.ts'
import { type ErrorPage, errorResponse } from './middleware/error-response.ts'
import type { RecentAnswers } from './middleware/recent-answers.ts'
import { requestId } from './middleware/request-id.ts'
import { type RouterOptions, router } from './middleware/router.ts'

export interface AppOptions extends RouterOptions {
  /** What has been answered a moment ago, and is answered again before the application. */
  readonly recent: RecentAnswers
  /** Counts requests and the time they take. */
  readonly measure: Middleware
  /** What looks at a request before its route is looked for. Errors that it throws are answered as those of routes. Default: nothing. */
  readonly before?: readonly Middleware[]
  /** Whether a request gets a line in the log. Default: every one. */
  readonly isLogged?: (ctx: Context) => boolean
  /** Whose `X-Forwarded-*` headers are believed. */
  readonly isTrustedProxy: (address: string) => boolean
  /** Whether clients of this machine are told from others. Default: false. */
  readonly knowsLoopback?: boolean
  /** How errors are told to browsers. Default: as to programs. */
  readonly errorPage?: ErrorPage | undefined
  readonly log: Logger
}

/** The application; listens to nothing yet. */
export function createApp(options: AppOptions): RequestListener {
  const { log, recent, measure, before = [], isLogged = () => true } = options
  const app = new Koa()
  app.on('error', (error: NodeJS.ErrnoException) => {
    // A client that leaves while a body is sent is no fault.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE' && error.code !== 'ECONNRESET' && error.code !== 'EPIPE')
      log.error({ err: error }, 'answer failed')
  })
  app.use(recent.remember)
  app.use(requestId())
  app.use(findClient(options.isTrustedProxy, options.knowsLoopback ?? false))
  const logged = accessLog(log)
  app.use((ctx, next) => (isLogged(ctx) ? logged(ctx, next) : next()))
  app.use(measure)
  app.use(errorResponse(log, options.errorPage))
  for (const middleware of [...before, ...router(options)]) app.use(middleware)
  const handle = app.callback()
  return (request, response) => {
    if (!recent.answer(request, response)) void handle(request, response)
  }
}
