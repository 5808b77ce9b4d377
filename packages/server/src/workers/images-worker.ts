// The thread in which a chart is rendered to find its images: one answer, the images as JSON or an error's words.
import { parentPort, workerData } from 'node:worker_threads'
import { type Limits, listImages, readChartArchive, whenRendered } from '@chartferry/core'
import { answerOf } from './thread-answer.ts'

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

async function imagesOf({ bytes, limits }: ImagesWork): Promise<Uint8Array> {
  const { images } = await listImages(await readChartArchive(bytes, { limits }))
  const shown = images.map((image): ChartImage => ({ reference: image.reference, when: whenRendered(image) }))
  return Buffer.from(JSON.stringify(shown))
}

parentPort?.postMessage(await answerOf(() => imagesOf(workerData as ImagesWork)))
