// The charts of a bundle as a source.
import { checkDigest } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import { compareVersions, parseVersion } from '../../helm/semver/version.ts'
import { parseVersionRange } from '../../helm/semver/version-range.ts'
import type { Limits } from '../../limits.ts'
import type { ContentSource } from '../../oci/content/content.ts'
import { pullChart } from '../chart-artifact.ts'
import type { ChartSource } from '../source/chart-source.ts'
import type { ChartEntry } from './contents.ts'

/** The original charts, by name and version. */
export function bundleCharts(
  where: string,
  charts: readonly ChartEntry[],
  source: ContentSource,
  limits: Limits,
): ChartSource {
  return {
    async *list() {
      for (const { name, version } of charts) yield { name, version }
    },
    async resolve({ name, version }) {
      const named = charts.filter((chart) => chart.name === name)
      if (named.length === 0) throw new ChartferryError('CHART_NOT_FOUND', `${where}: there is no chart ${name}`)
      const exact = named.find((chart) => chart.version === version)
      const matches = exact === undefined ? parseVersionRange(version ?? '*') : () => true
      const fitting = (exact === undefined ? named : [exact]).flatMap((chart) => {
        const parsed = parseVersion(chart.version)
        return parsed !== undefined && matches(parsed) ? [{ chart, parsed }] : []
      })
      const [best] = fitting.sort((a, b) => compareVersions(b.parsed, a.parsed))
      if (best === undefined)
        throw new ChartferryError('VERSION_NOT_FOUND', `${where}: no version of ${name} satisfies "${version ?? '*'}"`)
      return { name, version: best.chart.version }
    },
    async fetch({ name, version }, { signal } = {}) {
      const entry = findChart(where, charts, { name, version })
      const archive = await pullChart(source, entry.manifest.digest, { limits, signal })
      checkDigest(`${where}: chart ${name} ${version}`, archive.bytes, entry.digest)
      return archive
    },
  }
}

/** The entry of a chart. Throws CHART_NOT_FOUND. */
export function findChart(
  where: string,
  charts: readonly ChartEntry[],
  { name, version }: { readonly name: string; readonly version: string },
): ChartEntry {
  const found = charts.find((chart) => chart.name === name && chart.version === version)
  if (found === undefined)
    throw new ChartferryError('CHART_NOT_FOUND', `${where}: there is no chart ${name} ${version}`)
  return found
}
