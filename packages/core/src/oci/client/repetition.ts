// What is asked again after a failure that may pass, how often, and how long after.
import { setTimeout as wait } from 'node:timers/promises'
import { type ChartferryError, isChartferryError, throwIfCancelled } from '../../errors.ts'
import { retryAfter } from '../http/send-request.ts'

/** How long somebody goes on asking. */
export interface Patience {
  /** Times that one request is sent again. */
  readonly retries: number
  /** Milliseconds from the first failure of a request to the last time that it is sent. */
  readonly retryFor: number
  /** Milliseconds before a request is sent again; doubled each time, up to ten seconds. */
  readonly firstPause: number
}

/** What was asked again, and why. */
export interface Repeat {
  readonly host: string
  /** `status 503`, `timeout`, `connection`. */
  readonly why: string
}

/** As patient as one is who does not say otherwise. */
export const usualPatience: Patience = { retries: 5, retryFor: 120_000, firstPause: 250 }

const longestPause = 10_000

/** Whether the server may answer otherwise the next time (RFC 9110, 15; RFC 6585; the 52x of proxies). */
export function isPassingStatus(status: number): boolean {
  return [408, 425, 429, 500, 502, 503, 504].includes(status) || (status >= 520 && status <= 530)
}

/**
 * Whether a failure may have been the connection's. A certificate stays what it is; a host that refuses connections, or
 * has no address, is believed unless it `hasAnswered` before.
 */
export function isPassingError(thrown: unknown, hasAnswered: boolean): thrown is ChartferryError {
  if (!isChartferryError(thrown)) return false
  const { reason, seconds } = thrown.details
  if (reason === 'certificate' || reason === 'address not allowed' || seconds !== undefined) return false
  if (reason === 'refused' || reason === 'DNS') return hasAnswered
  return isChartferryError(thrown, 'UPSTREAM_TIMEOUT', 'UPSTREAM_UNREACHABLE', 'REGISTRY_UNREACHABLE', 'RATE_LIMITED')
}

/** The failures of one request. */
export interface Repetition {
  /**
   * Milliseconds to wait before it is sent again; undefined where that has been done often enough. Takes what the
   * server asked for: its Retry-After, or that in milliseconds.
   */
  next(asked?: string | number): number | undefined
}

/** Counts the failures of one request; pauses double, and differ a little, so that many clients do not march in step. */
export function openRepetition({ retries, retryFor, firstPause }: Patience, now: () => number = Date.now): Repetition {
  let failures = 0
  let first: number | undefined
  return {
    next(wish) {
      failures++
      first ??= now()
      const asked = typeof wish === 'number' ? wish : retryAfter(wish, now())
      const pause = asked ?? Math.min(longestPause, firstPause * 2 ** (failures - 1)) * (0.75 + Math.random() / 2)
      return failures > retries || now() - first + pause > retryFor ? undefined : pause
    },
  }
}

/** Waits. Throws CANCELLED. */
export async function pauseFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await wait(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => throwIfCancelled(signal))
}

/** What the server asked for when it failed, in milliseconds. */
export function askedPause(thrown: ChartferryError): number | undefined {
  const { retryAfter: pause } = thrown.details
  return typeof pause === 'number' ? pause : undefined
}
