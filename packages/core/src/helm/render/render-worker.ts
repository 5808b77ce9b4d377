// The thread in which a worker renderer renders one chart: answers each message with a result or an error's code and
// words.
import { parentPort, workerData } from 'node:worker_threads'
import { ChartferryError, messageOf } from '../../errors.ts'
import type { Chart } from '../chart/chart.ts'
import type { LintResult, RenderOptions, RenderResult, RenderValues } from './chart-renderer.ts'
import { type EngineRendererOptions, engineRenderer } from './engine-renderer.ts'
import { type SerializedRendering, serializeRendering } from './serialize-rendering.ts'
import type { ChangedLeaf } from './values/trace-values.ts'

/** What the thread is started with. */
export interface WorkerStart {
  readonly chart: Chart
  readonly options: Omit<EngineRendererOptions, 'now'>
  readonly changes: readonly ChangedLeaf[]
}

/** A request; one at a time. */
export type WorkerRequest =
  | { readonly action: 'render' | 'trace'; readonly values: RenderValues; readonly options: RenderOptions }
  | { readonly action: 'lint' }

/** The answer to a request. */
export type WorkerAnswer =
  | { readonly action: 'render'; readonly result: RenderResult }
  | { readonly action: 'trace'; readonly result: SerializedRendering }
  | { readonly action: 'lint'; readonly result: LintResult }
  | { readonly action: 'failed'; readonly code: ChartferryError['code']; readonly message: string }

const { chart, options, changes } = workerData as WorkerStart
const rendering = engineRenderer(options).openChart(chart).withLeaves(changes)

async function answer(request: WorkerRequest): Promise<WorkerAnswer> {
  try {
    switch (request.action) {
      case 'render':
        return { action: 'render', result: await rendering.render(request.values, request.options) }
      case 'trace':
        return { action: 'trace', result: serializeRendering(await rendering.trace(request.values, request.options)) }
      case 'lint':
        return { action: 'lint', result: await rendering.lint() }
    }
  } catch (error) {
    const code = error instanceof ChartferryError ? error.code : 'INTERNAL'
    return { action: 'failed', code, message: messageOf(error) }
  }
}

parentPort?.on('message', (request: WorkerRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply))
})
