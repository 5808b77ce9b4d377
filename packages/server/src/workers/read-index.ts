// Index files become compact indexes off the event loop: a big one in a thread of its own, which ends with it.

import { ChartferryError, isChartferryError } from '@chartferry/core'
import type { ParseIndexOptions } from '@chartferry/core/helm'
import { messageOf, parseCompactIndex } from '@chartferry/core/internal'
import { askThread } from './ask-thread.ts'
import { type CompactFileOptions, compactFile, type ReadIndex } from './compact-file.ts'
import type { IndexAnswer, IndexWork } from './index-worker.ts'

export interface ReadIndexOptions extends CompactFileOptions {
  /** Bytes from which a thread is worth its start. Default: 256 KiB. */
  readonly threadFrom?: number
  /** Ends the thread. */
  readonly signal?: AbortSignal | undefined
}

/** Bytes from which an index file is read in a thread. */
export const worthThread: number = 256 * 1024

/** MiB of heap of a thread: an index within the limits needs less. */
const heap = 3072
/** MiB of its young part: pages of ended threads are kept for a while, so a small one costs the process less. */
const youngHeap = 8

/** As `compactFile`, but the event loop goes on. Throws as it does, and CANCELLED. */
export async function readIndexOffLoop(bytes: Uint8Array, options: ReadIndexOptions): Promise<ReadIndex> {
  const { threadFrom = worthThread, signal, ...reading } = options
  if (bytes.length < threadFrom) return compactFile(bytes, reading)
  const work: IndexWork = { bytes, options: reading }
  const limits = { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: youngHeap }
  const answer = await askThread<IndexAnswer>('index', work, { limits, signal }).catch((thrown: unknown) => {
    throw isChartferryError(thrown) ? thrown : brokenDown(reading, thrown)
  })
  if ('compact' in answer) {
    const compact = parseCompactIndex(
      Buffer.from(answer.compact.buffer, answer.compact.byteOffset, answer.compact.length),
    )
    if (compact !== undefined) return { compact, skipped: answer.skipped }
    throw brokenDown(reading, new Error('its answer is not whole'))
  }
  throw answer.code === undefined
    ? brokenDown(reading, new Error(answer.message))
    : new ChartferryError(answer.code, answer.message)
}

/** A thread that runs out of memory says that the index is too large. */
function brokenDown({ where = 'index file' }: ParseIndexOptions, cause: unknown): ChartferryError {
  const isMemory = (cause as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isMemory
    ? new ChartferryError('INDEX_TOO_LARGE', `${where}: needs more than ${heap} MiB of memory`, { cause })
    : new ChartferryError('INTERNAL', `${where}: the thread that reads it broke down: ${messageOf(cause)}`, { cause })
}
