// The values of a chart and all its subcharts, from defaults, parents, globals and the user (Helm's
// pkg/chartutil/coalesce.go).
import { ChartferryError } from '../../../errors.ts'
import { sprintf } from '../../template/printf.ts'
import { bare } from '../../template/text.ts'
import { GoMap } from '../../template/value.ts'
import type { LoadedChart } from '../engine/loaded-chart.ts'
import { asTable, deepCopy, dropNulls, isNull, type MergeMode, mergeTables } from './tables.ts'

/** How values come together. */
export interface CoalesceOptions {
  readonly mode: MergeMode
  /** Helm 4 drops the nulls of a chart's own values, Helm 3 keeps them. */
  readonly helm: 3 | 4
}

/** The values a chart is rendered with, those of its subcharts under their names. `given` is copied. */
export function coalesceValues(chart: LoadedChart, given: GoMap, options: CoalesceOptions): GoMap {
  return coalesce(chart, deepCopy(given), options)
}

function coalesce(chart: LoadedChart, values: GoMap, options: CoalesceOptions): GoMap {
  bringDefaults(chart, values, options)
  for (const subchart of chart.subcharts) {
    const own = values.entries.get(subchart.name)
    if (own !== undefined && !(own instanceof GoMap)) {
      throw new ChartferryError('RENDER_FAILED', `type mismatch on ${subchart.name}: ${bare(sprintf('%t', [own]))}`)
    }
    const table = own ?? new GoMap()
    values.entries.set(subchart.name, table)
    bringGlobals(table, values)
    coalesce(subchart, table, options)
  }
  return values
}

/** Puts the chart's own values below those given. */
function bringDefaults(chart: LoadedChart, values: GoMap, { mode, helm }: CoalesceOptions): void {
  const cleans = helm === 4 && mode === 'coalesce'
  const defaults = deepCopy(chart.values)
  for (const [key, value] of defaults.entries) {
    const above = values.entries.get(key)
    if (!values.entries.has(key)) {
      if (cleans && isNull(value)) continue
      if (cleans && value instanceof GoMap) dropNulls(value)
      values.entries.set(key, value)
    } else if (isNull(above) && mode === 'coalesce') values.entries.delete(key)
    else if (above instanceof GoMap && value instanceof GoMap) {
      // The nulls of a subchart's section are removed when the subchart is coalesced itself.
      const isSubchart = chart.subcharts.some((subchart) => subchart.name === key)
      if (cleans && !isSubchart) dropNulls(value)
      mergeTables(above, value, isSubchart ? 'merge' : mode)
    }
  }
}

/** Hands the parent's globals to a subchart; the parent's win. */
function bringGlobals(own: GoMap, parent: GoMap): void {
  const mine = globalsOf(own)
  const theirs = globalsOf(parent)
  if (mine === undefined || theirs === undefined) return
  for (const [key, value] of theirs.entries) {
    const present = mine.entries.get(key)
    if (!(value instanceof GoMap)) {
      if (!(present instanceof GoMap)) mine.entries.set(key, value)
    } else if (!mine.entries.has(key)) mine.entries.set(key, new GoMap(value.entries))
    else if (present instanceof GoMap) {
      const copy = new GoMap(value.entries)
      mergeTables(copy, present, 'merge')
      mine.entries.set(key, copy)
    }
  }
  own.entries.set('global', mine)
}

/** The table of globals, a new one where there is none; undefined where something else has the name. */
function globalsOf(values: GoMap): GoMap | undefined {
  return values.entries.has('global') ? asTable(values.entries.get('global')) : new GoMap()
}
