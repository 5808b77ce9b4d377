// Blobs come in: whole, or as the end of an upload whose parts are there.
import { ChartferryError, isChartferryError } from '@chartferry/core'
import type { ContentDigest } from './content-digest.ts'
import type { ImagePlace } from './image-keys.ts'
import type { ImageStore } from './image-store.ts'

export interface PushBlobOptions {
  readonly digest: ContentDigest
  readonly body: AsyncIterable<Uint8Array>
  /** Whether there is a body. */
  readonly hasBody: boolean
  /** Where the body begins, where the client says so. */
  readonly start?: number | undefined
  /** Bytes of a blob. */
  readonly limit: number
}

/** Keeps a blob that comes whole. Throws PUSH_INVALID, UPLOAD_TOO_LARGE. */
export async function pushWhole(
  images: ImageStore,
  place: ImagePlace,
  { digest, body, limit }: PushBlobOptions,
): Promise<void> {
  await images.addBlob(place, digest, limited(body, limit))
}

/**
 * Ends an upload: what has arrived, with the body behind it, becomes a blob. Who does so a second time, since the answer
 * was lost, finds the blob. Throws UPLOAD_NOT_FOUND, UPLOAD_MISPLACED, PUSH_INVALID, UPLOAD_TOO_LARGE.
 */
export async function finishUpload(
  images: ImageStore,
  place: ImagePlace,
  session: string,
  options: PushBlobOptions,
): Promise<void> {
  const { digest, body, hasBody, start, limit } = options
  const { uploads } = images
  const there = await uploads.state(place, session).catch(async (thrown: unknown) => {
    if (isChartferryError(thrown, 'UPLOAD_NOT_FOUND') && (await images.blob(place, digest)) !== undefined)
      return undefined
    throw thrown
  })
  if (there === undefined) return
  if (there.size === 0 && (start ?? 0) === 0) await pushWhole(images, place, options)
  else {
    if (hasBody) await uploads.append(place, session, body, { start, limit })
    try {
      await images.addBlob(place, digest, uploads.read(place, session))
    } catch (thrown) {
      // Parts that are there never change: nothing can come of this upload any more.
      if (isChartferryError(thrown, 'PUSH_INVALID')) await uploads.end(place, session)
      throw thrown
    }
  }
  await uploads.end(place, session)
}

async function* limited(body: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const piece of body) {
    size += piece.length
    if (size > limit)
      throw new ChartferryError('UPLOAD_TOO_LARGE', `the blob is larger than ${limit} bytes`, {
        details: { maxBytes: limit },
      })
    yield piece
  }
}
