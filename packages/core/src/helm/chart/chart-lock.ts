// Chart.lock, in old charts requirements.lock: the versions that the dependencies were resolved to.
import { ChartferryError } from '../../errors.ts'
import type { Limits } from '../../limits.ts'
import { parseYaml, textOf } from '../yaml/parse.ts'
import type { Chart } from './chart.ts'
import { type ChartDependency, readDependency } from './dependency.ts'
import { fieldsOf, isMapping } from './fields.ts'

/** What a lock file says. */
export interface ChartLock {
  /** When it was made, as written; empty where it does not say. */
  readonly generated: string
  /** Helm's digest of the dependencies that were resolved, as written. */
  readonly digest: string
  /** Each with one version. */
  readonly dependencies: readonly ChartDependency[]
}

/** The lock in a text. Throws CHART_INVALID for wrong types, and as `parseYaml` does. */
export function parseChartLock(text: string, where: string, options: { readonly limits?: Limits } = {}): ChartLock {
  const value = parseYaml(text, { ...options, where, numbersAsText: true }) ?? {}
  if (!isMapping(value)) throw new ChartferryError('CHART_INVALID', `${where}: not a mapping`)
  const fields = fieldsOf(value, where)
  return {
    generated: fields.text('generated'),
    digest: fields.text('digest'),
    dependencies: fields.mappings('dependencies').map(readDependency),
  }
}

/** The lock of a chart; undefined where it has none. Throws as `parseChartLock` does. */
export function chartLock(chart: Chart): ChartLock | undefined {
  const name = ['Chart.lock', 'requirements.lock'].find((file) => chart.files.has(file))
  const data = name === undefined ? undefined : chart.files.get(name)
  return data && parseChartLock(textOf(data), `${chart.address}${name}`)
}
