// How long what we have may be served without asking: markers that expire. Losing them costs a request, never
// correctness, and waiting for them costs hardly any time.
import { setTimeout as wait } from 'node:timers/promises'
import { messageOf } from '@chartferry/core/internal'
import type { Keyv } from 'keyv'

export interface Freshness {
  /** What was noted for the name and has not expired. Undefined also while the store of markers is away. */
  get(name: string): Promise<string | undefined>
  /** Notes a value for some milliseconds; 0 notes nothing, and so does a store that is away. Throws nothing. */
  note(name: string, value: string, milliseconds: number): Promise<void>
}

export interface FreshnessOptions {
  /** Milliseconds that the store may take for an answer. Default: 300. */
  readonly within?: number
  /** Milliseconds for which a store that failed is not asked again. Default: 1000. */
  readonly rest?: number
  /** Milliseconds that only grow. Default: `performance.now`. */
  readonly now?: () => number
  /** Told once when the store is away, and once when it is back. Default: nobody. */
  readonly warn?: (message: string, details: Readonly<Record<string, unknown>>) => void
}

/** Keeps markers in a Keyv store, which must throw what fails. */
export function freshness(keyv: Keyv, options: FreshnessOptions = {}): Freshness {
  const { within = 300, rest = 1000, now = () => performance.now(), warn = () => {} } = options
  let restUntil = Number.NEGATIVE_INFINITY
  let isAway = false

  async function ask<Value>(run: () => Promise<Value>): Promise<Value | undefined> {
    if (now() < restUntil) return undefined
    // While it is away one asks for all.
    if (isAway) restUntil = now() + rest
    const timer = new AbortController()
    try {
      const late = wait(within, undefined, { signal: timer.signal }).then(() => {
        throw new Error(`no answer within ${within} ms`)
      })
      const answer = run()
      // Whichever comes second is nobody's affair.
      for (const loser of [late, answer]) loser.catch(() => {})
      const value = await Promise.race([answer, late])
      if (isAway) warn('the store of freshness markers is back', {})
      isAway = false
      restUntil = Number.NEGATIVE_INFINITY
      return value
    } catch (thrown) {
      restUntil = now() + rest
      if (!isAway) warn('the store of freshness markers is away: nothing is fresh', { error: messageOf(thrown) })
      isAway = true
      return undefined
    } finally {
      timer.abort()
    }
  }

  return {
    get: async (name) => {
      const value: unknown = await ask(() => keyv.get(name))
      return typeof value === 'string' ? value : undefined
    },
    note: async (name, value, milliseconds) => {
      // To Keyv, 0 means for ever; Redis knows whole milliseconds alone.
      if (milliseconds > 0) await ask(() => keyv.set(name, value, Math.max(1, Math.round(milliseconds))))
    },
  }
}
