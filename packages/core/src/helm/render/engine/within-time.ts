// Ends a rendering that runs too long, wherever it is: also inside one call of a function, where nobody looks at a clock.
import { Script } from 'node:vm'
import { ChartferryError } from '../../../errors.ts'

const slot = Symbol.for('chartferry rendering')
const script = new Script("globalThis[Symbol.for('chartferry rendering')]()")
const scope = globalThis as { [slot]?: () => void }

/** The templates look at the clock themselves, and can say where they are; this much later they are ended without it. */
const graceMs = 250
const longestMs = 2 ** 31 - 1

/**
 * Runs work that has no break in it; whatever it throws passes through. Throws RENDER_TIMEOUT. Work that is ended leaves
 * no trace of itself: not even its `finally` runs, so it must hold nothing that has to be given back.
 */
export function withinTime<Result>(timeoutMs: number, what: string, work: () => Result): Result {
  let result: { readonly value: Result } | undefined
  scope[slot] = () => {
    result = { value: work() }
  }
  try {
    script.runInThisContext({ timeout: Math.min(Math.ceil(timeoutMs) + graceMs, longestMs) })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')) throw error
    throw renderTimeout(what)
  } finally {
    delete scope[slot]
  }
  if (result === undefined) throw new ChartferryError('INTERNAL', `${what}: nothing was rendered`)
  return result.value
}

/** What is said of a rendering that took too long; `what` names it, or the template where it was. */
function renderTimeout(what: string): ChartferryError {
  return new ChartferryError('RENDER_TIMEOUT', `${what}: the rendering took too long`)
}
