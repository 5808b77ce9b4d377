// A blob from its first byte to its last: what is staged first, then the source, which may break off and goes on where
// it did.
import { createHash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError, throwIfCancelled } from '../../errors.ts'
import { asRegistryError } from '../client/registry-error.ts'
import { isPassingError } from '../client/repetition.ts'
import type { ContentSource, ContentStream } from '../content/content.ts'
import type { Descriptor } from '../content/descriptor.ts'
import { requestError } from '../http/request-error.ts'
import { discardBody } from '../http/send-request.ts'
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

/**
 * The bytes of a blob. The last piece comes only once all of them have the digest, so that nobody takes wrong bytes for
 * whole. Throws DIGEST_MISMATCH (with `details.staged` where bytes of an earlier run were among them), the errors of
 * the source, STORE_UNAVAILABLE.
 */
export async function* readBlob(
  source: ContentSource,
  descriptor: Descriptor,
  options: ReadBlobOptions = {},
): AsyncGenerator<Uint8Array> {
  const { staged } = options
  const hash = createHash('sha256')
  let last: Uint8Array | undefined
  try {
    for await (const piece of allPieces(source, descriptor, options)) {
      hash.update(piece)
      if (last !== undefined) yield last
      last = piece
    }
  } finally {
    await staged?.close()
  }
  const actual = `sha256:${hash.digest('hex')}`
  if (actual !== descriptor.digest)
    throw mismatch(source, descriptor, `the bytes have ${actual}`, (staged?.size ?? 0) > 0)
  if (last !== undefined) yield last
}

async function* allPieces(
  source: ContentSource,
  descriptor: Descriptor,
  { signal, staged, onPiece = () => {}, attempts = 4, retryDelay = 250 }: ReadBlobOptions,
): AsyncGenerator<Uint8Array> {
  let size = 0
  if (staged !== undefined) {
    for await (const piece of staged.read()) {
      size += piece.length
      onPiece(piece.length, 'disk')
      yield piece
    }
  }
  for (let failures = 0; size < descriptor.size; ) {
    const before = size
    // Whoever opens it has been patient already; a body that breaks off is ours.
    const body = await source.fetch(descriptor, { offset: size, signal })
    try {
      for await (const piece of checkedPieces(source, descriptor, size, body)) {
        size += piece.length
        await staged?.append(piece)
        onPiece(piece.length, 'source')
        yield piece
      }
    } catch (thrown) {
      const error = asRegistryError(requestError(thrown, `https://${source.name}`, signal), source.name, signal)
      failures = size > before ? 1 : failures + 1
      if (!isPassingError(error, true) || failures >= attempts) throw error
      await wait(retryDelay * 2 ** (failures - 1), undefined, signal === undefined ? {} : { signal }).catch(() =>
        throwIfCancelled(signal),
      )
    }
  }
}

/** The bytes from an offset to the end, as many as there must be. */
async function* checkedPieces(
  source: ContentSource,
  descriptor: Descriptor,
  offset: number,
  body: ContentStream,
): AsyncGenerator<Uint8Array> {
  const { digest, size } = descriptor
  let end = offset
  try {
    for await (const piece of body) {
      end += piece.length
      if (end > size) throw mismatch(source, descriptor, `more than the ${size} bytes that it promised`, false)
      yield piece
    }
  } finally {
    discardBody({ body })
  }
  if (end < size)
    throw new ChartferryError(
      'REGISTRY_UNREACHABLE',
      `${source.name}@${digest}: the connection ended after ${end} of ${size} bytes`,
    )
}

function mismatch(source: ContentSource, { digest }: Descriptor, why: string, isStaged: boolean): ChartferryError {
  return new ChartferryError('DIGEST_MISMATCH', `${source.name}@${digest}: ${why}`, { details: { staged: isStaged } })
}
