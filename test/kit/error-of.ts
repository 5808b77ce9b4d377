// The error that something ends with, for tests that look at all of it.
import { type ChartferryError, isChartferryError } from '../../packages/core/src/errors.ts'

/** The typed error of a promise. Throws what it ends with otherwise. */
export async function errorOf(promise: Promise<unknown>): Promise<ChartferryError> {
  try {
    await promise
  } catch (thrown) {
    if (isChartferryError(thrown)) return thrown
    throw thrown
  }
  throw new Error('nothing was thrown')
}
