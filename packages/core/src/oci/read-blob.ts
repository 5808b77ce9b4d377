// A blob from its first byte to its last: what is staged first, then the source, which may break off and goes on where it did.
import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError, type ErrorCode, isChartferryError, throwIfCancelled } from '../errors.ts'
import { requestError } from '../http/request-error.ts'
import type { ContentSource, ContentStream } from './content.ts'
import type { Descriptor } from './descriptor.ts'
import { asRegistryError } from './registry-error.ts'
import type { StagedBlob } from './staging.ts'

export interface ReadBlobOptions {
  readonly signal?: AbortSignal | undefined
  /** Where the bytes are kept until all is done. Default: nowhere. */
  readonly staged?: StagedBlob | undefined
  /** Takes the length of each piece, and whether it came from the source or from the disk. */
  readonly onPiece?: (bytes: number, from: 'source' | 'disk') => void
  /** Times in a row that the source may break off without one byte. Default: 4. */
  readonly attempts?: number
  /** Milliseconds before it is asked again, doubled each time. Default: 250. */
  readonly retryDelay?: number
}

/** What may be better the next time. */
export const passing: readonly ErrorCode[] = ['REGISTRY_UNREACHABLE']

/**
 * The bytes of a blob, compared with its digest at the end. Throws DIGEST_MISMATCH (with `details.staged` where bytes of an earlier run were among
 * them), the errors of the source, STORE_UNAVAILABLE.
 */
export async function* readBlob(
  source: ContentSource,
  descriptor: Descriptor,
  options: ReadBlobOptions = {},
): AsyncGenerator<Uint8Array> {
  const { signal, staged, onPiece = () => {}, attempts = 4, retryDelay = 250 } = options
  const hash = createHash('sha256')
  let size = 0
  try {
    if (staged !== undefined) {
      for await (const piece of staged.read()) {
        hash.update(piece)
        size += piece.length
        onPiece(piece.length, 'disk')
        yield piece
      }
    }
    for (let failures = 0; size < descriptor.size; ) {
      const before = size
      let body: ContentStream | undefined
      try {
        body = await source.fetch(descriptor, { offset: size, signal })
        for await (const piece of body) {
          size += piece.length
          if (size > descriptor.size) throw mismatch(source, descriptor, 'more bytes than it promised', false)
          hash.update(piece)
          await staged?.append(piece)
          onPiece(piece.length, 'source')
          yield piece
        }
        if (size < descriptor.size)
          throw new ChartferryError(
            'REGISTRY_UNREACHABLE',
            `${source.name}@${descriptor.digest}: the connection ended after ${size} of ${descriptor.size} bytes`,
          )
      } catch (thrown) {
        const error = asRegistryError(requestError(thrown, `https://${source.name}`, signal), source.name, signal)
        failures = size > before ? 1 : failures + 1
        if (!isChartferryError(error, ...passing) || failures >= attempts) throw error
      } finally {
        body?.destroy()
      }
      if (size < descriptor.size) {
        await wait(retryDelay * 2 ** (failures - 1), undefined, signal === undefined ? {} : { signal }).catch(() =>
          throwIfCancelled(signal),
        )
      }
    }
    const actual = `sha256:${hash.digest('hex')}`
    if (actual !== descriptor.digest)
      throw mismatch(source, descriptor, `the bytes have ${actual}`, (staged?.size ?? 0) > 0)
  } finally {
    await staged?.close()
  }
}

function mismatch(source: ContentSource, { digest }: Descriptor, why: string, isStaged: boolean): ChartferryError {
  return new ChartferryError('DIGEST_MISMATCH', `${source.name}@${digest}: ${why}`, { details: { staged: isStaged } })
}
