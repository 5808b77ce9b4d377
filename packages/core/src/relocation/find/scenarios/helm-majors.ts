// Whether Helm 3 and Helm 4 read a chart differently: then what holds for one need not hold for the other.

import type { Chart } from '../../../helm/chart/chart.ts'
import { decodeExactly } from '../../../helm/chart/chart-file.ts'
import type { ChartLeaves } from '../../../helm/chart/leaves.ts'
import type { RenderValues } from '../../../helm/render/chart-renderer.ts'
import { hasSeveralDocuments } from '../../../helm/render/values/read-values.ts'

/**
 * Whether a chart has something that the majors treat differently: several documents in a values file, a null in a
 * parent's values for a subchart, values that are imported from subcharts.
 */
export function differsByMajor(chart: Chart, leaves: ChartLeaves, { files = [] }: RenderValues): boolean {
  return files.some(({ text }) => hasSeveralDocuments(text)) || differs(chart, leaves)
}

function differs(chart: Chart, leaves: ChartLeaves): boolean {
  const bytes = chart.files.get('values.yaml')
  const text = bytes === undefined ? undefined : decodeExactly(bytes)
  if (text !== undefined && hasSeveralDocuments(text)) return true
  const { dependencies } = chart.metadata
  if (dependencies.some(({ importValues }) => importValues.length > 0)) return true
  const below = new Set([
    ...chart.subcharts.map(({ metadata }) => metadata.name),
    ...dependencies.map(({ alias }) => alias),
  ])
  const nulls = leaves
    .of(chart.address)
    .some(
      ({ path, text: value, isString }) =>
        !isString && path.length > 1 && below.has(String(path[0])) && /^(?:null|Null|NULL|~|)$/.test(value),
    )
  return nulls || chart.subcharts.some((subchart) => differs(subchart, leaves))
}
