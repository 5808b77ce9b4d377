// One question to a thread of its own, which ends with its answer.
import { type ResourceLimits, Worker } from 'node:worker_threads'
import { ChartferryError } from '@chartferry/core'

export interface AskThreadOptions {
  /** What the thread may take. Default: as much as this one. */
  readonly limits?: ResourceLimits
  /** Ends the thread. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Starts the file `<name>-worker` of this folder with its work, and gives the first message it sends. Throws CANCELLED, and what
 * the thread breaks down with.
 */
export async function askThread<Answer>(name: string, work: object, options: AskThreadOptions = {}): Promise<Answer> {
  const { limits, signal } = options
  const file = new URL(`./${name}-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  const worker = new Worker(file, { workerData: work, ...(limits === undefined ? {} : { resourceLimits: limits }) })
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const stop = (): void => reject(new ChartferryError('CANCELLED', 'stopped while a thread was at work'))
  worker.once('message', resolve)
  worker.once('error', reject)
  worker.once('exit', () => reject(new Error('the thread ended without an answer')))
  signal?.addEventListener('abort', stop)
  if (signal?.aborted === true) stop()
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', stop)
    await worker.terminate()
  }
}
