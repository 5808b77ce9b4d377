// The images of a chart that is named on the command line.
import { listImages } from '@chartferry/core'
import { type ChartOptions, readRenderValues, renderOptions } from './chart-options.ts'
import { readChart } from './chart-source.ts'

/** An image, and whether it may be missing at its source: it does not run with the values given. */
export interface ChartImage {
  readonly reference: string
  readonly optional: boolean
}

/** Reads the chart and finds its images. Throws as `readChart` and `listImages` do. */
export async function chartImages(
  chart: string,
  options: ChartOptions,
  signal: AbortSignal,
): Promise<readonly ChartImage[]> {
  const archive = await readChart(chart, options, signal)
  const { images } = await listImages(archive, {
    values: await readRenderValues(options),
    circumstances: renderOptions(options, signal),
  })
  return images.map(({ reference, rendered }) => ({ reference, optional: rendered.length === 0 }))
}
