// Renders charts in this process as Helm does, 3 or 4, without a helm; can tell where each character comes from.

import { throwIfCancelled } from '../../errors.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import type { Chart } from '../chart/chart.ts'
import { bare } from '../template/text.ts'
import type { GoMap } from '../template/value.ts'
import type { RenderedDocument } from './chart-renderer.ts'
import { helmVersions } from './engine/capabilities.ts'
import { lintChart } from './engine/lint-chart.ts'
import { readAllValues } from './engine/loaded-chart.ts'
import { type EngineSettings, type OpenedChart, renderChart } from './engine/render-chart.ts'
import { withinTime } from './engine/within-time.ts'
import type { EngineRenderer, EngineRendering } from './engine-rendering.ts'
import { namedRendering } from './named-rendering.ts'
import type { Manifest } from './output/manifests.ts'
import { readValues } from './values/read-values.ts'
import { type ChangedLeaf, changeLeaves, traceTable } from './values/trace-values.ts'

/** How long one rendering may take where nobody says otherwise. */
export const renderTimeoutMs = 120_000

export interface EngineRendererOptions {
  /** The major version of Helm to follow. Default: 3. */
  readonly helm?: 3 | 4
  /** What one rendering may print and allocate. Default: `defaultLimits`. */
  readonly limits?: Partial<Pick<Limits, 'renderBytes' | 'renderAllocation'>>
  /** How long one rendering may take, in milliseconds. Default: two minutes. */
  readonly timeoutMs?: number
  /** Whether values.schema.json is left aside, as `--skip-schema-validation` does. Default: false. */
  readonly skipSchema?: boolean
  /** Texts of schemas by URL, for a values.schema.json that refers to others. Default: none; nothing is fetched. */
  readonly schemas?: Readonly<Record<string, string>>
  /**
   * Whether what fails is left out and the rest goes on: statements, documents that are no YAML, checks of versions and
   * schemas. For finding what a chart could print; not what Helm would do. Default: false.
   */
  readonly lenient?: boolean
  /** The clock, for templates that ask for it. Default: the system's. */
  readonly now?: () => Date
}

/** A renderer in this process. Without a worker a rendering cannot be cancelled, but it ends at its bounds. */
export function engineRenderer(options: EngineRendererOptions = {}): EngineRenderer {
  const helm = options.helm ?? 3
  const settings: EngineSettings = {
    helm,
    traced: false,
    lint: false,
    skipSchema: (options.skipSchema ?? false) || (options.lenient ?? false),
    schemas: options.schemas ?? {},
    lenient: options.lenient ?? false,
    outputBytes: options.limits?.renderBytes ?? defaultLimits.renderBytes,
    allocationBytes: options.limits?.renderAllocation ?? defaultLimits.renderAllocation,
    timeoutMs: options.timeoutMs ?? renderTimeoutMs,
    now: options.now ?? (() => new Date()),
  }
  return {
    name: 'engine',
    version: helmVersions[helm].helm,
    helm,
    traces: true,
    open: async ({ chart, fileName }) => namedRendering(openWithEngine(chart, settings, []), fileName),
    openChart: (chart) => openWithEngine(chart, settings, []),
  }
}

function prepare(
  chart: Chart,
  traced: boolean,
  settings: EngineSettings,
  changes: readonly ChangedLeaf[],
): OpenedChart {
  const read = (text: string, file: string): GoMap => {
    const own = changes.filter((change) => change.file === file)
    const values = changeLeaves(readValues(text, settings.helm), own)
    return traced ? traceTable(values, file) : values
  }
  const values = readAllValues(chart, read, settings.helm)
  return { chart, values, parsed: new Map(), schemas: { compiled: new Map(), given: settings.schemas } }
}

function openWithEngine(chart: Chart, settings: EngineSettings, changes: readonly ChangedLeaf[]): EngineRendering {
  let plainChart: OpenedChart | undefined
  let tracedChart: OpenedChart | undefined
  return {
    async render(values, options = {}) {
      throwIfCancelled(options.signal)
      plainChart ??= prepare(chart, false, settings, changes)
      const { documents, hooks, notes } = renderChart(plainChart, values, options, settings)
      return {
        documents: documents.map(documentOf),
        hooks: hooks.map(documentOf),
        notes: notes === undefined ? undefined : bare(notes),
      }
    },
    async trace(values, options = {}) {
      throwIfCancelled(options.signal)
      tracedChart ??= prepare(chart, true, settings, changes)
      return renderChart(tracedChart, values, options, { ...settings, traced: true })
    },
    withLeaves: (more) => openWithEngine(chart, settings, [...changes, ...more]),
    async lint(options = {}) {
      throwIfCancelled(options.signal)
      return withinTime(settings.timeoutMs, chart.metadata.name, () =>
        lintChart(chart, () => (plainChart ??= prepare(chart, false, settings, changes)), settings),
      )
    },
    async close() {
      plainChart = undefined
      tracedChart = undefined
    },
  }
}

function documentOf({ source, text }: Manifest): RenderedDocument {
  return { source, text: bare(text) }
}
