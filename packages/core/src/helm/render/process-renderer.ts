// The engine in this process, and in a thread with a large stack for what is nested deeper than the stack of this one.
import { isChartferryError } from '../../errors.ts'
import type { Chart } from '../chart/chart.ts'
import { engineRenderer } from './engine-renderer.ts'
import type { EngineRenderer, EngineRendering } from './engine-rendering.ts'
import { namedRendering } from './named-rendering.ts'
import { type WorkerRendererOptions, workerRenderer } from './worker-renderer.ts'

/**
 * A renderer for processes that render one chart and end, as those of a command line: nobody else waits while it
 * renders, and what it takes ends with it. Threads are slower to start than most charts are to render. Its options are
 * those of `workerRenderer`, of which it asks for one where a stack is full.
 */
export function processRenderer(options: WorkerRendererOptions = {}): EngineRenderer {
  const { stackMiB: _stack, heapMiB: _heap, ...own } = options
  const here = engineRenderer(own)
  const there = workerRenderer(options)
  const open = (chart: Chart): EngineRendering => withSecond(here.openChart(chart), () => there.openChart(chart))
  return {
    ...here,
    open: async ({ chart, fileName }) => namedRendering(open(chart), fileName),
    openChart: open,
  }
}

/** A rendering that asks the second one, opened when it is needed, for what the first one finds nested too deep. */
function withSecond(first: EngineRendering, openSecond: () => EngineRendering): EngineRendering {
  let second: EngineRendering | undefined
  const attempt = async <Result>(work: (rendering: EngineRendering) => Promise<Result>): Promise<Result> => {
    if (second !== undefined) return work(second)
    try {
      return await work(first)
    } catch (error) {
      if (!isChartferryError(error, 'DEPTH_EXCEEDED')) throw error
      second = openSecond()
      return work(second)
    }
  }
  return {
    render: (values, circumstances) => attempt((rendering) => rendering.render(values, circumstances)),
    trace: (values, circumstances) => attempt((rendering) => rendering.trace(values, circumstances)),
    lint: (circumstances) => attempt((rendering) => rendering.lint(circumstances)),
    withLeaves: (changes) => withSecond(first.withLeaves(changes), () => openSecond().withLeaves(changes)),
    async close() {
      await first.close()
      await second?.close()
    },
  }
}
