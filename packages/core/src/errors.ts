// The one error of the product: what it carries, and how to tell one from another. Its codes stand in `error-table.ts`.
import { type ErrorEntry, type ErrorKind, errorTable } from './error-table.ts'

export type ErrorCode = keyof typeof errorTable

const entries: Readonly<Record<ErrorCode, ErrorEntry>> = errorTable
const kindOf = (code: ErrorCode): ErrorKind => entries[code][0]
const remedyOf = (code: ErrorCode): string => entries[code][2]

export interface ErrorOptions {
  /** What to do next, where more can be said than the table does. Default: the remedy of the table. */
  readonly hint?: string
  /** Facts for machines, as JSON. Default: none. */
  readonly details?: Readonly<Record<string, unknown>>
  /** What led to it. Default: none. */
  readonly cause?: unknown
}

/** The only error that the public functions throw on purpose. The message says what, which and where. */
export class ChartferryError extends Error {
  override readonly name = 'ChartferryError'
  readonly code: ErrorCode
  readonly kind: ErrorKind
  readonly hint: string
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.kind = kindOf(code)
    this.hint = options.hint ?? remedyOf(code)
    this.details = options.details ?? {}
  }
}

/** Whether a value is our error, of one of these codes where some are given. */
export function isChartferryError(value: unknown, ...codes: readonly ErrorCode[]): value is ChartferryError {
  return value instanceof ChartferryError && (codes.length === 0 || codes.includes(value.code))
}

/** The message of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** Throws CANCELLED when the signal has fired. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ChartferryError('CANCELLED', 'stopped on request', { cause: signal.reason })
}
