// The ways in which a chart is rendered: as it is, as its own tests do it, and with every feature switched on.
import type { Chart } from '../../../helm/chart/chart.ts'
import { decodeExactly } from '../../../helm/chart/chart-file.ts'
import { type ChartLeaves, furtherValuesFiles, type Leaf } from '../../../helm/chart/leaves.ts'
import type { HelmMajor, RenderOptions, RenderValues } from '../../../helm/render/chart-renderer.ts'
import type { StandingUse } from '../image-use.ts'
import { differsByMajor } from './helm-majors.ts'
import { isAsGiven, type Scenario } from './scenario.ts'
import { allSwitches, allVariants, switchesAbove } from './switches.ts'

/** What a chart is rendered for: one cluster, or several that differ in their version. */
export interface RenderContext extends RenderOptions {
  /** Further Kubernetes versions, as `--kube-version` takes them, since tags may depend on them. Default: none. */
  readonly alsoKubeVersions?: readonly string[]
  /** Whether further values files that the chart ships (`values-openshift.yaml`) are looked at. Default: true. */
  readonly extraValues?: boolean
  /**
   * By which Helm's rules it is rendered. Default: by those of 3, and of 4 too where the chart has what they treat
   * differently.
   */
  readonly helm?: HelmMajor | 'both' | undefined
}

const testValues = /^ci\/.*values\.ya?ml$/

/** All scenarios of a chart; the user's values and context hold in each. */
export function scenariosOf(
  chart: Chart,
  leaves: ChartLeaves,
  given: RenderValues,
  context: RenderContext,
): readonly Scenario[] {
  const { alsoKubeVersions = [], extraValues: _, helm, ...first } = context
  const further = alsoKubeVersions.flatMap((kubeVersion) =>
    scenariosFor(chart, leaves, given, { ...first, kubeVersion }).map(
      (scenario): Scenario => ({
        ...scenario,
        kind: isAsGiven(scenario.kind) ? 'kube-version' : scenario.kind,
        name: `${scenario.name}, Kubernetes ${kubeVersion}`,
      }),
    ),
  )
  const all = [...scenariosFor(chart, leaves, given, first), ...further]
  if (helm === 4) return all.map((scenario) => ({ ...scenario, helm }))
  if (helm === 3 || (helm === undefined && !differsByMajor(chart, leaves, given))) return all
  const byOther = all
    .filter(({ kind }) => isAsGiven(kind))
    .map((scenario): Scenario => ({ ...scenario, helm: 4, name: `${scenario.name}, Helm 4` }))
  return [...all, ...byOther]
}

function scenariosFor(
  chart: Chart,
  leaves: ChartLeaves,
  given: RenderValues,
  context: RenderOptions,
): readonly Scenario[] {
  const values = namedApart(given)
  const ci = [...chart.files].flatMap(([path, bytes]): Scenario[] => {
    const text = testValues.test(path) ? decodeExactly(bytes) : undefined
    return text === undefined ? [] : [{ kind: 'ci', name: path, values: below(values, path, text), context }]
  })
  const switches = allSwitches(chart, leaves)
  const features: Scenario = {
    kind: 'features',
    name: 'all features',
    values: below(values, 'all features', JSON.stringify(switches)),
    context: withAskedApis(chart, context),
  }
  const adds = Object.keys(switches).length > 0 || features.context.apiVersions?.length !== context.apiVersions?.length
  const first: Scenario = { kind: hasValues(given) ? 'user' : 'default', name: 'default', values, context }
  const variants = allVariants(chart, leaves)
  const variant: Scenario = {
    kind: 'features',
    name: 'variants of images',
    values: below(values, 'variants of images', JSON.stringify(variants)),
    context,
  }
  return [first, ...ci, ...(adds ? [features] : []), ...(Object.keys(variants).length > 0 ? [variant] : [])]
}

/**
 * One more scenario for images that are written, but that no scenario printed: only the switches on the way to each are
 * on. Undefined where there is no such image or switch.
 */
export function scenarioForUnseen(
  chart: Chart,
  leaves: ChartLeaves,
  unseen: readonly Leaf[],
  given: RenderValues,
  context: RenderOptions,
): Scenario | undefined {
  const switches = switchesAbove(chart, leaves, unseen)
  if (switches === undefined) return undefined
  return {
    kind: 'features',
    name: 'features of the remaining images',
    values: below(namedApart(given), 'switches', JSON.stringify(switches)),
    context: withAskedApis(chart, context),
  }
}

/** Whether there are values beside the chart's own. */
const hasValues = ({ files, setJson, set, setString, setFile, setLiteral }: RenderValues): boolean =>
  [files, setJson, set, setString, setFile, setLiteral].some((list) => list !== undefined && list.length > 0)

/** How many further values files are rendered: each costs as much as the chart itself. */
const mostFiles = 6

/** A scenario for each further values file of a chart that names images. */
export function scenariosOfFiles(
  chart: Chart,
  written: readonly StandingUse[],
  given: RenderValues,
  context: RenderOptions,
): readonly Scenario[] {
  const naming = new Set(
    written.flatMap((use) => (use.kind === 'written' ? use.leaves.map(({ leaf }) => leaf.file) : [])),
  )
  return furtherValuesFiles(chart)
    .filter((file) => naming.has(file))
    .slice(0, mostFiles)
    .map((ownFile) => ({ kind: 'values-file', name: ownFile, values: namedApart(given), ownFile, context }))
}

/** The values with their files named as no address in the archive is. */
function namedApart(given: RenderValues): RenderValues {
  return { ...given, files: (given.files ?? []).map(({ name, text }) => ({ name: `--values ${name}`, text })) }
}

/** The values with one more file, which all of the user's come over. */
function below(values: RenderValues, name: string, text: string): RenderValues {
  return { ...values, files: [{ name: `--values ${name}`, text }, ...(values.files ?? [])] }
}

function withAskedApis(chart: Chart, context: RenderOptions): RenderOptions {
  const asked = [...askedApis(chart)].filter((version) => context.apiVersions?.includes(version) !== true)
  if (asked.length === 0) return context
  return { ...context, apiVersions: [...new Set([...(context.apiVersions ?? []), ...asked])] }
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
