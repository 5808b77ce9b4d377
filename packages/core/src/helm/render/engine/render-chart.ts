// One rendering of a chart, from values to sorted manifests, in the order in which `helm template` does it.

import { ChartferryError, isChartferryError } from '../../../errors.ts'
import type { Chart } from '../../chart/chart.ts'
import { satisfies } from '../../semver/constraint.ts'
import { withAllowance } from '../../template/allowance.ts'
import type { ParsedTemplates } from '../../template/parser.ts'
import type { Condition } from '../../template/state.ts'
import { bare, textFrom } from '../../template/text.ts'
import { GoMap, int, type Text } from '../../template/value.ts'
import type { RenderOptions, RenderValues } from '../chart-renderer.ts'
import { type Manifest, sortManifests } from '../output/manifests.ts'
import { checkSchema, type Schemas } from '../values/check-schema.ts'
import { coalesceValues } from '../values/coalesce.ts'
import { processDependencies } from '../values/dependencies.ts'
import { mergeUserValues } from '../values/user-values.ts'
import { capabilitiesOf, helmVersions, parseKubeVersion } from './capabilities.ts'
import { type Executed, type ExecuteOptions, executeTemplates } from './execute-templates.ts'
import { fileText, fullPath, type LoadedChart, loadCharts, type ValuesByChart } from './loaded-chart.ts'
import { checkReleaseName } from './release-name.ts'
import { collectTemplates } from './template-files.ts'
import { withinTime } from './within-time.ts'

/** A chart made ready for renderings. */
export interface OpenedChart {
  readonly chart: Chart
  readonly values: ValuesByChart
  /** Filled while rendering. */
  readonly parsed: Map<string, ParsedTemplates>
  /** Filled while rendering, too. */
  readonly schemas: Schemas
}

/** How the engine renders, the same for all renderings. */
export interface EngineSettings {
  readonly helm: 3 | 4
  readonly traced: boolean
  readonly lint: boolean
  /** Whether what fails is left out. */
  readonly lenient: boolean
  readonly skipSchema: boolean
  readonly schemas: Schemas['given']
  readonly outputBytes: number
  readonly allocationBytes: number
  readonly timeoutMs: number
  readonly now: () => Date
}

/** What a rendering gave; the texts keep their spans where it was traced. */
export interface RenderedChart {
  readonly documents: readonly Manifest[]
  readonly hooks: readonly Manifest[]
  readonly notes: Text | undefined
  /** The decisions of the templates, in order; empty unless traced. */
  readonly conditions: readonly Condition[]
  /** Whether another rendering of the same may print something else: a function of chance or of the clock was called. */
  readonly volatile: boolean
}

/** Renders. Throws RENDER_FAILED with Helm's words, OUTPUT_TOO_LARGE, DEPTH_EXCEEDED, RENDER_TIMEOUT. */
export function renderChart(
  opened: OpenedChart,
  given: RenderValues,
  options: RenderOptions,
  settings: EngineSettings,
): RenderedChart {
  const timeoutMs = options.timeoutMs ?? settings.timeoutMs
  return withinTime(timeoutMs, opened.chart.metadata.name, () =>
    render(opened, given, options, { ...settings, timeoutMs }),
  )
}

function render(
  opened: OpenedChart,
  given: RenderValues,
  options: RenderOptions,
  settings: EngineSettings,
): RenderedChart {
  const { helm } = settings
  const userValues = mergeUserValues(given, settings.traced, helm)
  const root = loadCharts(opened.chart, opened.values)
  if (!settings.lenient) checkInstallable(root, helm)
  if (options.release !== undefined) checkReleaseName(options.release.name, helm)
  selectDependencies(root, userValues, helm)
  const values = coalesceValues(root, userValues, { mode: 'coalesce', helm })
  if (!settings.skipSchema && options.skipSchema !== true) checkSchema(root, values, opened.schemas)
  if (!settings.lenient) checkKubeVersion(root, options.kubeVersion ?? helmVersions[helm].kubernetes, helm)
  const { texts, conditions, volatile } = executeChart(
    opened,
    root,
    values,
    { ...options, release: releaseOf(options) },
    settings,
  )
  const { notes, rest } = takeNotes(texts, `${fullPath(root)}/templates/NOTES.txt`)
  const { manifests, hooks } = sortManifests(rest, helm, settings.lenient)
  return { documents: [...definitions(root, settings.traced), ...manifests], hooks, notes, conditions, volatile }
}

/** Helm 4 says in which step values did not fit. */
function selectDependencies(root: LoadedChart, userValues: GoMap, helm: 3 | 4): void {
  try {
    processDependencies(root, userValues, helm)
  } catch (error) {
    if (helm === 3 || !isChartferryError(error, 'RENDER_FAILED')) throw error
    throw new ChartferryError('RENDER_FAILED', `chart dependencies processing failed: ${error.message}`)
  }
}

/** The cluster and the release of an execution. */
export interface RenderContext extends Pick<RenderOptions, 'kubeVersion' | 'apiVersions'> {
  /** The value of `.Release`. */
  readonly release: GoMap
}

