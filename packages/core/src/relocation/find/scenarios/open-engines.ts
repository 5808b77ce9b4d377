// The engine, opened for one chart in each way that scenarios ask for: by either Helm's rules, strictly or leniently.
import type { Chart } from '../../../helm/chart/chart.ts'
import { engineRenderer } from '../../../helm/render/engine-renderer.ts'
import type { EngineRendering } from '../../../helm/render/engine-rendering.ts'
import type { Scenario, ScenarioRenderer } from './scenario.ts'

export interface Engines {
  /** The same rendering for the same question. */
  for(scenario: Scenario, renderer: ScenarioRenderer): EngineRendering
  close(): Promise<void>
}

/** Opens nothing before it is asked for. */
export function openEngines(chart: Chart): Engines {
  const opened = new Map<string, EngineRendering>()
  return {
    for({ helm = 3 }, renderer) {
      const key = `${renderer} ${helm}`
      const known = opened.get(key)
      if (known !== undefined) return known
      const rendering = engineRenderer({ helm, lenient: renderer === 'lenient engine' }).openChart(chart)
      opened.set(key, rendering)
      return rendering
    },
    async close() {
      await Promise.all([...opened.values()].map((rendering) => rendering.close()))
    },
  }
}
