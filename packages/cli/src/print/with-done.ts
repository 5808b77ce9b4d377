// A failure that says what was done before it.
import { ChartferryError } from '@chartferry/core'

/** The same error, with what was done: with --json it stands beside the error. A hint given goes over that of the error. */
export function withDone(error: ChartferryError, done: object, hint: string = error.hint): ChartferryError {
  return new ChartferryError(error.code, error.message, {
    hint,
    details: { ...error.details, done: { ...(error.details.done as object | undefined), ...done } },
    cause: error.cause ?? error,
  })
}
