// What is for whoever runs the server: metrics, and reading the configuration again.
import type { Context } from 'koa'
import { type ReadinessOptions, sendHealth, sendReadiness } from './health.ts'
import { type MetricsOptions, sendMetrics } from './metrics.ts'
import type { Route } from './route.ts'

export interface AdminRoutesOptions {
  readonly metrics: MetricsOptions
  /** Reads the configuration again. Throws CONFIG_INVALID; then everything stays as it is. */
  readonly reload: () => Promise<void>
}

/** The routes of the administration; they stand beside the others unless they have an address of their own. */
export function adminRoutes({ metrics, reload }: AdminRoutesOptions): readonly Route[] {
  return [
    {
      name: 'metrics',
      path: '/metrics',
      methods: { GET: { needs: 'metrics', run: (ctx) => sendMetrics(ctx, metrics) } },
    },
    {
      name: 'admin',
      path: '/admin/reload',
      methods: { POST: { needs: 'admin', run: (ctx) => sendReloaded(ctx, reload) } },
    },
  ]
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

async function sendReloaded(ctx: Context, reload: () => Promise<void>): Promise<void> {
  await reload()
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { reloaded: true }
}
