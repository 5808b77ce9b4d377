// The engine, and helm where the engine breaks down.
import { isChartferryError } from '../../errors.ts'
import type { ChartRenderer, Rendering } from './chart-renderer.ts'
import { sameCluster } from './same-cluster.ts'

export interface AutoRendererOptions {
  /**
   * Finds helm when it is needed; undefined where there is none, or none that follows the same Helm as the engine.
   * Default: there is none.
   */
  readonly findHelm?: () => Promise<ChartRenderer | undefined>
  /** Told each time that helm renders instead, and why. Default: nobody is told. */
  readonly onFallback?: (helm: ChartRenderer, error: unknown) => void
}

/**
 * A renderer that asks the engine, and helm only when the engine breaks down: a fault of its own, templates nested too
 * deep for its stack, a thread that ends. What the engine refuses as Helm does stays refused, and so does what exceeds
 * a limit of output or time. Throws what the engine throws where there is no helm.
 */
export function autoRenderer(engine: ChartRenderer, options: AutoRendererOptions = {}): ChartRenderer {
  const { findHelm = async () => undefined, onFallback } = options
  return {
    name: 'auto',
    version: engine.version,
    helm: engine.helm,
    traces: false,
    async open(archive) {
      const first = await engine.open(archive)
      let helm: Promise<{ renderer: ChartRenderer; rendering: Rendering } | undefined> | undefined
      const openHelm = async () => {
        const renderer = await findHelm()
        return renderer && { renderer, rendering: await renderer.open(archive) }
      }
      const attempt = async <Result>(work: (rendering: Rendering) => Promise<Result>): Promise<Result> => {
        try {
          return await work(first)
        } catch (error) {
          if (!isBreakdown(error)) throw error
          helm ??= openHelm()
          const second = await helm
          if (second === undefined) throw error
          onFallback?.(second.renderer, error)
          return work(second.rendering)
        }
      }
      return {
        render: (values, context) => attempt((rendering) => rendering.render(values, sameCluster(engine, context))),
        lint: (context) => attempt((rendering) => rendering.lint(context)),
        async close() {
          await first.close()
          await (await helm)?.rendering.close()
        },
      }
    },
  }
}

/** Whether an error says nothing of the chart: what is no error of ours is a fault of the engine, too. */
function isBreakdown(error: unknown): boolean {
  return !isChartferryError(error) || isChartferryError(error, 'INTERNAL', 'DEPTH_EXCEEDED')
}
