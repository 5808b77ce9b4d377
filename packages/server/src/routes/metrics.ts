// What Prometheus scrapes.
import type { Context } from 'koa'
import { theServer } from '../auth/access.ts'
import { type Metrics, metricsType } from '../metrics/metrics.ts'
import type { ChartRepository } from '../repository/chart-repository.ts'

export interface MetricsOptions {
  readonly metrics: Metrics
  readonly charts: ChartRepository
  readonly names: readonly string[]
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** `/metrics`. */
export async function sendMetrics(ctx: Context, { metrics, charts, names, now }: MetricsOptions): Promise<void> {
  const text = await metrics.text(
    await Promise.all(names.map((name) => charts.status(name, { caller: theServer }))),
    now(),
  )
  ctx.set('Cache-Control', 'no-store')
  ctx.set('Content-Type', metricsType)
  ctx.body = text
}
