// Charts from a registry: one repository holds the versions of one chart.
import { ChartferryError, isChartferryError } from '../../errors.ts'
import { compareVersions, parseVersion } from '../../helm/semver/version.ts'
import { parseVersionRange } from '../../helm/semver/version-range.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import type { ContentSource } from '../../oci/content/content.ts'
import { pullChart, tagOf, versionOf } from '../chart-artifact.ts'
import type { ChartSource } from './chart-source.ts'

/**
 * Takes the repository of the chart: `registry.example.com/charts/web`. A tag that is no version is none of the
 * chart's.
 */
export function ociRepository(
  source: ContentSource,
  { limits = defaultLimits }: { readonly limits?: Limits } = {},
): ChartSource {
  const name = source.name.slice(source.name.lastIndexOf('/') + 1)
  const versions = async (): Promise<readonly string[]> => {
    const tags: string[] = []
    try {
      for await (const tag of source.tags()) tags.push(tag)
    } catch (thrown) {
      if (isChartferryError(thrown, 'MANIFEST_NOT_FOUND'))
        throw new ChartferryError('CHART_NOT_FOUND', thrown.message, { cause: thrown })
      throw thrown
    }
    return tags.map(versionOf).filter((version) => parseVersion(version) !== undefined)
  }
  return {
    async *list() {
      for (const version of await versions()) yield { name, version }
    },
    async resolve({ version }) {
      // An exact version is asked for as it is: not every registry lists its tags.
      if (version !== undefined && /^v?\d+\.\d+\.\d+/.test(version) && parseVersion(version) !== undefined)
        return { name, version }
      return { name, version: newest(source.name, await versions(), version) }
    },
    fetch: async ({ version }, { signal } = {}) => {
      try {
        return await pullChart(source, tagOf(version), { limits, signal })
      } catch (thrown) {
        if (!isChartferryError(thrown, 'MANIFEST_NOT_FOUND')) throw thrown
        throw new ChartferryError('VERSION_NOT_FOUND', `${source.name}: there is no version ${version}`, {
          cause: thrown,
        })
      }
    },
  }
}

function newest(where: string, versions: readonly string[], range: string | undefined): string {
  const matches = parseVersionRange(range ?? '*')
  const fitting = versions.flatMap((text) => {
    const version = parseVersion(text)
    return version !== undefined && matches(version) ? [{ text, version }] : []
  })
  const [best] = fitting.sort((a, b) => compareVersions(b.version, a.version))
  if (best === undefined)
    throw new ChartferryError('VERSION_NOT_FOUND', `${where}: no version satisfies "${range ?? '*'}"`)
  return best.text
}
