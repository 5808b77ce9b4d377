// What the templates of one rendering may still allocate: one counter, whatever function makes a text, a list or a map.
// A rendering runs to its end without a break, so there is one at a time and nobody has to hand the counter on.
import { ChartferryError } from '../../errors.ts'

/** What an element of a list counts, in bytes; roughly what it takes. */
export const itemBytes = 16
/** What an entry of a map counts. */
export const entryBytes = 64

const unlimited = 2 ** 52
const allowance = { left: unlimited, limit: unlimited }

/** Runs a rendering that may allocate so many bytes, garbage counted. Outside of it nothing is counted. */
export function withAllowance<Result>(bytes: number, render: () => Result): Result {
  allowance.left = bytes
  allowance.limit = bytes
  try {
    return render()
  } finally {
    allowance.left = unlimited
    allowance.limit = unlimited
  }
}

/** Counts what was allocated: a character of a text is a byte. Throws OUTPUT_TOO_LARGE. */
export function take(bytes: number): void {
  allowance.left -= bytes
  if (allowance.left < 0) refuse()
}

/** Throws OUTPUT_TOO_LARGE where so much could not be allocated any more: for what would be too large at once. */
export function ensure(bytes: number): void {
  if (bytes > allowance.left) refuse()
}

/** Whether so much could still be allocated. */
export function fits(bytes: number): boolean {
  return bytes <= allowance.left
}

function refuse(): never {
  const { limit } = allowance
  throw new ChartferryError('OUTPUT_TOO_LARGE', `the templates make more texts, lists and maps than ${limit} bytes`)
}
