// Which subcharts take part, under which names, and what they export to their parents (Helm's
// pkg/chartutil/dependencies.go).
import { satisfies } from '../../semver/constraint.ts'
import { printed } from '../../template/print.ts'
import { bare } from '../../template/text.ts'
import { GoMap, plain } from '../../template/value.ts'
import { type LoadedChart, type Requirement, setSubcharts } from '../engine/loaded-chart.ts'
import { coalesceValues } from './coalesce.ts'
import { deepCopy, leafAt, mergeTables, tableAt } from './tables.ts'

/**
 * Applies aliases, tags, conditions and import-values to a chart and everything below it, which are changed.
 * `given` are the user's values. Throws RENDER_FAILED where values stand in the place of a subchart's table.
 */
export function processDependencies(chart: LoadedChart, given: GoMap, helm: 3 | 4): void {
  selectSubcharts(chart, given, '', helm)
  importValues(chart, helm)
}

/**
 * Renames by alias, then drops what tags and conditions switch off. `path` is the chart's own, with a dot at its end.
 */
function selectSubcharts(chart: LoadedChart, given: GoMap, path: string, helm: 3 | 4): void {
  const { requirements } = chart
  if (requirements === undefined) return
  const unlisted = chart.subcharts.filter((subchart) => !requirements.some((wanted) => isFor(wanted, subchart)))
  const listed: LoadedChart[] = []
  for (const wanted of requirements) {
    const found = chart.subcharts.find((subchart) => isFor(wanted, subchart))
    if (found !== undefined) listed.push(copyForAlias(found, wanted.alias, helm))
    if (wanted.alias !== '') wanted.name = wanted.alias
  }
  setSubcharts(chart, [...unlisted, ...listed])
  for (const wanted of requirements) wanted.enabled = true
  const values = coalesceValues(chart, given, { mode: 'coalesce', helm })
  applyTags(requirements, values)
  applyConditions(requirements, values, path)
  const disabled = new Set(requirements.filter((wanted) => !wanted.enabled).map((wanted) => wanted.name))
  const enabled = chart.subcharts.filter((subchart) => !disabled.has(subchart.name))
  for (const subchart of enabled) selectSubcharts(subchart, values, `${path}${subchart.name}.`, helm)
  chart.requirements = requirements.filter((wanted) => !disabled.has(wanted.name))
  setSubcharts(chart, enabled)
}

function isFor(wanted: Requirement, subchart: LoadedChart): boolean {
  return wanted.name === subchart.name && satisfies(wanted.version, subchart.chart.metadata.version)
}

/** A shallow copy, as Helm makes one: Helm 3 lets the copies share requirements and subcharts. */
function copyForAlias(chart: LoadedChart, alias: string, helm: 3 | 4): LoadedChart {
  const copy: LoadedChart = { ...chart, name: alias === '' ? chart.name : alias }
  if (helm === 4) {
    copy.requirements = chart.requirements?.map((wanted) => ({ ...wanted }))
    setSubcharts(
      copy,
      chart.subcharts.map((subchart) => ({ ...subchart })),
    )
  }
  return copy
}

/** A requirement with tags is off when the values name some of them and none is true. */
function applyTags(requirements: readonly Requirement[], values: GoMap): void {
  const tags = tableAt(values, 'tags')
  if (tags === undefined) return
  for (const wanted of requirements) {
    const switches = wanted.tags
      .map((tag) => plain(tags.entries.get(tag)))
      .filter((value) => typeof value === 'boolean')
    wanted.enabled = switches.length === 0 || switches.includes(true)
  }
}

/** The first path of a condition that exists and is a boolean decides. */
function applyConditions(requirements: readonly Requirement[], values: GoMap, path: string): void {
  for (const wanted of requirements) {
    for (const condition of wanted.condition.trim().split(',')) {
      const value = condition === '' ? undefined : leafAt(values, path + condition)?.value
      if (typeof value !== 'boolean') continue
      wanted.enabled = value
      break
    }
  }
}

/** Brings `import-values` of the requirements into the values of each chart, deepest charts first. */
function importValues(chart: LoadedChart, helm: 3 | 4): void {
  for (const subchart of chart.subcharts) importValues(subchart, helm)
  if (chart.requirements === undefined) return
  const values = coalesceValues(chart, new GoMap(), { mode: 'merge', helm })
  const imported = new GoMap()
  for (const wanted of chart.requirements) {
    for (const { child, parent } of wanted.importValues.map(importOf)) {
      const table = child === undefined ? undefined : tableAt(values, `${wanted.name}.${child}`)
      if (table !== undefined) mergeTables(imported, nest(parent, table), 'merge')
    }
    wanted.importValues = []
  }
  chart.values = mergeTables(deepCopy(values), imported, 'merge')
}

/** What an element of `import-values` asks for: a string is an export, a mapping names both sides. */
function importOf(element: unknown): { readonly child: string | undefined; readonly parent: string } {
  if (typeof element === 'string') return { child: `exports.${element}`, parent: '.' }
  if (typeof element !== 'object' || element === null) return { child: undefined, parent: '.' }
  const { child, parent } = element as { readonly child?: unknown; readonly parent?: unknown }
  return { child: nameOf(child), parent: nameOf(parent) }
}

function nameOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? bare(printed(value)) : '<nil>'
}

/** The table under a dotted path; `.` is no path. */
function nest(path: string, table: GoMap): GoMap {
  if (path === '.') return table
  return path.split('.').reduceRight((inner, key) => new GoMap([[key, inner]]), table)
}
