// Renders the original chart, or says why it cannot be rendered.
import type { ChartArchive } from '../chart/chart.ts'
import { isChartferryError } from '../errors.ts'
import type { ChartRenderer, RenderOptions, RenderValues } from '../render/chart-renderer.ts'
import { type Snapshot, takeSnapshot } from './snapshot.ts'

/** What rendering showed; without a snapshot, why it showed nothing. */
export interface Observation {
  readonly renderer: ChartRenderer | undefined
  readonly snapshot: Snapshot | undefined
  readonly whyNot: string | undefined
}

/** Renders a chart as it is. A chart that does not render is an answer, not an error. */
export async function observeChart(
  archive: ChartArchive,
  renderer: ChartRenderer | undefined,
  values: RenderValues,
  circumstances: RenderOptions,
): Promise<Observation> {
  if (renderer === undefined) {
    return {
      renderer,
      snapshot: undefined,
      whyNot: 'nothing was rendered: images were found in the values files alone',
    }
  }
  const rendering = await renderer.open(archive)
  try {
    return { renderer, snapshot: await takeSnapshot(rendering, values, circumstances), whyNot: undefined }
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return { renderer, snapshot: undefined, whyNot: error.message }
    throw error
  } finally {
    await rendering.close()
  }
}
