// Index files become models off the event loop: a big one in a thread of its own, which ends with it.
import { Worker } from 'node:worker_threads'
import { ChartferryError, type IndexFile, messageOf, type ParseIndexOptions, parseIndexFile } from '@chartferry/core'
import type { IndexAnswer, IndexWork } from './index-worker.ts'

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
  const file = new URL(`./index-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  const worker = new Worker(file, {
    workerData: { bytes, options: parsing } satisfies IndexWork,
    resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: youngHeap },
  })
  const { promise, resolve, reject } = Promise.withResolvers<IndexAnswer>()
  const stop = (): void => reject(new ChartferryError('CANCELLED', 'stopped while an index was read'))
  worker.once('message', resolve)
  worker.once('error', (thrown) => reject(brokenDown(parsing, thrown)))
  worker.once('exit', () => reject(brokenDown(parsing, undefined)))
  signal?.addEventListener('abort', stop)
  if (signal?.aborted === true) stop()
  try {
    const answer = await promise
    if ('index' in answer) return answer.index
    throw answer.code === undefined
      ? brokenDown(parsing, new Error(answer.message))
      : new ChartferryError(answer.code, answer.message)
  } finally {
    signal?.removeEventListener('abort', stop)
    await worker.terminate()
  }
}

/** A thread that runs out of memory says that the index is too large. */
function brokenDown({ where = 'index file' }: ParseIndexOptions, cause: unknown): ChartferryError {
  const isMemory = (cause as NodeJS.ErrnoException | undefined)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isMemory
    ? new ChartferryError('INDEX_TOO_LARGE', `${where}: needs more than ${heap} MiB of memory`, { cause })
    : new ChartferryError('INTERNAL', `${where}: the thread that reads it broke down: ${messageOf(cause)}`, { cause })
}
