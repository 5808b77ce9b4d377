// Renders the original chart in every scenario, traced: which images it prints, and who wrote each of them.

import { isChartferryError } from '../../errors.ts'
import type { Chart } from '../../helm/chart/chart.ts'
import type { RenderedDocument, RenderValues } from '../../helm/render/chart-renderer.ts'
import { engineRenderer } from '../../helm/render/engine-renderer.ts'
import type { EngineRendering } from '../../helm/render/engine-rendering.ts'
import { diffDocuments } from '../../helm/render/output/diff-documents.ts'
import { bare } from '../../helm/template/text.ts'
import { tryParseReference } from '../../reference/reference.ts'
import { discover } from './discover.ts'
import { findOccurrences } from './find-occurrences.ts'
import { type Leaf, readLeaves } from './leaf.ts'
import type { ImageOccurrence } from './occurrence.ts'
import { type Circumstances, type Scenario, scenarioForUnseen, scenariosOf } from './scenarios.ts'
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
 * Renders a chart in all its scenarios, then in one more for images that none of them printed. The user's values and
 * circumstances hold in each. Throws what the engine throws beside RENDER_FAILED.
 */
export async function observeChart(
  chart: Chart,
  values: RenderValues,
  circumstances: Circumstances,
): Promise<Observation> {
  const strict = engineRenderer().openChart(chart)
  const lenient = engineRenderer({ lenient: true }).openChart(chart)
  const anchored = anchorSpans(readLeaves(chart))
  const observed: ObservedScenario[] = []
  const failed: { scenario: Scenario; reason: string }[] = []
  /** A scenario that the chart refuses is rendered again, leaving out what fails. */
  const observeOne = async (scenario: Scenario): Promise<void> => {
    const found = await attempt(() => observe(strict, scenario, true, anchored))
    if (typeof found === 'string') failed.push({ scenario, reason: found })
    const shown = typeof found === 'string' ? await attempt(() => observe(lenient, scenario, false, anchored)) : found
    if (typeof shown !== 'string') observed.push(shown)
  }
  for (const scenario of scenariosOf(chart, values, circumstances)) await observeOne(scenario)
  const more = scenarioForUnseen(chart, unseenLeaves(chart, observed), values, circumstances)
  if (more !== undefined) await observeOne(more)
  await Promise.all([strict.close(), lenient.close()])
  return { scenarios: observed, failed }
}

/** The leaves of images that are written in values files and that no scenario printed. */
function unseenLeaves(chart: Chart, observed: readonly ObservedScenario[]): readonly Leaf[] {
  const spans = observed.flatMap(({ occurrences }) => occurrences.flatMap((occurrence) => occurrence.spans))
  const seen = new Set(
    spans.flatMap(({ origin }) => (origin.kind === 'leaf' ? [JSON.stringify([origin.file, origin.path])] : [])),
  )
  return discover(chart).flatMap((use) => {
    if (use.kind !== 'written') return []
    const leaves = use.leaves.map(({ leaf }) => leaf)
    return leaves.some(({ file, path }) => seen.has(JSON.stringify([file, path]))) ? [] : leaves.slice(0, 1)
  })
}

/** Renders twice, once traced; what differs between the two changes by itself. */
async function observe(
  rendering: EngineRendering,
  scenario: Scenario,
  isStrict: boolean,
  anchored: (occurrence: ImageOccurrence) => ImageOccurrence,
): Promise<ObservedScenario> {
  const { name, values, circumstances } = scenario
  const traced = await rendering.trace(values, circumstances)
  const documents = [...traced.documents, ...traced.hooks].map(
    ({ source, text }): RenderedDocument => ({ source, text: bare(text) }),
  )
  const volatile = diffDocuments(documents, await renderAll(rendering, values, circumstances))
  const found = findOccurrences(traced, name).map(anchored)
  // Where something was left out, half an image may be all that is printed.
  const occurrences = isStrict ? found : found.filter(({ reference }) => tryParseReference(reference) !== undefined)
  return { scenario, isStrict, snapshot: { documents, volatile }, occurrences }
}

/** What came through an alias was written where its anchor stands. */
function anchorSpans(leaves: readonly Leaf[]): (occurrence: ImageOccurrence) => ImageOccurrence {
  const anchors = new Map(
    leaves.flatMap(({ file, path, text, aliases = [] }) =>
      aliases.map((alias) => [JSON.stringify([file, alias]), { kind: 'leaf', file, path, text } as const] as const),
    ),
  )
  if (anchors.size === 0) return (occurrence) => occurrence
  return (occurrence) => ({
    ...occurrence,
    spans: occurrence.spans.map((span) => {
      const { origin } = span
      const anchor = origin.kind === 'leaf' ? anchors.get(JSON.stringify([origin.file, origin.path])) : undefined
      return anchor === undefined ? span : { ...span, origin: anchor }
    }),
  })
}

async function attempt<Result>(work: () => Promise<Result>): Promise<Result | string> {
  try {
    return await work()
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return error.message
    throw error
  }
}
