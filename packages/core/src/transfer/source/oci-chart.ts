// One chart of a registry, as `oci://` names it; and the charts below a path of a registry.

import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { ContentSource } from '../../oci/content/content.ts'
import { pullChart } from '../chart-artifact.ts'
import { type ChartPin, parseChartReference, settlePin } from '../chart-reference.ts'
import type { ChartSource } from './chart-source.ts'
import { ociRepository } from './oci-repository.ts'
import { singleChart } from './single-chart.ts'

/** Opens the repository of a registry: `HOST/PATH/NAME`. */
export type OpenRegistry = (name: string) => ContentSource

/**
 * The chart of `oci://HOST/PATH/NAME`, with `:TAG`, `@sha256:…` or both. A digest is what is fetched, whatever the tag
 * stands for; a version that is asked for beside must be the chart's. Throws REFERENCE_INVALID. When it is asked:
 * DIGEST_MISMATCH where tag and digest contradict each other, VERSION_NOT_FOUND where the chart is of another version
 * or is not there.
 */
export function ociChart(url: string, open: OpenRegistry): ChartSource {
  const reference = parseChartReference(url)
  const source = open(reference.name)
  if (reference.tag === undefined && reference.digest === undefined) return ociRepository(source)
  return pinnedChart(url, reference, source)
}

function pinnedChart(url: string, pin: ChartPin, source: ContentSource): ChartSource {
  return singleChart(url, async () => {
    try {
      return await pullChart(source, await settlePin(source, pin))
    } catch (thrown) {
      if (!isChartferryError(thrown, 'MANIFEST_NOT_FOUND')) throw thrown
      throw new ChartferryError('VERSION_NOT_FOUND', `${url}: ${thrown.message}`, { cause: thrown })
    }
  })
}

/**
 * All charts below `oci://HOST/PATH`, each under its own name: what a dependency's `repository` is. With a tag or a
 * digest behind it, it is one chart, and the dependency's name must be its last component. Throws REFERENCE_INVALID.
 */
export function ociFolder(url: string, open: OpenRegistry): ChartSource {
  const folder = url.replace(/\/+$/, '')
  const reference = parseChartReference(folder)
  const isOne = reference.tag !== undefined || reference.digest !== undefined
  const one = isOne ? ociChart(folder, open) : undefined
  const at = (name: string): ChartSource => {
    if (one === undefined) return ociChart(`${folder}/${name}`, open)
    if (reference.name.endsWith(`/${name}`)) return one
    throw new ChartferryError('REFERENCE_INVALID', `dependency ${name}: ${folder} names one chart, and it is another`, {
      hint: `A tag or digest stands behind the name of the chart: oci://HOST/PATH/${name}@sha256:…`,
    })
  }
  return {
    resolve: async (query) => at(query.name).resolve(query),
    fetch: async (id, options) => at(id.name).fetch(id, options),
    list: () => {
      throw new ChartferryError('USAGE', `${folder}: a registry does not list its charts`)
    },
  }
}
