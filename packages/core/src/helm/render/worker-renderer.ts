// The engine in threads of its own: a chart that nobody vouches for can neither exhaust the stack or heap of this
// thread nor keep it waiting.
import { Worker } from 'node:worker_threads'
import { ChartferryError } from '../../errors.ts'
import type { Chart } from '../chart/chart.ts'
import { helmVersions } from './engine/capabilities.ts'
import { type EngineRendererOptions, renderTimeoutMs } from './engine-renderer.ts'
import type { EngineRenderer, EngineRendering } from './engine-rendering.ts'
import { namedRendering } from './named-rendering.ts'
import type { WorkerAnswer, WorkerRequest, WorkerStart } from './render-worker.ts'
import { restoreRendering } from './serialize-rendering.ts'
import type { ChangedLeaf } from './values/trace-values.ts'

export interface WorkerRendererOptions extends Omit<EngineRendererOptions, 'now'> {
  /** Stack of a thread, in MiB. Default: 64, enough for Helm's own bound of 1,000 nested includes. */
  readonly stackMiB?: number
  /** Heap of a thread, in MiB. Default: 2048. */
  readonly heapMiB?: number
}

// The thread stops by itself at its deadline; this much later it is stopped.
const graceMs = 2000

/** A renderer with a thread for each chart that is opened; `close` of a rendering ends its thread. */
export function workerRenderer(options: WorkerRendererOptions = {}): EngineRenderer {
  const open = (chart: Chart): EngineRendering => openInWorker(chart, options, [])
  return {
    name: 'engine',
    version: helmVersions[options.helm ?? 3].helm,
    helm: options.helm ?? 3,
    traces: true,
    open: async ({ chart, fileName }) => namedRendering(open(chart), fileName),
    openChart: open,
  }
}

function openInWorker(chart: Chart, options: WorkerRendererOptions, changes: readonly ChangedLeaf[]): EngineRendering {
  const { stackMiB = 64, heapMiB = 2048, ...engine } = options
  const limitOf = (timeoutMs: number | undefined): number =>
    (timeoutMs ?? options.timeoutMs ?? renderTimeoutMs) + graceMs
  let worker: Worker | undefined
  let last: Promise<unknown> = Promise.resolve()

  const start = (): Worker => {
    const started = new Worker(workerFile(), {
      workerData: { chart, options: engine, changes } satisfies WorkerStart,
      resourceLimits: { stackSizeMb: stackMiB, maxOldGenerationSizeMb: heapMiB },
    })
    started.unref()
    started.once('exit', () => {
      if (worker === started) worker = undefined
    })
    return started
  }

  /** Asks when all earlier questions are answered. */
  const ask = (request: WorkerRequest, signal?: AbortSignal, timeoutMs?: number): Promise<WorkerAnswer> => {
    const next = last.then(() => {
      const asked = worker ?? start()
      worker = asked
      const forget = (): void => {
        if (worker === asked) worker = undefined
      }
      return askOnce(asked, request, { limitMs: limitOf(timeoutMs), signal, forget })
    })
    last = next.catch(() => undefined)
    return next
  }

  return {
    async render(values, { signal, ...context } = {}) {
      return expectAnswer(
        await ask({ action: 'render', values, options: context }, signal, context.timeoutMs),
        'render',
      ).result
    },
    async trace(values, { signal, ...context } = {}) {
      const answer = expectAnswer(
        await ask({ action: 'trace', values, options: context }, signal, context.timeoutMs),
        'trace',
      )
      return restoreRendering(answer.result)
    },
    async lint({ signal } = {}) {
      return expectAnswer(await ask({ action: 'lint' }, signal), 'lint').result
    },
    withLeaves: (more) => openInWorker(chart, options, [...changes, ...more]),
    async close() {
      await worker?.terminate()
    },
  }
}

/** The compiled file beside the compiled one, the source beside the source. */
function workerFile(): URL {
  return new URL(`./render-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
}

interface AskOptions {
  readonly limitMs: number
  readonly signal: AbortSignal | undefined
  /** Called when the thread will answer nothing more. */
  readonly forget: () => void
}

/** One question; the thread is ended when it does not answer in time, when the signal fires or when it breaks down. */
function askOnce(
  worker: Worker,
  request: WorkerRequest,
  { limitMs, signal, forget }: AskOptions,
): Promise<WorkerAnswer> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      worker.off('message', onMessage).off('error', onError).off('exit', onExit)
      worker.unref()
      finish()
    }
    const stop = (error: ChartferryError): void => {
      forget()
      settle(() => reject(error))
      void worker.terminate()
    }
    const onAbort = (): void => stop(new ChartferryError('CANCELLED', 'stopped on request', { cause: signal?.reason }))
    const onMessage = (answer: WorkerAnswer): void => settle(() => resolve(answer))
    const onError = (error: unknown): void => {
      forget()
      settle(() => reject(breakdown(error)))
    }
    const onExit = (): void => settle(() => reject(new ChartferryError('CANCELLED', 'the rendering was closed')))
    const timer = setTimeout(() => stop(new ChartferryError('RENDER_TIMEOUT', 'the rendering took too long')), limitMs)
    if (signal?.aborted) {
      onAbort()
      return
    }
    worker.ref()
    signal?.addEventListener('abort', onAbort)
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.postMessage(request)
  })
}

function breakdown(error: unknown): ChartferryError {
  const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isMemory
    ? new ChartferryError('OUTPUT_TOO_LARGE', 'the rendering needs more memory than its thread may have', {
        cause: error,
      })
    : new ChartferryError('INTERNAL', 'the thread of the rendering broke down', { cause: error })
}

function expectAnswer<A extends WorkerAnswer['action']>(
  answer: WorkerAnswer,
  action: A,
): Extract<WorkerAnswer, { action: A }> {
  if (answer.action === 'failed') throw new ChartferryError(answer.code, answer.message)
  if (answer.action !== action)
    throw new ChartferryError('INTERNAL', `the thread answered ${answer.action} to ${action}`)
  return answer as Extract<WorkerAnswer, { action: A }>
}
