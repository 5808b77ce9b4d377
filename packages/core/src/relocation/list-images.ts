// Which images a chart uses, and why: finding alone, without a plan.
import type { ChartArchive } from '../helm/chart/chart.ts'
import type { RenderValues } from '../helm/render/chart-renderer.ts'
import { explain, type FoundImage } from './find/discover.ts'
import { findUses } from './find/find-uses.ts'
import type { NamedUse } from './find/image-use.ts'
import { observeChart } from './find/observe-chart.ts'
import type { RenderContext } from './find/scenarios/scenarios.ts'

export interface ListImagesOptions {
  /** Values of the user. Default: none. */
  readonly values?: RenderValues
  /** Default: the engine's own. */
  readonly context?: RenderContext
  /** Images that count although the chart does not name them. Default: none. */
  readonly images?: readonly string[]
}

/** The images of a chart, by reference, and what they were found with. */
export interface ImageList {
  readonly images: readonly FoundImage[]
  /** The scenarios that were rendered; the first one is `default`, with the values given. */
  readonly scenarios: readonly string[]
  /** Scenarios that do not render, and why. */
  readonly failed: readonly { readonly scenario: string; readonly reason: string }[]
}

/** Finds the images of one chart. */
export async function listImages({ chart }: ChartArchive, options: ListImagesOptions = {}): Promise<ImageList> {
  const { values = {}, context = {}, images = [] } = options
  const named = images.map((reference): NamedUse => ({ kind: 'named', reference, file: '--image' }))
  const observation = await observeChart(chart, values, context)
  return {
    images: explain([...findUses(observation), ...named]),
    scenarios: observation.scenarios.map(({ scenario }) => scenario.name),
    failed: observation.failed.map(({ scenario, reason }) => ({ scenario: scenario.name, reason })),
  }
}
