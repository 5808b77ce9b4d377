// Which images a chart uses is found off the event loop: the chart is rendered for that, and nobody vouches for it.

import { ChartferryError, type Limits } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import { askThread } from './ask-thread.ts'
import type { ChartImage, ImagesAnswer, ImagesWork } from './images-worker.ts'

export interface FindImagesOptions {
  readonly limits: Limits
  /** Ends the thread. */
  readonly signal: AbortSignal
}

/** MiB; Helm's own bound of nested includes needs such a stack. */
const most = { stackSizeMb: 64, maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 }
/** Milliseconds. */
const longest = 60_000

/** The images of a chart archive. Throws RENDER_FAILED with the reason where they cannot be told, and CANCELLED. */
export async function findImages(
  bytes: Uint8Array,
  { limits, signal }: FindImagesOptions,
): Promise<readonly ChartImage[]> {
  const deadline = AbortSignal.timeout(longest)
  const work: ImagesWork = { bytes, limits }
  const failed = (reason: string): ChartferryError => new ChartferryError('RENDER_FAILED', reason)
  const answer = await askThread<ImagesAnswer>('images', work, {
    limits: most,
    signal: AbortSignal.any([signal, deadline]),
  }).catch((thrown: unknown) => {
    if (deadline.aborted) throw failed(`takes longer than ${longest / 1000} s to render`)
    throw signal.aborted ? thrown : failed(messageOf(thrown))
  })
  if ('images' in answer) return answer.images
  throw failed(answer.message)
}
