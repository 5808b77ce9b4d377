// A chart as Helm's Go code handles it while rendering: renamed, copied shallowly, linked to its parent, its values
// replaced.

import { ChartferryError } from '../../../errors.ts'
import type { Chart } from '../../chart/chart.ts'
import type { ChartMetadata } from '../../chart/metadata.ts'
import { textOfBytes } from '../../template/bytes.ts'
import { GoError, GoMap } from '../../template/value.ts'

/** A line of `dependencies`; Helm renames it to its alias and switches it on and off. */
export interface Requirement extends Omit<ChartMetadata['dependencies'][number], 'name' | 'enabled' | 'importValues'> {
  name: string
  enabled: boolean
  /** Empty once they are imported: in Helm 3 an alias shares them, and finds nothing more to import. */
  importValues: readonly unknown[]
}

/**
 * A chart in a rendering. Its identity matters: an alias is a shallow copy that shares its subcharts with the original,
 * and a subchart's path follows the parent that it was given last.
 */
export interface LoadedChart {
  readonly chart: Chart
  /** The alias where it has one. */
  name: string
  /** Undefined where Chart.yaml has no `dependencies`. */
  requirements: Requirement[] | undefined
  values: GoMap
  parent: LoadedChart | undefined
  subcharts: LoadedChart[]
}

/** Reads a values file; the place where traced leaves get their origin. Throws GoError. */
export type ReadValues = (text: string, file: string) => GoMap

/** The values of every chart in an archive, read once: renderings copy before they change. */
export type ValuesByChart = ReadonlyMap<Chart, GoMap>

/** The content of a file without the byte order mark, as Helm's loader has it. */
export function withoutMark(data: Uint8Array): Uint8Array {
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data
}

/** Texts of files, for as long as their bytes are held: renderings share them. */
const texts = new WeakMap<Uint8Array, string>()

/** The text of bytes that do not change, decoded once. */
export function sharedText(bytes: Uint8Array): string {
  const known = texts.get(bytes)
  if (known !== undefined) return known
  const text = textOfBytes(bytes)
  texts.set(bytes, text)
  return text
}

/** The text of a file, without the byte order mark. */
export function fileText(data: Uint8Array): string {
  return sharedText(withoutMark(data))
}

/** Reads values.yaml of a chart and its subcharts. Throws RENDER_FAILED where Helm cannot load one, with its words. */
export function readAllValues(chart: Chart, read: ReadValues, helm: 3 | 4): ValuesByChart {
  const all = new Map<Chart, GoMap>()
  const visit = (one: Chart, where: string): void => {
    const data = one.files.get('values.yaml')
    if (data !== undefined)
      all.set(one, readDefaults(fileText(data), one, read, `${where}cannot load values.yaml: ${unmarshalPrefix(helm)}`))
    for (const subchart of one.subcharts) {
      const name = subchart.address.slice(one.address.length).replace(/^charts\/(.*)[/!]$/, '$1')
      visit(subchart, `${where}error unpacking subchart ${name} in ${one.metadata.name}: `)
    }
  }
  visit(chart, '')
  return all
}

/** What Helm 4 says before the words of the YAML library. */
export function unmarshalPrefix(helm: 3 | 4): string {
  return helm === 3 ? '' : 'cannot unmarshal yaml document: '
}

function readDefaults(text: string, chart: Chart, read: ReadValues, complaint: string): GoMap {
  try {
    return read(text, `${chart.address}values.yaml`)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    throw new ChartferryError('RENDER_FAILED', complaint + error.message)
  }
}

/** The charts of an archive, new for one rendering. */
export function loadCharts(chart: Chart, values: ValuesByChart, parent?: LoadedChart): LoadedChart {
  const { dependencies, raw } = chart.metadata
  const loaded: LoadedChart = {
    chart,
    name: chart.metadata.name,
    requirements: raw.dependencies === undefined ? undefined : dependencies.map((dependency) => ({ ...dependency })),
    values: values.get(chart) ?? new GoMap(),
    parent,
    subcharts: [],
  }
  loaded.subcharts = chart.subcharts.map((subchart) => loadCharts(subchart, values, loaded))
  return loaded
}

/** Gives a chart other subcharts; each is linked to its new parent. */
export function setSubcharts(parent: LoadedChart, subcharts: readonly LoadedChart[]): void {
  for (const subchart of subcharts) subchart.parent = parent
  parent.subcharts = [...subcharts]
}

/** The path of a chart as templates are named: `web/charts/redis`. */
export function fullPath(chart: LoadedChart): string {
  return chart.parent === undefined ? chart.name : `${fullPath(chart.parent)}/charts/${chart.name}`
}
