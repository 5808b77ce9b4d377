// Which version of a chart a request means, as Helm decides it (IndexFile.Get in Helm pkg/repo/index.go).
import { didYouMean } from '../../close-names.ts'
import { ChartferryError } from '../../errors.ts'
import { parseVersion } from '../semver/version.ts'
import { parseVersionRange } from '../semver/version-range.ts'
import type { ChartVersion, IndexFile } from './index-file.ts'

/**
 * Takes the chart's key and a version or range. The exact text wins, then the newest version in the range; without
 * one, the newest stable version. Throws CHART_NOT_FOUND, VERSION_NOT_FOUND, VERSION_INVALID.
 */
export function selectVersion(index: IndexFile, chart: string, range = ''): ChartVersion {
  const versions = index.entries.get(chart)
  if (versions === undefined) {
    const meant = didYouMean(chart, index.entries.keys())
    throw new ChartferryError('CHART_NOT_FOUND', `no chart "${chart}" in the repository`, {
      details: { chart },
      ...(meant === '' ? {} : { hint: meant }),
    })
  }
  const satisfies = parseVersionRange(range === '' ? '*' : range)
  const exact = versions.find(({ version }) => version === range)
  if (exact !== undefined) return exact
  const newest = versions.find(({ version }) => {
    const parsed = parseVersion(version)
    return parsed !== undefined && satisfies(parsed)
  })
  if (newest !== undefined) return newest
  const wanted = range === '' ? 'no stable version' : `no version satisfies "${range}"`
  throw new ChartferryError('VERSION_NOT_FOUND', `chart "${chart}": ${wanted}`, {
    details: { chart, range, newest: versions[0]?.version },
    ...(range === ''
      ? { hint: 'All versions are prereleases: name one, or take them all with `--version ">0.0.0-0"`.' }
      : {}),
  })
}
