// A store that does not answer is asked once in a while, and not by everybody: who waits for it holds up others.
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError, isChartferryError } from '@chartferry/core'
import type { BlobStore } from '@chartferry/core/transfer'

export interface StoreBreakerOptions {
  /** Milliseconds that a call may take that moves no large body. */
  readonly within: number
  /** Milliseconds for which a store that did not answer is not asked again. Then one call is let through. */
  readonly rest: number
  /** Milliseconds that only grow. Default: `performance.now`. */
  readonly now?: () => number
  /** Told once when the store is left alone, and once when it is back. */
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
}

/**
 * The store, whose calls throw STORE_UNAVAILABLE with `details.retryAfter` at once while it does not answer. What is
 * answered, also with a refusal, counts as an answer.
 */
export function storeBreaker(store: BlobStore, options: StoreBreakerOptions): BlobStore {
  const { within, rest, now = () => performance.now(), warn } = options
  let isAway = false
  let restUntil = Number.NEGATIVE_INFINITY

  async function call<Value>(run: () => Promise<Value>, time: number = within): Promise<Value> {
    if (isAway) {
      if (now() < restUntil) throw away(restUntil - now())
      // The others go on resting while this one tries.
      restUntil = now() + rest
    }
    try {
      const value = await inTime(run(), time)
      hasAnswered()
      return value
    } catch (thrown) {
      if (isSilence(thrown)) isSilent(thrown)
      else hasAnswered()
      throw thrown
    }
  }

  function hasAnswered(): void {
    if (isAway) warn('the store is back', {})
    isAway = false
  }

  function isSilent(thrown: ChartferryError): void {
    restUntil = now() + rest
    if (!isAway) warn('the store does not answer, and is left alone for a while', { error: thrown.message })
    isAway = true
  }

  return {
    stat: (key) => call(() => store.stat(key)),
    get: (key, asked) => call(() => store.get(key, asked)),
    // A body comes as fast as its source gives it: the store itself bounds what it takes for a piece.
    put: (key, body, asked) => call(() => store.put(key, body, asked), Number.POSITIVE_INFINITY),
    create: (key, body) => call(() => store.create(key, body)),
    delete: (key) => call(() => store.delete(key)),
    async *list(prefix, asked) {
      const keys = store.list(prefix, asked)[Symbol.asyncIterator]()
      for (;;) {
        const next = await call(() => keys.next())
        if (next.done === true) return
        yield next.value
      }
    },
  }
}

async function inTime<Value>(running: Promise<Value>, time: number): Promise<Value> {
  if (time === Number.POSITIVE_INFINITY) return running
  const timer = new AbortController()
  const late = wait(time, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new ChartferryError('STORE_UNAVAILABLE', `the store has not answered within ${time} ms`, {
      details: { reason: 'timeout' },
    })
  })
  for (const loser of [running, late]) loser.catch(() => {})
  try {
    return await Promise.race([running, late])
  } finally {
    timer.abort()
  }
}

function isSilence(thrown: unknown): thrown is ChartferryError {
  return isChartferryError(thrown, 'STORE_UNAVAILABLE') && thrown.details.reason === 'timeout'
}

function away(milliseconds: number): ChartferryError {
  return new ChartferryError('STORE_UNAVAILABLE', 'the store does not answer', {
    details: { retryAfter: Math.max(1000, milliseconds) },
  })
}
