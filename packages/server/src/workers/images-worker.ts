// The thread in which a chart is rendered to find its images: one answer, the images as JSON or an error's words.
import { parentPort, workerData } from 'node:worker_threads'
import { type FoundImage, type Limits, listImages, readChartArchive, whenRendered } from '@chartferry/core'
import { formatPath } from '@chartferry/core/helm'
import { answerOf } from './thread-answer.ts'

/** What a thread is started with. */
export interface ImagesWork {
  readonly bytes: Uint8Array
  readonly limits: Limits
}

/** One place where an image is rendered or written. */
export interface ChartImagePlace {
  readonly kind: 'rendered' | 'written'
  /** `Deployment/web`, or a file and its line: `values.yaml:12`. */
  readonly where: string
  /** The path below it; empty for what has none. */
  readonly path: string
  /** The template and the scenario, or the text that is written. */
  readonly what: string
}

/** An image of a chart, and when it runs: `always`, the scenarios that print it, or `not seen`. */
export interface ChartImage {
  readonly reference: string
  readonly when: string
  /** The first ones. */
  readonly places: readonly ChartImagePlace[]
}

/** Places of an image that are told. */
const mostPlaces = 40

async function imagesOf({ bytes, limits }: ImagesWork): Promise<Uint8Array> {
  const { images } = await listImages(await readChartArchive(bytes, { limits }))
  const shown = images.map(
    (image): ChartImage => ({
      reference: image.reference,
      when: whenRendered(image),
      places: [...writtenPlaces(image), ...renderedPlaces(image)].slice(0, mostPlaces),
    }),
  )
  return Buffer.from(JSON.stringify(shown))
}

function renderedPlaces({ rendered }: FoundImage): readonly ChartImagePlace[] {
  return rendered.map(({ resource, path, source, scenario = 'default' }) => ({
    kind: 'rendered',
    where: resource,
    path: formatPath(path),
    what: `${source} (${scenario})`,
  }))
}

function writtenPlaces({ written }: FoundImage): readonly ChartImagePlace[] {
  return written.flatMap((use): readonly ChartImagePlace[] => {
    if (use.kind === 'written')
      return use.leaves.map(({ leaf }) => ({
        kind: 'written',
        where: `${leaf.file}:${leaf.line}`,
        path: formatPath(leaf.path),
        what: leaf.text,
      }))
    const where = use.line === undefined ? use.file : `${use.file}:${use.line}`
    return [{ kind: 'written', where, path: '', what: use.reference }]
  })
}

parentPort?.postMessage(await answerOf(() => imagesOf(workerData as ImagesWork)))
