// One question to a thread of its own, which ends with its answer.
import { setImmediate as turn } from 'node:timers/promises'
import { type ResourceLimits, Worker } from 'node:worker_threads'
import { ChartferryError } from '@chartferry/core'

export interface AskThreadOptions<Part> {
  /** What the thread may take. Default: as much as this one. */
  readonly limits?: ResourceLimits
  /** Ends the thread. */
  readonly signal?: AbortSignal | undefined
  /** Takes what the thread sends before its answer, one part at a turn of the event loop. Default: there is none. */
  readonly onPart?: (part: Part) => void
}

/** A part of a large answer. The thread sends the next one when it is asked to, by any message. */
export interface AnswerPart<Part> {
  readonly part: Part
}

/**
 * Starts the file `<name>-worker` of this folder with its work, and gives the first message it sends that is no
 * `AnswerPart`. Throws CANCELLED, and what the thread breaks down with.
 */
export async function askThread<Answer, Part = never>(
  name: string,
  work: object,
  options: AskThreadOptions<Part> = {},
): Promise<Answer> {
  const { limits, signal, onPart } = options
  const file = new URL(`./${name}-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
  const worker = new Worker(file, { workerData: work, ...(limits === undefined ? {} : { resourceLimits: limits }) })
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const stop = (): void => reject(new ChartferryError('CANCELLED', 'stopped while a thread was at work'))
  worker.on('message', (message: Answer | AnswerPart<Part>) => {
    if (onPart === undefined || !isPart(message)) return resolve(message as Answer)
    onPart(message.part)
    void turn().then(() => worker.postMessage('next'))
  })
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

function isPart<Part>(message: unknown): message is AnswerPart<Part> {
  return typeof message === 'object' && message !== null && 'part' in message
}
