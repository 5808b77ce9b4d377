// A chart of an upstream's index as it is served: its URLs are ours, and the upstream's are kept beside it.
import type { ChartVersion } from '@chartferry/core/helm'
import { type CompactChart, chartAside, chartVersions, compactChart } from '@chartferry/core/internal'
import { type ArchiveUrls, archiveUrlOf } from './archive-url.ts'
import { encodePath, entryPath } from './chart-path.ts'

/** An entry as the upstream has it. */
export interface UpstreamEntry {
  readonly entry: ChartVersion
  /** Whether it stays although the upstream has dropped it. */
  readonly isRetained: boolean
}

/** What is kept beside a chart: by the place of each version. */
interface Aside {
  readonly urls: readonly (readonly string[])[]
  /** Absent where there are none. */
  readonly retained?: readonly number[]
}

/**
 * Takes the versions of a chart, newest first, as the upstream has them. Entries that cannot be fetched keep their
 * URLs. The URLs are relative, so that they hold behind any host and prefix.
 */
export function servedChart(
  chart: string,
  versions: readonly ChartVersion[],
  urls: ArchiveUrls,
  isRetained: (version: string) => boolean = () => false,
): CompactChart {
  const retained = versions.flatMap(({ version }, at) => (isRetained(version) ? [at] : []))
  const served = versions.map((entry) => {
    const from = archiveUrlOf(urls, entry)
    return from === undefined ? entry : { ...entry, urls: [servedUrl(entryPath(entry, from))] }
  })
  const aside: Aside = { urls: versions.map((entry) => entry.urls), ...(retained.length === 0 ? {} : { retained }) }
  return compactChart(chart, served, aside)
}

/** The URL under which a path behind `charts/` is served. */
export function servedUrl(path: string): string {
  return `charts/${encodePath(path)}`
}

/** The versions of a chart that `servedChart` made, newest first. */
export function upstreamEntries(chart: CompactChart): UpstreamEntry[] {
  const { urls, retained = [] } = chartAside(chart) as Aside
  return chartVersions(chart).map((entry, at) => ({
    entry: { ...entry, urls: urls[at] ?? [] },
    isRetained: retained.includes(at),
  }))
}
