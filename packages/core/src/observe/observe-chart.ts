// Renders the original chart in every scenario, traced: which images it prints, and who wrote each of them.
import type { Chart } from '../chart/chart.ts'
import { isChartferryError } from '../errors.ts'
import { tryParseReference } from '../image/reference.ts'
import type { RenderedDocument } from '../render/chart-renderer.ts'
import { type EngineRendering, engineRenderer } from '../render/engine-renderer.ts'
import { bare } from '../template/text.ts'
import { diffDocuments } from './diff-documents.ts'
import { findOccurrences } from './find-occurrences.ts'
import type { ImageOccurrence } from './occurrence.ts'
import type { Scenario } from './scenarios.ts'
import { renderAll, type Snapshot } from './snapshot.ts'

/** One scenario that was rendered. */
export interface ObservedScenario {
  readonly scenario: Scenario
  /** Whether the chart renders so; if not, what fails was left out, and nothing can be proven with it. */
  readonly isStrict: boolean
  readonly snapshot: Snapshot
  readonly occurrences: readonly ImageOccurrence[]
}

/** What the chart shows in all scenarios. */
export interface Observation {
  readonly scenarios: readonly ObservedScenario[]
  /** Scenarios in which the chart does not render, and why. */
  readonly failed: readonly { readonly scenario: Scenario; readonly reason: string }[]
}

/**
 * Renders each scenario twice, once traced; what differs between the two changes by itself. A scenario that the chart refuses is rendered again
 * leaving out what fails. Throws what the engine throws beside RENDER_FAILED.
 */
export async function observeChart(chart: Chart, scenarios: readonly Scenario[]): Promise<Observation> {
  const strict = engineRenderer().openChart(chart)
  const lenient = engineRenderer({ lenient: true }).openChart(chart)
  const observed: ObservedScenario[] = []
  const failed: { scenario: Scenario; reason: string }[] = []
  for (const scenario of scenarios) {
    const found = await attempt(() => observe(strict, scenario, true))
    if (typeof found !== 'string') {
      observed.push(found)
      continue
    }
    failed.push({ scenario, reason: found })
    const partial = await attempt(() => observe(lenient, scenario, false))
    if (typeof partial !== 'string') observed.push(partial)
  }
  await Promise.all([strict.close(), lenient.close()])
  return { scenarios: observed, failed }
}

async function observe(rendering: EngineRendering, scenario: Scenario, isStrict: boolean): Promise<ObservedScenario> {
  const { name, values, circumstances } = scenario
  const traced = await rendering.trace(values, circumstances)
  const documents = [...traced.documents, ...traced.hooks].map(
    ({ source, text }): RenderedDocument => ({ source, text: bare(text) }),
  )
  const volatile = diffDocuments(documents, await renderAll(rendering, values, circumstances))
  const found = findOccurrences(traced, name)
  // Where something was left out, half an image may be all that is printed.
  const occurrences = isStrict ? found : found.filter(({ reference }) => tryParseReference(reference) !== undefined)
  return { scenario, isStrict, snapshot: { documents, volatile }, occurrences }
}

async function attempt<Result>(work: () => Promise<Result>): Promise<Result | string> {
  try {
    return await work()
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return error.message
    throw error
  }
}