/** Executes all templates of a chart on its values. Throws as `renderChart` does. */
export function executeChart(
  opened: OpenedChart,
  root: LoadedChart,
  values: GoMap,
  { release, kubeVersion, apiVersions }: RenderContext,
  settings: EngineSettings,
): Executed {
  const { helm, traced, lint, lenient, now } = settings
  const capabilities = capabilitiesOf(helm, kubeVersion, apiVersions, traced)
  try {
    const files = collectTemplates(root, values, { helm, traced, release, capabilities })
    const given: ExecuteOptions = {
      helm,
      traced,
      lint,
      lenient,
      outputUnits: settings.outputBytes,
      deadline: Date.now() + settings.timeoutMs,
      now,
      parsed: opened.parsed,
    }
    return withAllowance(settings.allocationBytes, () => executeTemplates(files, given))
  } catch (error) {
    // What JavaScript itself refuses: a stack that is full, a string or list that is too long.
    if (!(error instanceof RangeError)) throw error
    throw /call stack/.test(error.message)
      ? new ChartferryError('DEPTH_EXCEEDED', `${root.name}: templates or values are nested too deep`)
      : new ChartferryError('OUTPUT_TOO_LARGE', `${root.name}: ${error.message}`)
  }
}

function releaseOf({ release }: RenderOptions): GoMap {
  const { name, namespace } = release ?? { name: 'release-name', namespace: 'default' }
  return new GoMap([
    ['Name', name],
    ['Namespace', namespace],
    ['IsUpgrade', false],
    ['IsInstall', true],
    ['Revision', int(1)],
    ['Service', 'Helm'],
  ])
}

/** Library charts and charts without their subcharts cannot be rendered. */
function checkInstallable({ chart }: LoadedChart, helm: 3 | 4): void {
  const { apiVersion, type, dependencies } = chart.metadata
  if (type !== '' && type !== 'application') {
    throw new ChartferryError('RENDER_FAILED', `${type} charts are not installable`)
  }
  const names = new Set(chart.subcharts.map((subchart) => subchart.metadata.name))
  const missing = dependencies.map(({ name }) => name).filter((name) => !names.has(name))
  if (missing.length === 0) {
    // Helm 4 reads charts of the format to come, but does not install them.
    if (helm === 4 && apiVersion === 'v3') throw new ChartferryError('RENDER_FAILED', 'invalid chart apiVersion')
    return
  }
  const why = `found in Chart.yaml, but missing in charts/ directory: ${missing.join(', ')}`
  const [start, command] = helm === 3 ? ['An', '`helm dependency build`'] : ['an', "'helm dependency build'"]
  const advice = `You may need to run ${command} to fetch missing dependencies`
  throw new ChartferryError(
    'RENDER_FAILED',
    `${start} error occurred while checking for chart dependencies. ${advice}: ${why}`,
  )
}

function checkKubeVersion({ chart }: LoadedChart, kubeVersion: string, helm: 3 | 4): void {
  const { version, normalized } = parseKubeVersion(kubeVersion, helm)
  const wanted = chart.metadata.kubeVersion
  if (wanted === '' || satisfies(wanted, normalized)) return
  throw new ChartferryError(
    'RENDER_FAILED',
    `chart requires kubeVersion: ${wanted} which is incompatible with Kubernetes ${version}`,
  )
}

/** The notes of the top chart; those of subcharts are rendered and thrown away. */
function takeNotes(
  texts: ReadonlyMap<string, Text>,
  path: string,
): { notes: Text | undefined; rest: Map<string, Text> } {
  const rest = new Map([...texts].filter(([source]) => !source.endsWith('NOTES.txt')))
  return { notes: texts.get(path), rest }
}

/** The files in `crds/` of a chart and its subcharts, as they are. */
function definitions(chart: LoadedChart, traced: boolean): Manifest[] {
  const own: Manifest[] = []
  for (const [path, data] of chart.chart.files) {
    if (!path.startsWith('crds/') || !/\.(?:ya?ml|json)$/i.test(path)) continue
    const whole = fileText(data)
    const text = traced ? textFrom(whole, { kind: 'literal', file: chart.chart.address + path }) : whole
    own.push({ source: `${fullPath(chart)}/${path}`, text, kind: 'CustomResourceDefinition' })
  }
  return [...own, ...chart.subcharts.flatMap((subchart) => definitions(subchart, traced))]
}

/** What stands in a rendering, traced or not. */
type Printed = { readonly source: string; readonly text: Text }

/** All of a rendering as `helm template --include-crds` prints it. */
export function formatRendered(rendered: {
  readonly documents: readonly Printed[]
  readonly hooks: readonly Printed[]
}): string {
  const text = (document: Printed): string => `---\n# Source: ${document.source}\n${bare(document.text)}\n`
  return `${rendered.documents.map(text).join('').trim()}\n${rendered.hooks.map(text).join('')}`
}
