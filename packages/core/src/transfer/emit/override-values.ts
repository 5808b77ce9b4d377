// A plan as a values file that is given beside the chart: what the chart's values can say of it.
import { dump } from 'js-yaml'
import { ChartferryError } from '../../errors.ts'
import type { Chart } from '../../helm/chart/chart.ts'
import { parseYaml } from '../../helm/yaml/parse.ts'
import { formatPath, type ValuesPath } from '../../helm/yaml/path.ts'
import { type LeafEdit, type Plan, textOf } from '../../relocation/model/plan.ts'

/** Values to give with `-f`, and the edits that no values can make. */
export interface OverrideValues {
  readonly values: Readonly<Record<string, unknown>>
  readonly notExpressed: readonly string[]
}

interface Placed {
  readonly chart: Chart
  /** The keys below which the values of the chart stand, one way for each alias. */
  readonly keys: readonly (readonly string[])[]
}

/**
 * The values that do what the plan's edits of values files do. A list is overridden as a whole, as helm has it; what a
 * parent says of a subchart goes over what the subchart says. Throws PLAN_STALE where the plan is of another chart.
 */
export function overrideValues(chart: Chart, { chart: planned, edits }: Plan): OverrideValues {
  const { name, version } = chart.metadata
  if (planned.name !== name || planned.version !== version)
    throw new ChartferryError(
      'PLAN_STALE',
      `chart ${name} ${version}: the plan is of ${planned.name} ${planned.version}`,
    )
  const charts = new Map(placesOf({ chart, keys: [[]] }).map((place) => [`${place.chart.address}values.yaml`, place]))
  const values: Record<string, unknown> = {}
  const notExpressed: string[] = []
  // Subcharts first, so that their parents go over them.
  const deepestFirst = edits
    .map((edit) => ({ edit, place: charts.get(edit.file) }))
    .sort((a, b) => (b.place?.keys[0]?.length ?? 0) - (a.place?.keys[0]?.length ?? 0))
  for (const { edit, place } of deepestFirst) {
    if (edit.kind !== 'leaf' || place === undefined) {
      // What no rendering prints, annotations of Chart.yaml above all, nobody pulls.
      if (edit.observed)
        notExpressed.push(
          `${edit.file}:${edit.line}: ${JSON.stringify(edit.old)} is written there, and no value says it`,
        )
      continue
    }
    for (const keys of place.keys)
      write(values, [...keys, ...edit.path], newValue(edit), () => fileValues(place.chart), keys)
  }
  return { values, notExpressed: notExpressed.sort() }
}

/** A chart and its subcharts with the keys that their values stand below. */
function placesOf(place: Placed): readonly Placed[] {
  const { dependencies } = place.chart.metadata
  return [
    place,
    ...place.chart.subcharts.flatMap((chart) => {
      const { name } = chart.metadata
      const lines = dependencies.filter((dependency) => dependency.name === name)
      const names = lines.length === 0 ? [name] : lines.map(({ alias }) => (alias === '' ? name : alias))
      const keys = place.keys.flatMap((above) => [...new Set(names)].map((key) => [...above, key]))
      return placesOf({ chart, keys })
    }),
  ]
}

/** A quoted text stays a text; of a plain one YAML decides, as it does in the chart. */
function newValue({ new: parts, source, old }: LeafEdit): unknown {
  const text = textOf(parts)
  if (source !== undefined && /^(["'|>]|$)/.test(source)) return text
  return /^(true|false)$/.test(old) ? parseYaml(text) : text
}

const fileValues = (chart: Chart): unknown => {
  const bytes = chart.files.get('values.yaml')
  return bytes === undefined ? undefined : parseYaml(new TextDecoder().decode(bytes))
}

/** Sets a value; where the way leads through a list, the chart's whole list is put there first. */
function write(
  root: Record<string, unknown>,
  path: ValuesPath,
  value: unknown,
  original: () => unknown,
  keys: readonly string[],
): void {
  let node: Record<string | number, unknown> = root
  path.forEach((key, at) => {
    if (at === path.length - 1) {
      node[key] = value
      return
    }
    if (node[key] === undefined) {
      const isList = typeof path[at + 1] === 'number'
      node[key] = isList ? structuredClone(valueAt(original(), path.slice(keys.length, at + 1))) : {}
    }
    const next = node[key]
    if (typeof next !== 'object' || next === null)
      throw new ChartferryError(
        'PLAN_STALE',
        `values: ${formatPath(path)} leads through a value that is neither a map nor a list`,
      )
    node = next as Record<string | number, unknown>
  })
}

function valueAt(root: unknown, path: ValuesPath): unknown {
  let node = root
  for (const key of path) node = typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined
  return node
}

/** The text of a values file. */
export function formatOverrideValues(values: OverrideValues['values']): string {
  return dump(values, { lineWidth: -1, noRefs: true })
}

/** What an Application of Argo CD says of a chart as its source, with these values. */
export function argoHelmValues(name: string, values: OverrideValues['values']): string {
  const application = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name },
    spec: { source: { helm: { valuesObject: values } } },
  }
  return dump(application, { lineWidth: -1, noRefs: true })
}
