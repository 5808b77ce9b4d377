// What the pages of charts share: the versions of a chart, fields as text.

import { ChartferryError } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import type { Context } from 'koa'
import { callerOf } from './caller.ts'
import type { HomeOptions } from './home.ts'

/** The versions of a chart, newest first; at least one. Throws CHART_NOT_FOUND. */
export async function chartsOf(
  ctx: Context,
  { charts }: HomeOptions,
  repository: string,
  chart: string,
): Promise<readonly ChartVersion[]> {
  const { snapshot } = await charts.index(repository, { caller: callerOf(ctx) })
  const versions = snapshot.index.entries.get(chart) ?? []
  if (versions.length === 0)
    throw new ChartferryError('CHART_NOT_FOUND', `repository "${repository}" has no chart "${chart}"`)
  return versions
}

/** A field of an entry; empty where it is no text. */
export function textOf(version: ChartVersion | undefined, field: string): string {
  const value = version?.fields[field]
  return typeof value === 'string' ? value : ''
}
