// The ways in which a chart is rendered: as it is, as its own tests do it, and with every feature switched on.
import type { Chart } from '../chart/chart.ts'
import { decodeExactly, type Leaf, readLeaves } from '../discover/leaf.ts'
import type { RenderOptions, RenderValues } from '../render/chart-renderer.ts'
import type { ValuesPath } from '../yaml/path.ts'

/** One way of rendering a chart. */
export interface Scenario {
  /** `default`, `ci/with-ingress-values.yaml`, `all features`. */
  readonly name: string
  readonly values: RenderValues
  readonly circumstances: RenderOptions
}

const switchKey = /^(?:enabled?|create|install|installed|deploy)$/i
const testValues = /^ci\/.*values\.ya?ml$/
const apiQuestion = /APIVersions\.Has\s+"([^"]+)"/g

/** All scenarios of a chart; the user's values and circumstances hold in each. */
export function scenariosOf(chart: Chart, given: RenderValues, circumstances: RenderOptions): readonly Scenario[] {
  // Named so that no address in the archive is like it.
  const values = { ...given, files: (given.files ?? []).map(({ name, text }) => ({ name: `--values ${name}`, text })) }
  const over = (name: string, text: string): RenderValues => ({
    ...values,
    files: [{ name, text }, ...(values.files ?? [])],
  })
  const ci = [...chart.files].flatMap(([path, bytes]): Scenario[] => {
    const text = testValues.test(path) ? decodeExactly(bytes) : undefined
    return text === undefined ? [] : [{ name: path, values: over(`--values ${path}`, text), circumstances }]
  })
  const apiVersions = [...new Set([...(circumstances.apiVersions ?? []), ...askedApis(chart)])]
  const features = {
    name: 'all features',
    values: over('all features', JSON.stringify(allSwitches(chart))),
    circumstances: { ...circumstances, apiVersions },
  }
  return [{ name: 'default', values, circumstances }, ...ci, features]
}

/** Every switch of the values files that is off, turned on; and every condition of a dependency. */
function allSwitches(chart: Chart): object {
  const tree: Record<string, unknown> = {}
  const leaves = Map.groupBy(readLeaves(chart), ({ file }) => file)
  const visit = (of: Chart, prefix: ValuesPath): void => {
    for (const leaf of leaves.get(`${of.address}values.yaml`) ?? [])
      if (isSwitchedOff(leaf)) setTrue(tree, [...prefix, ...leaf.path])
    for (const { condition, tags } of of.metadata.dependencies) {
      for (const path of condition.split(','))
        if (path.trim() !== '') setTrue(tree, [...prefix, ...path.trim().split('.')])
      if (prefix.length === 0) for (const tag of tags) setTrue(tree, ['tags', tag])
    }
    for (const subchart of of.subcharts) for (const name of namesOf(of, subchart)) visit(subchart, [...prefix, name])
  }
  visit(chart, [])
  return tree
}

const isSwitchedOff = ({ path, text }: Leaf): boolean =>
  text === 'false' && switchKey.test(String(path.at(-1))) && path.every((step) => typeof step === 'string')

/** The keys under which a parent's values reach a subchart. */
function namesOf(parent: Chart, { metadata: { name } }: Chart): readonly string[] {
  const wanted = parent.metadata.dependencies.filter((dependency) => dependency.name === name)
  return wanted.length === 0 ? [name] : wanted.map(({ alias }) => alias || name)
}

function setTrue(tree: Record<string, unknown>, path: ValuesPath): void {
  const [key, ...rest] = path.map(String)
  if (key === undefined || key === '__proto__') return
  if (rest.length === 0) {
    tree[key] ??= true
    return
  }
  const next = tree[key] ?? {}
  if (typeof next !== 'object') return
  tree[key] = next
  setTrue(next as Record<string, unknown>, rest)
}

/** The API versions that templates ask the cluster for. */
function* askedApis(chart: Chart): Iterable<string> {
  for (const [path, bytes] of chart.files) {
    if (!path.startsWith('templates/')) continue
    for (const match of (decodeExactly(bytes) ?? '').matchAll(apiQuestion)) yield match[1] ?? ''
  }
  for (const subchart of chart.subcharts) yield* askedApis(subchart)
}
