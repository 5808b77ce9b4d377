// A rendering whose errors name the archive that they are about.
import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { EngineRendering } from './engine-rendering.ts'

/** The same rendering; a RENDER_FAILED says which archive does not render before the words of the renderer. */
export function namedRendering(rendering: EngineRendering, name: string): EngineRendering {
  const rename = (error: unknown): never => {
    if (!isChartferryError(error, 'RENDER_FAILED')) throw error
    throw new ChartferryError('RENDER_FAILED', `${name} does not render: ${error.message}`, {
      hint: error.hint,
      cause: error,
    })
  }
  return {
    ...rendering,
    render: (values, options) => rendering.render(values, options).catch(rename),
    trace: (values, options) => rendering.trace(values, options).catch(rename),
    withLeaves: (changes) => namedRendering(rendering.withLeaves(changes), name),
  }
}
