// Which images a chart uses, and why: finding alone, without a plan.
import type { ChartArchive } from './chart/chart.ts'
import { discover, explain, type FoundImage } from './discover/discover.ts'
import { observeChart } from './observe/observe-chart.ts'
import type { ChartRenderer, RenderOptions, RenderValues } from './render/chart-renderer.ts'

export interface ListImagesOptions {
  /** Default: none; images are found in the values files alone. */
  readonly renderer?: ChartRenderer | undefined
  /** Values of the user. Default: none. */
  readonly values?: RenderValues
  /** Default: the renderer's own. */
  readonly circumstances?: RenderOptions
}

/** The images of a chart, by reference, and why nothing was rendered where nothing was. */
export interface ImageList {
  readonly images: readonly FoundImage[]
  readonly whyNot: string | undefined
}

/** Finds the images of one chart. */
export async function listImages(archive: ChartArchive, options: ListImagesOptions = {}): Promise<ImageList> {
  const { renderer, values = {}, circumstances = {} } = options
  const { snapshot, whyNot } = await observeChart(archive, renderer, values, circumstances)
  return { images: explain(discover(archive.chart, snapshot?.documents ?? [])), whyNot }
}
