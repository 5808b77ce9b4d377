// The template files of a chart and its subcharts, each with the data it is executed on (Helm's pkg/engine/engine.go).
import { compareStrings } from '../../template/kind.ts'
import { GoMap, type Value } from '../../template/value.ts'
import { tableAt } from '../values/tables.ts'
import { asValues } from '../values/values-object.ts'
import { chartObject } from './chart-object.ts'
import { filesOf } from './files-object.ts'
import { fileText, fullPath, type LoadedChart } from './loaded-chart.ts'

/** A template file of a rendering. */
export interface TemplateFile {
  /** As errors and `# Source:` lines have it: `web/charts/redis/templates/service.yaml`. */
  readonly path: string
  /** The place in the archive: the chart's address and the path in the chart. */
  readonly file: string
  readonly text: string
  /** What dot is; shared by all files of the chart. */
  readonly data: GoMap
  /** The value of `.Template.BasePath`. */
  readonly basePath: string
}

/** What is the same for all charts of a rendering. */
export interface TemplateData {
  readonly helm: 3 | 4
  readonly traced: boolean
  readonly release: Value
  readonly capabilities: Value
}

/** All template files, in the order in which Helm parses and executes them: deepest first, then backwards by name. */
export function collectTemplates(root: LoadedChart, values: GoMap, data: TemplateData): TemplateFile[] {
  const files = new Map<string, TemplateFile>()
  visit(root, values, data, files)
  return [...files.values()].sort((a, b) => depth(b.path) - depth(a.path) || compareStrings(b.path, a.path))
}

function depth(path: string): number {
  return path.split('/').length
}

function visit(chart: LoadedChart, values: GoMap, data: TemplateData, files: Map<string, TemplateFile>): GoMap {
  const { helm, traced, release, capabilities } = data
  const subcharts = new GoMap()
  const dot = new GoMap([
    ['Chart', chartObject(chart, helm, traced)],
    ['Files', filesOf(chart.chart)],
    ['Release', release],
    ['Capabilities', capabilities],
    ['Values', asValues(values, helm)],
    ['Subcharts', subcharts],
  ])
  for (const subchart of chart.subcharts) {
    const own = tableAt(values, subchart.name) ?? new GoMap()
    subcharts.set(subchart.name, visit(subchart, own, data, files))
  }
  const path = fullPath(chart)
  const isLibrary = chart.chart.metadata.type.toLowerCase() === 'library'
  const dataOfFiles = asValues(dot, helm)
  for (const [name, content] of chart.chart.files) {
    if (!name.startsWith('templates/') || (isLibrary && !isPartial(name))) continue
    files.set(`${path}/${name}`, {
      path: `${path}/${name}`,
      file: `${chart.chart.address}${name}`,
      text: fileText(content),
      data: dataOfFiles,
      basePath: `${path}/templates`,
    })
  }
  return dot
}

/** Whether a file only defines templates, so that it is not executed itself. */
export function isPartial(path: string): boolean {
  return path.slice(path.lastIndexOf('/') + 1).startsWith('_')
}
