// What takes a moment to find out is waited for a moment; then the page comes without it, and asks again.
import { setTimeout as wait } from 'node:timers/promises'
import { isChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'

/** What is known by now. */
export type Soon<Value> =
  | { readonly state: 'known'; readonly value: Value }
  | { readonly state: 'failed'; readonly reason: string; readonly code: string | undefined }
  | { readonly state: 'pending' }

/** Milliseconds that a page waits for its parts. */
const patience = 1500
/** Seconds after which a browser asks again for what was not known yet. */
export const askAgain = 2

/** Waits a moment. The work goes on without us; its failure is told to whoever asks next. */
export async function soon<Value>(work: Promise<Value>): Promise<Soon<Value>> {
  const late = new AbortController()
  const known = work.then(
    (value): Soon<Value> => ({ state: 'known', value }),
    (thrown: unknown): Soon<Value> => ({
      state: 'failed',
      reason: messageOf(thrown),
      code: isChartferryError(thrown) ? thrown.code : undefined,
    }),
  )
  const pending = wait(patience, { state: 'pending' } as const, { signal: late.signal }).catch(
    () => ({ state: 'pending' }) as const,
  )
  const first = await Promise.race([known, pending])
  late.abort()
  return first
}
