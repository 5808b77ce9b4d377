// The ways in which a chart is rendered: as it is, as its own tests do it, and with every feature switched on.
import type { Chart } from '../../helm/chart/chart.ts'
import type { RenderOptions, RenderValues } from '../../helm/render/chart-renderer.ts'
import { decodeExactly, type Leaf } from './leaf.ts'
import { allSwitches, switchesAbove } from './switches.ts'

/** What a chart is rendered for: one cluster, or several that differ in their version. */
export interface Circumstances extends RenderOptions {
  /** Further Kubernetes versions, as `--kube-version` takes them, since tags may depend on them. Default: none. */
  readonly alsoKubeVersions?: readonly string[]
}

/** One way of rendering a chart. */
export interface Scenario {
  /**
   * `default`, `ci/with-ingress-values.yaml`, `all features`; for another Kubernetes version `default, Kubernetes
   * 1.30.0`.
   */
  readonly name: string
  readonly values: RenderValues
  readonly circumstances: RenderOptions
}

const testValues = /^ci\/.*values\.ya?ml$/

/** All scenarios of a chart; the user's values and circumstances hold in each. */
export function scenariosOf(chart: Chart, given: RenderValues, circumstances: Circumstances): readonly Scenario[] {
  const { alsoKubeVersions = [], ...first } = circumstances
  const further = alsoKubeVersions.flatMap((kubeVersion) =>
    scenariosFor(chart, given, { ...first, kubeVersion }).map(
      (scenario): Scenario => ({ ...scenario, name: `${scenario.name}, Kubernetes ${kubeVersion}` }),
    ),
  )
  return [...scenariosFor(chart, given, first), ...further]
}

/** Whether a scenario is the chart with the values given, and no others. */
export const isAsGiven = ({ name }: Scenario): boolean => name === 'default' || name.startsWith('default, Kubernetes ')

function scenariosFor(chart: Chart, given: RenderValues, circumstances: RenderOptions): readonly Scenario[] {
  const values = namedApart(given)
  const ci = [...chart.files].flatMap(([path, bytes]): Scenario[] => {
    const text = testValues.test(path) ? decodeExactly(bytes) : undefined
    return text === undefined ? [] : [{ name: path, values: below(values, path, text), circumstances }]
  })
  const switches = allSwitches(chart)
  const features = {
    name: 'all features',
    values: below(values, 'all features', JSON.stringify(switches)),
    circumstances: withAskedApis(chart, circumstances),
  }
  const adds =
    Object.keys(switches).length > 0 || features.circumstances.apiVersions?.length !== circumstances.apiVersions?.length
  return [{ name: 'default', values, circumstances }, ...ci, ...(adds ? [features] : [])]
}

/**
 * One more scenario for images that are written, but that no scenario printed: only the switches on the way to each are
 * on. Undefined where there is no such image or switch.
 */
export function scenarioForUnseen(
  chart: Chart,
  unseen: readonly Leaf[],
  given: RenderValues,
  circumstances: RenderOptions,
): Scenario | undefined {
  const switches = switchesAbove(chart, unseen)
  if (switches === undefined) return undefined
  return {
    name: 'features of images not seen yet',
    values: below(namedApart(given), 'switches', JSON.stringify(switches)),
    circumstances: withAskedApis(chart, circumstances),
  }
}

/** The values with their files named as no address in the archive is. */
function namedApart(given: RenderValues): RenderValues {
  return { ...given, files: (given.files ?? []).map(({ name, text }) => ({ name: `--values ${name}`, text })) }
}

/** The values with one more file, which all of the user's come over. */
function below(values: RenderValues, name: string, text: string): RenderValues {
  return { ...values, files: [{ name: `--values ${name}`, text }, ...(values.files ?? [])] }
}

function withAskedApis(chart: Chart, circumstances: RenderOptions): RenderOptions {
  const asked = [...askedApis(chart)].filter((version) => circumstances.apiVersions?.includes(version) !== true)
  if (asked.length === 0) return circumstances
  return { ...circumstances, apiVersions: [...new Set([...(circumstances.apiVersions ?? []), ...asked])] }
}

const apiQuestion = /APIVersions\.Has\s+"([^"]+)"/g

/** The API versions that templates ask the cluster for. */
function* askedApis(chart: Chart): Iterable<string> {
  for (const [path, bytes] of chart.files) {
    if (!path.startsWith('templates/')) continue
    for (const match of (decodeExactly(bytes) ?? '').matchAll(apiQuestion)) yield match[1] ?? ''
  }
  for (const subchart of chart.subcharts) yield* askedApis(subchart)
}
