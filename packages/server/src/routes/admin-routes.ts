// What is for whoever runs the server: metrics, reading the configuration again, tidying up.
import type { Context } from 'koa'
import { type ReadinessOptions, sendHealth, sendReadiness } from './health.ts'
import { type MetricsOptions, sendMetrics } from './metrics.ts'
import type { Route } from './route.ts'

export interface AdminRoutesOptions {
  readonly metrics: MetricsOptions
  /** Reads the configuration again. Throws CONFIG_INVALID; then everything stays as it is. */
  readonly reload: () => Promise<void>
  /** Takes versions away that are not kept, and bytes that nobody needs. */
  readonly tidy: () => Promise<void>
}

/** The routes of the administration; they stand beside the others unless they have an address of their own. */
export function adminRoutes({ metrics, reload, tidy }: AdminRoutesOptions): readonly Route[] {
  return [
    {
      name: 'metrics',
      path: '/metrics',
      methods: { GET: { needs: 'metrics', run: (ctx) => sendMetrics(ctx, metrics) } },
    },
    admin('/admin/reload', reload),
    admin('/admin/tidy', tidy),
  ]
}

function admin(path: string, work: () => Promise<void>): Route {
  return { name: 'admin', path, methods: { POST: { needs: 'admin', run: (ctx) => sendDone(ctx, work) } } }
}

/** The routes by which others ask whether the server lives and works; every listener has them. */
export function healthRoutes(readiness: ReadinessOptions): readonly Route[] {
  return [
    { name: 'health', path: '/healthz', methods: { GET: { needs: 'nothing', run: sendHealth } } },
    {
      name: 'health',
      path: '/readyz',
      methods: { GET: { needs: 'nothing', run: (ctx) => sendReadiness(ctx, readiness) } },
    },
  ]
}

async function sendDone(ctx: Context, work: () => Promise<void>): Promise<void> {
  await work()
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { done: true }
}
