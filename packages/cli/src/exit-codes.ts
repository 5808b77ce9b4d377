// Exit codes by the kind of failure.
import type { ErrorKind } from '@chartferry/core'

/** The exit code of each kind; 1 is a fault of chartferry itself. */
export const exitCodes: Readonly<Record<ErrorKind, number>> = {
  invalid: 2,
  'not-found': 3,
  denied: 4,
  integrity: 5,
  limit: 6,
  conflict: 7,
  unavailable: 8,
  cancelled: 130,
}
