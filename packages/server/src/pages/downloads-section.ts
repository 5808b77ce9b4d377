// How often a chart was downloaded over time.
import type { ChartVersion } from '@chartferry/core/helm'
import type { DownloadCounts } from '../repository/downloads.ts'
import { servedPath } from '../upstream/chart-path.ts'
import { countText, type Html, html } from './html.ts'
import type { PageOptions } from './page-options.ts'

/** Days that are shown. */
const shownDays = 30
const day = 86_400_000

/** The counts of the last days, that day first which is longest ago. */
export interface DownloadsOverTime {
  /** `2026-05-01`, in UTC. */
  readonly days: readonly string[]
  readonly perDay: readonly number[]
  readonly total: number
  /** Of one version. */
  of(version: ChartVersion): number
}

/** What was counted for these versions; undefined where nothing is counted, or the store does not answer. */
export async function downloadsOf(
  { downloads, now = Date.now }: Pick<PageOptions, 'downloads' | 'now'>,
  repository: string,
  versions: readonly ChartVersion[],
): Promise<DownloadsOverTime | undefined> {
  const counts = await downloads?.of(repository).catch(() => undefined)
  if (counts === undefined) return undefined
  const today = now()
  const days = Array.from({ length: shownDays }, (_, at) =>
    new Date(today - (shownDays - 1 - at) * day).toISOString().slice(0, 10),
  )
  const of = (version: ChartVersion): number => sum(days.map((on) => countOf(counts, version, on)))
  const perDay = days.map((on) => sum(versions.map((version) => countOf(counts, version, on))))
  return { days, perDay, total: sum(perDay), of }
}

function countOf(counts: DownloadCounts, { urls }: ChartVersion, on: string): number {
  return counts.get(servedPath(urls[0]) ?? '')?.get(on) ?? 0
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** Bars, with their words for who does not see them. */
export function downloadsSection(downloads: DownloadsOverTime | undefined): Html | undefined {
  if (downloads === undefined) return undefined
  const { days, perDay, total } = downloads
  const most = Math.max(1, ...perDay)
  const bars = perDay.map((count, at) => {
    const height = Math.round((count / most) * 44)
    return html`<rect x="${at * 10}" y="${46 - height}" width="8" height="${height + 1}"><title>${days[at]}: ${count}</title></rect>`
  })
  const words = `${countText(total, 'download')} from here in the last ${shownDays} days`
  return html`<section><h2>Downloads</h2><svg class="chart-bars" viewBox="0 0 300 48" preserveAspectRatio="none" role="img" aria-label="${words}, at most ${most} a day">${bars}</svg><p class="soft">${words}</p></section>`
}
