// The images of a chart that a command names.
import { listImages } from '@chartferry/core'
import { readRenderValues, renderOptions } from './chart-options.ts'
import { type ChartRequest, readRequest } from './chart-request.ts'

/** An image, and whether it may be missing at its source: it does not run with the values given. */
export interface ChartImage {
  readonly reference: string
  readonly optional: boolean
}

/** Reads the chart and finds its images. Throws as `readRequest` and `listImages` do. */
export async function chartImages(request: ChartRequest, signal: AbortSignal): Promise<readonly ChartImage[]> {
  const archive = await readRequest(request, signal)
  const { images } = await listImages(archive, {
    values: await readRenderValues(request.options),
    context: renderOptions(request.options, signal),
  })
  return images.map(({ reference, isOptional }) => ({ reference, optional: isOptional }))
}
