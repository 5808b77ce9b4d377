// PORT: the engine as a renderer: it also traces, and renders a chart as if leaves had other texts.
import type { Chart, ChartArchive } from '../chart/chart.ts'
import type { ChartRenderer, Rendering, RenderOptions, RenderValues } from './chart-renderer.ts'
import type { RenderedChart } from './engine/render-chart.ts'
import type { ChangedLeaf } from './values/trace-values.ts'

/** A chart opened by the engine. */
export interface EngineRendering extends Rendering {
  /** Renders, and says of each text where it comes from. Throws as `render` does. */
  trace(values: RenderValues, options?: RenderOptions): Promise<RenderedChart>
  /** The same chart as if leaves of its values files had other texts. */
  withLeaves(changes: readonly ChangedLeaf[]): EngineRendering
}

/** The engine as a renderer. */
export interface EngineRenderer extends ChartRenderer {
  open(archive: ChartArchive): Promise<EngineRendering>
  /** The same for a chart alone; errors are Helm's words and name no archive. */
  openChart(chart: Chart): EngineRendering
}
