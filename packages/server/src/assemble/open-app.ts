// The application of `serve` and of a bundle: what they share beside their routes.
import type { RequestListener } from 'node:http'
import type { Context, Middleware } from 'koa'
import { type AppOptions, createApp } from '../app.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { repeatedLines } from '../middleware/access-log.ts'
import { cors } from '../middleware/cors.ts'
import { countRequests } from '../middleware/count-requests.ts'
import { loopGuard } from '../middleware/loop-guard.ts'
import { type RecentAnswers, recentAnswers } from '../middleware/recent-answers.ts'
import { registryError } from '../registry/registry-error.ts'
import { answeredOf, isPublic, registrySegmentsOf, setRegistrySegments } from '../routes/caller.ts'
import { encodePath, pathSegments } from '../routes/request-path.ts'

export interface OpenAppOptions
  extends Pick<
    AppOptions,
    'routes' | 'guard' | 'audit' | 'onChange' | 'limit' | 'isTrustedProxy' | 'knowsLoopback' | 'errorPage' | 'log'
  > {
  /** Origins whose pages may read answers. */
  readonly origins: readonly string[]
  readonly metrics: Metrics
  /** Puts in front which registry a client means, where the path does not say so. Default: paths are as they are. */
  readonly mirrorPath?: ((segments: readonly string[], namespace: string | undefined) => readonly string[]) | undefined
  /** How clients of registries are asked for credentials. Default: as everybody is. */
  readonly challenge?: ((ctx: Context) => string | undefined) | undefined
  /** Told of each archive that was sent whole. Default: nobody. */
  readonly onDownload?: ((repository: string, path: string) => void) | undefined
  /** What upstreams are told that we are. */
  readonly pseudonym: string
}

/** The application; listens to nothing yet. */
export function openApp(options: OpenAppOptions): RequestListener {
  const { metrics, origins, pseudonym } = options
  return createApp({
    ...options,
    recent: openRecentAnswers(options),
    measure: countRequests(metrics),
    before: [
      async (ctx, next) => {
        ctx.set('X-Content-Type-Options', 'nosniff')
        await next()
        const { kind, repository, path } = answeredOf(ctx) ?? {}
        if (kind === 'archive' && path !== undefined && ctx.method === 'GET' && ctx.status === 200)
          options.onDownload?.(repository ?? '', path)
      },
      ...(origins.length > 0 ? [cors(origins)] : []),
      loopGuard(pseudonym),
      registryForms(options),
    ],
    pathOf: (path, ctx) => encodePath(registrySegmentsOf(ctx) ?? pathSegments(path)),
  })
}

/** Below `/v2/` errors have the form of the distribution specification, and clients may mean other registries. */
function registryForms({ challenge, mirrorPath }: OpenAppOptions): Middleware {
  return async (ctx, next) => {
    if (/^\/v2(\/|$)/.test(ctx.path)) {
      ctx.state.errorBody = registryError
      const { ns } = ctx.query
      const segments = pathSegments(ctx.path)
      setRegistrySegments(ctx, mirrorPath?.(segments, typeof ns === 'string' ? ns : undefined) ?? segments)
      ctx.state.challenge = challenge?.(ctx)
    }
    await next()
  }
}

/** The way past the application, with the same log lines, counts and limits. */
function openRecentAnswers({ isTrustedProxy, limit, metrics, log, onDownload }: OpenAppOptions): RecentAnswers {
  return recentAnswers({
    isTrustedProxy,
    limit,
    repeatable: (ctx, bytes) => {
      const answered = answeredOf(ctx)
      // What an upstream has just been asked for counts as such once.
      if (answered === undefined || !isPublic(ctx) || (answered.cache ?? 'HIT') !== 'HIT') return undefined
      const { repository, kind, cache, path: archive } = answered
      const { status, path } = ctx
      const route = ctx.state.route as string
      const same = { method: 'GET', path, status, bytes, ...(cache === undefined ? {} : { cache }) }
      const writeLine = repeatedLines(log, same)
      return (repeated) => {
        metrics.answer(repository, kind, cache ?? 'OK')
        if (archive !== undefined && status === 200) onDownload?.(repository, archive)
        metrics.request('GET', route, status, repeated.milliseconds / 1000)
        writeLine(repeated)
      }
    },
  })
}
