// The verdict of `helm lint`: metadata, values against the schema, templates in lint mode, dependencies.

import { isChartferryError, messageOf } from '../../../errors.ts'
import type { Chart } from '../../chart/chart.ts'
import { bare } from '../../template/text.ts'
import { GoError, GoMap, int, plain, type Value } from '../../template/value.ts'
import { readYaml } from '../../yaml/go/read.ts'
import type { LintResult } from '../chart-renderer.ts'
import { splitManifests } from '../output/manifests.ts'
import { checkSchema, schemaFaults } from '../values/check-schema.ts'
import { coalesceValues } from '../values/coalesce.ts'
import { processDependencies } from '../values/dependencies.ts'
import { type LintFinding, lintChartFile, lintDependencies } from './lint-metadata.ts'
import { fileText, fullPath, type LoadedChart, loadCharts } from './loaded-chart.ts'
import { type EngineSettings, executeChart, type OpenedChart } from './render-chart.ts'

const selecting: ReadonlySet<string> = new Set(['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'])

/** Lints a chart; `open` reads its values, which may fail. */
export function lintChart(chart: Chart, open: () => OpenedChart, settings: EngineSettings): LintResult {
  const findings: LintFinding[] = [...lintChartFile(chart)]
  try {
    const opened = open()
    findings.push(...lintValues(opened), ...lintTemplates(opened, { ...settings, lint: true }))
  } catch (error) {
    findings.push({ severity: 'ERROR', place: 'values.yaml', message: renderFailure(error) })
  }
  findings.push(...lintDependencies(chart))
  return {
    ok: findings.every(({ severity }) => severity !== 'ERROR'),
    messages: findings.map(({ severity, place, message }) => `[${severity}] ${place}: ${message}`),
  }
}

/** The words of a RENDER_FAILED; anything else is thrown again. */
function renderFailure(error: unknown): string {
  if (isChartferryError(error, 'RENDER_FAILED')) return messageOf(error)
  throw error
}

/** The chart's own values against its own schema; those of subcharts are not looked at. */
function* lintValues({ chart, values, schemas }: OpenedChart): Generator<LintFinding> {
  if (!chart.files.has('values.yaml')) return
  const faults = schemaFaults(chart, values.get(chart) ?? new GoMap(), schemas)
  if (faults.length === 0) return
  yield { severity: 'ERROR', place: 'values.yaml', message: faults.join('\n') }
}

function* lintTemplates(opened: OpenedChart, settings: EngineSettings): Generator<LintFinding> {
  const { helm } = settings
  const root = loadCharts(opened.chart, opened.values)
  const release = new GoMap([
    ['Name', 'test-release'],
    ['Namespace', 'default'],
    ['IsUpgrade', false],
    ['IsInstall', false],
    ['Revision', int(0)],
    ['Service', 'Helm'],
  ])
  try {
    processDependencies(root, new GoMap(), helm)
    const values = coalesceValues(root, new GoMap(), { mode: 'coalesce', helm })
    if (!settings.skipSchema) checkSchema(root, values, opened.schemas)
    const { texts } = executeChart(opened, root, values, { release }, settings)
    yield* lintFiles(root, (path) => bare(texts.get(path) ?? ''), helm)
  } catch (error) {
    yield { severity: 'ERROR', place: 'templates/', message: renderFailure(error) }
  }
}

function* lintFiles(root: LoadedChart, rendered: (path: string) => string, helm: 3 | 4): Generator<LintFinding> {
  for (const [place, data] of root.chart.files) {
    if (!place.startsWith('templates/')) continue
    const extension = /\.[^./]*$/.exec(place)?.[0] ?? ''
    const error = (message: string): LintFinding => ({ severity: 'ERROR', place, message })
    if (!['.yaml', '.yml', '.tpl', '.txt'].includes(extension)) {
      yield error(`file extension '${extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt`)
    }
    if (/\.Release\.Time/.test(fileText(data))) {
      yield error('.Release.Time has been removed in v3, please replace with the `now` function in your templates')
    }
    if (extension !== '.yaml') continue
    const text = rendered(`${fullPath(root)}/${place}`)
    for (const fault of documentFaults(text, helm)) yield error(fault)
  }
}

function* documentFaults(text: string, helm: 3 | 4): Generator<string> {
  for (const document of splitManifests(text, helm)) {
    const object = readDocument(bare(document))
    if (typeof object === 'string') {
      yield `unable to parse YAML: ${object}`
      return
    }
    const kind = plain(object?.entries.get('kind'))
    if (typeof kind === 'string' && selecting.has(kind) && !/matchLabels|matchExpressions/.test(text)) {
      const metadata = object?.entries.get('metadata')
      const name: Value = metadata instanceof GoMap ? plain(metadata.entries.get('name')) : ''
      yield `a ${kind} must contain matchLabels or matchExpressions, and ${JSON.stringify(name ?? '')} does not`
    }
  }
}

/** The mapping of a document, nothing for an empty one, or why it is none. */
function readDocument(text: string): GoMap | undefined | string {
  try {
    const value = readYaml(text)
    if (value instanceof GoMap) return value
    return value === null || value === undefined
      ? undefined
      : 'json: cannot unmarshal into Go value of type rules.K8sYamlStruct'
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}
