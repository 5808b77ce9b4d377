// Renders the original chart in every scenario, traced: which images it prints, and who wrote each of them.
import type { Chart } from '../chart/chart.ts'
import { isChartferryError } from '../errors.ts'
import type { RenderedDocument } from '../render/chart-renderer.ts'
import { type EngineRenderer, engineRenderer } from '../render/engine-renderer.ts'
import { bare } from '../template/text.ts'
import { diffDocuments } from './diff-documents.ts'
import { findOccurrences } from './find-occurrences.ts'
import type { ImageOccurrence } from './occurrence.ts'
import type { Scenario } from './scenarios.ts'
import { renderAll, type Snapshot } from './snapshot.ts'

/** One scenario that renders. */
export interface ObservedScenario {
  readonly scenario: Scenario
  readonly snapshot: Snapshot
  readonly occurrences: readonly ImageOccurrence[]
}

/** What the chart shows in all scenarios. */
export interface Observation {
  readonly scenarios: readonly ObservedScenario[]
  /** Scenarios that do not render, and why. */
  readonly failed: readonly { readonly scenario: Scenario; readonly reason: string }[]
}

/** Renders each scenario twice, once traced; what differs between the two changes by itself. Throws what the engine throws beside RENDER_FAILED. */
export async function observeChart(chart: Chart, scenarios: readonly Scenario[], engine: EngineRenderer = engineRenderer()): Promise<Observation> {
  const rendering = engine.openChart(chart)
  const observed: ObservedScenario[] = []
  const failed: { scenario: Scenario; reason: string }[] = []
  try {
    for (const scenario of scenarios) {
      const { name, values, circumstances } = scenario
      try {
        const traced = await rendering.trace(values, circumstances)
        const documents = [...traced.documents, ...traced.hooks].map(({ source, text }): RenderedDocument => ({ source, text: bare(text) }))
        const volatile = diffDocuments(documents, await renderAll(rendering, values, circumstances))
        observed.push({ scenario, snapshot: { documents, volatile }, occurrences: findOccurrences(traced, name) })
      } catch (error) {
        if (!isChartferryError(error, 'RENDER_FAILED')) throw error
        failed.push({ scenario, reason: error.message })
      }
    }
  } finally {
    await rendering.close()
  }
  return { scenarios: observed, failed }
}
