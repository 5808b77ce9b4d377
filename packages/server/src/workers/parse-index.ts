// Index files become models off the event loop: a big one in a thread of its own, which ends with it.

import { ChartferryError, isChartferryError } from '@chartferry/core'
import { type ChartVersion, type IndexFile, type ParseIndexOptions, parseIndexFile } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'
import { askThread } from './ask-thread.ts'
import type { IndexAnswer, IndexPart, IndexWork } from './index-worker.ts'

export interface ParseOffLoopOptions extends ParseIndexOptions {
  /** Bytes from which a thread is worth its start. Default: 256 KiB. */
  readonly threadFrom?: number
  /** Ends the thread. */
  readonly signal?: AbortSignal | undefined
}

/** MiB of heap of a thread: an index within the limits needs less. */
const heap = 3072
/** MiB of its young part: pages of ended threads are kept for a while, so a small one costs the process less. */
const youngHeap = 8

/** As `parseIndexFile`, but the event loop goes on. Throws as it does, and CANCELLED. */
export async function parseIndexOffLoop(bytes: Uint8Array, options: ParseOffLoopOptions = {}): Promise<IndexFile> {
  const { threadFrom = 256 * 1024, signal, ...parsing } = options
  if (bytes.length < threadFrom) return parseIndexFile(bytes, parsing)
  const work: IndexWork = { bytes, options: parsing }
  const limits = { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: youngHeap }
  const entries = new Map<string, ChartVersion[]>()
  const onPart = (part: IndexPart): void => {
    for (const [chart, versions] of part) {
      const before = entries.get(chart)
      if (before === undefined) entries.set(chart, [...versions])
      else before.push(...versions)
    }
  }
  const answer = await askThread<IndexAnswer, IndexPart>('index', work, { limits, signal, onPart }).catch(
    (thrown: unknown) => {
      throw isChartferryError(thrown) ? thrown : brokenDown(parsing, thrown)
    },
  )
  if ('index' in answer) return { ...answer.index, entries }
  throw answer.code === undefined
    ? brokenDown(parsing, new Error(answer.message))
    : new ChartferryError(answer.code, answer.message)
}

/** A thread that runs out of memory says that the index is too large. */
function brokenDown({ where = 'index file' }: ParseIndexOptions, cause: unknown): ChartferryError {
  const isMemory = (cause as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isMemory
    ? new ChartferryError('INDEX_TOO_LARGE', `${where}: needs more than ${heap} MiB of memory`, { cause })
    : new ChartferryError('INTERNAL', `${where}: the thread that reads it broke down: ${messageOf(cause)}`, { cause })
}
