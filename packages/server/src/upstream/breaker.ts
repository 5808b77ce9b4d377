// A server that fails again and again is left alone for a while, a longer one each time, and then tried by one request.
import { ChartferryError, isChartferryError } from '@chartferry/core'

export interface BreakerOptions {
  /** Milliseconds for which a server that fails is left alone at first; doubled each time it fails again. 0: never. */
  readonly pause: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Told when a server is left alone, and when it is back. Default: nobody. */
  readonly warn?: (message: string, details: Readonly<Record<string, unknown>>) => void
}

export interface Breaker {
  /**
   * Makes a call to a server, for one thing of it where `thing` names it: an answer that it cannot be had counts against
   * that thing alone, an overload or a connection that fails against the server. Throws UPSTREAM_PAUSED, with
   * `details.retryAfter` in milliseconds, while either is left alone; otherwise what the call throws.
   */
  run<Value>(origin: string, call: () => Promise<Value>, thing?: string): Promise<Value>
  /** The servers that are left alone now. */
  paused(): readonly string[]
}

interface Health {
  failures: number
  /** How often it was left alone since it last worked. */
  pauses: number
  /** Milliseconds since 1970. */
  until: number
  probing: boolean
  /** In a few words. */
  reason: string
}

/** Failures in a row before a server is left alone. */
const patience = 3
/** The longest pause is this many times the first one. */
const longest = 32
/** Milliseconds: a server that asks for more with Retry-After is asked again after so many. */
const longestAsked = 3_600_000

/** Servers and things that are remembered; the oldest is forgotten for a new one. */
const mostKnown = 10_000

/** Nothing is known of any server yet. */
export function breaker({ pause, now, warn = () => {} }: BreakerOptions): Breaker {
  const ill = new Map<string, Health>()

  function refuse(origin: string, { failures, until, reason }: Health): ChartferryError {
    const retryAfter = Math.max(1000, until - now())
    return new ChartferryError(
      'UPSTREAM_PAUSED',
      `${origin}: left alone for ${Math.ceil(retryAfter / 1000)} s, it failed ${failures} times: ${reason}`,
      { details: { retryAfter, reason } },
    )
  }

  function failed(origin: string, error: ChartferryError): void {
    if (!ill.has(origin) && ill.size >= mostKnown) ill.delete(ill.keys().next().value ?? '')
    const health = ill.get(origin) ?? { failures: 0, pauses: 0, until: 0, probing: false, reason: '' }
    ill.set(origin, health)
    health.failures++
    health.reason = typeof error.details.reason === 'string' ? error.details.reason : 'failed'
    const asked = typeof error.details.retryAfter === 'number' ? Math.min(error.details.retryAfter, longestAsked) : 0
    if (asked === 0 && (pause === 0 || health.failures < patience)) return
    health.until = now() + Math.max(asked, pause * Math.min(longest, 2 ** health.pauses))
    health.pauses++
    warn('upstream left alone', { origin, reason: health.reason, ms: health.until - now() })
  }

  return {
    run: async (origin, call, thing) => {
      const names = thing === undefined ? [origin] : [origin, thing]
      const known = names.flatMap((name) => {
        const health = ill.get(name)
        if (health === undefined) return []
        if (health.probing || now() < health.until) throw refuse(name, health)
        return health.pauses > 0 ? [health] : []
      })
      for (const health of known) health.probing = true
      try {
        const value = await call()
        for (const name of names) recovered(name)
        return value
      } catch (thrown) {
        if (isIllness(thrown)) {
          const isOfThing = thing !== undefined && isAnswer(thrown)
          failed(isOfThing ? thing : origin, thrown)
          if (isOfThing) recovered(origin)
        } else if (!isChartferryError(thrown, 'CANCELLED')) for (const name of names) recovered(name)
        throw thrown
      } finally {
        for (const health of known) health.probing = false
      }
    },
    paused: () => [...ill].filter(([, { until }]) => now() < until).map(([origin]) => origin),
  }

  function recovered(origin: string): void {
    if ((ill.get(origin)?.pauses ?? 0) > 0) warn('upstream is back', { origin })
    ill.delete(origin)
  }
}

/** Whether the server answered that it has not, or cannot give, what was asked: not that it has too much to do. */
function isAnswer({ details: { status, retryAfter } }: ChartferryError): boolean {
  return typeof status === 'number' && status !== 429 && retryAfter === undefined
}

/** Whether a failure tells of the server, and not of what was asked. */
function isIllness(thrown: unknown): thrown is ChartferryError {
  return (
    isChartferryError(thrown, 'UPSTREAM_UNREACHABLE', 'UPSTREAM_TIMEOUT') &&
    thrown.details.reason !== 'address not allowed'
  )
}
