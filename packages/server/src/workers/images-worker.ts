// The thread in which a chart is rendered to find its images: one answer, the images or an error's words.
import { parentPort, workerData } from 'node:worker_threads'
import { type Limits, listImages, readChartArchive, whenRendered } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'

/** What a thread is started with. */
export interface ImagesWork {
  readonly bytes: Uint8Array
  readonly limits: Limits
}

/** An image of a chart, and when it runs: `always`, the scenarios that print it, or `not seen`. */
export interface ChartImage {
  readonly reference: string
  readonly when: string
}

/** What it answers, once. */
export type ImagesAnswer = { readonly images: readonly ChartImage[] } | { readonly message: string }

async function answer({ bytes, limits }: ImagesWork): Promise<ImagesAnswer> {
  try {
    const { images } = await listImages(await readChartArchive(bytes, { limits }))
    return { images: images.map((image) => ({ reference: image.reference, when: whenRendered(image) })) }
  } catch (thrown) {
    return { message: messageOf(thrown) }
  }
}

parentPort?.postMessage(await answer(workerData as ImagesWork))
