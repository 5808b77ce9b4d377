// Makes a chart with its subcharts from the entries of an archive, by the rules of Helm's loader
// (pkg/chart/loader/load.go).

import { ChartferryError } from '../../errors.ts'
import type { Limits } from '../../limits.ts'
import type { ArchiveEntry } from '../archive/entry.ts'
import { type ArchiveBudget, readArchive } from '../archive/read.ts'
import { textOf } from '../yaml/parse.ts'
import type { Chart } from './chart.ts'
import { parseChartMetadata } from './metadata.ts'

/** What all charts of one archive share while they are loaded. */
export interface LoadContext {
  /** What messages call the archive. */
  readonly where: string
  readonly limits: Limits
  /** What is left for nested archives. */
  readonly budget: ArchiveBudget
  readonly signal: AbortSignal | undefined
  /** Filled while loading. */
  readonly warnings: string[]
}

type Files = ReadonlyMap<string, Uint8Array>

const nestedArchive = /^(?:charts\/[^/]+\/)*charts\/[^/]+\.tgz$/

function placeOf(context: LoadContext, address: string): string {
  return address === '' ? context.where : `${context.where}: ${address}`
}

/** The files of an archive by their path below its one top folder. */
function filesOf(entries: readonly ArchiveEntry[], address: string, context: LoadContext): Files {
  const refuse = (why: string): ChartferryError =>
    new ChartferryError('CHART_INVALID', `${placeOf(context, address)}: ${why}`)
  const files = new Map<string, Uint8Array>()
  const twice = new Set<string>()
  let folder: string | undefined
  for (const { path, type, data } of entries) {
    if (type === 'directory') continue
    const [top = ''] = path.split('/', 1)
    if (top === path) throw refuse(`${path} stands outside the chart folder`)
    folder ??= top
    // Helm would mix the files of both folders into one chart.
    if (top !== folder) throw refuse(`two folders, ${folder} and ${top}, where one chart is expected`)
    const below = path.slice(top.length + 1)
    if (files.has(below)) twice.add(below)
    files.set(below, data)
  }
  if (twice.size > 0) {
    // Of these, and only of these, Helm reads the first.
    const archive = [...twice].find((path) => nestedArchive.test(path))
    if (archive !== undefined) throw refuse(`${archive} stands in it twice`)
    const paths = [...twice].map((path) => `${address}${path}`).join(', ')
    context.warnings.push(`more than one entry of the same path, the last one counts: ${paths}`)
  }
  return files
}

async function loadSubchart(
  name: string,
  files: Files,
  parent: string,
  depth: number,
  context: LoadContext,
): Promise<Chart> {
  if (!name.endsWith('.tgz')) {
    const below = new Map([...files].map(([path, data]) => [path.slice(name.length + 1), data]))
    // A file directly in charts/ gives the empty path: Helm takes it for a subchart without Chart.yaml, too.
    below.delete('')
    return loadChart(below, `${parent}charts/${name}/`, depth, context)
  }
  const data = files.get(name)
  const address = `${parent}charts/${name}!`
  if (!data || files.size > 1) {
    throw new ChartferryError('CHART_INVALID', `${placeOf(context, address)}: a folder named like an archive`)
  }
  const { limits, budget, signal } = context
  if (depth > limits.chartDepth) throw tooDeep(address, context)
  const options = { name: placeOf(context, address), limits, budget, ...(signal ? { signal } : {}) }
  return loadChart(filesOf(await readArchive(data, options), address, context), address, depth, context)
}

function tooDeep(address: string, context: LoadContext): ChartferryError {
  const why = `charts are nested deeper than ${context.limits.chartDepth}`
  return new ChartferryError('DEPTH_EXCEEDED', `${placeOf(context, address)}: ${why}`)
}

async function loadChart(files: Files, address: string, depth: number, context: LoadContext): Promise<Chart> {
  const where = placeOf(context, address)
  if (depth > context.limits.chartDepth) throw tooDeep(address, context)
  const own = new Map<string, Uint8Array>()
  const groups = new Map<string, Map<string, Uint8Array>>()
  for (const [path, data] of files) {
    const below = path.startsWith('charts/') && !path.endsWith('.prov') ? path.slice('charts/'.length) : ''
    const [name = ''] = below.split('/', 1)
    if (name === '' || name.startsWith('_') || name.startsWith('.')) own.set(path, data)
    else groups.set(name, (groups.get(name) ?? new Map<string, Uint8Array>()).set(below, data))
  }
  const chartYaml = own.get('Chart.yaml')
  if (!chartYaml) throw new ChartferryError('CHART_INVALID', `${where}: there is no Chart.yaml`)
  const requirements = own.get('requirements.yaml')
  const metadata = parseChartMetadata(textOf(chartYaml), `${where}: Chart.yaml`, {
    limits: context.limits,
    ...(requirements ? { requirements: textOf(requirements) } : {}),
  })
  const subcharts: Chart[] = []
  for (const [name, group] of groups) subcharts.push(await loadSubchart(name, group, address, depth + 1, context))
  return { address, metadata, files: own, subcharts }
}

/**
 * The chart of an archive's entries. Throws CHART_INVALID (files outside one top folder, no Chart.yaml or a wrong
 * one, anything in `charts/` that is no chart and does not begin with `_` or `.`), DEPTH_EXCEEDED, and for nested
 * archives as `readArchive` does.
 */
export async function chartOf(entries: readonly ArchiveEntry[], context: LoadContext): Promise<Chart> {
  return loadChart(filesOf(entries, '', context), '', 1, context)
}
