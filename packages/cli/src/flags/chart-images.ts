// The images of a chart that a command names.
import { type WantedImage, wantedImages } from '@chartferry/core/transfer'
import { readRenderValues, renderOptions } from './chart-options.ts'
import { type ChartRequest, readRequest } from './chart-request.ts'

/** Reads the chart and finds its images. Throws as `readRequest` and `wantedImages` do. */
export async function chartImages(request: ChartRequest, signal: AbortSignal): Promise<readonly WantedImage[]> {
  return wantedImages(await readRequest(request, signal), {
    values: await readRenderValues(request.options),
    context: renderOptions(request.options, signal),
  })
}
