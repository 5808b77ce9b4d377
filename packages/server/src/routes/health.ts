// Whether the process lives, and whether it can do its work.
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import type { Context } from 'koa'

/** `/healthz`: the process answers. */
export function sendHealth(ctx: Context): void {
  ctx.set('Cache-Control', 'no-store')
  ctx.body = { status: 'ok' }
}

export interface ReadinessOptions {
  /** Whether the store can be read and written now. */
  readonly checkStore: () => Promise<void>
  /** Whether the server has been asked to stop. */
  readonly isStopping: () => boolean
}

/**
 * `/readyz`: the store can be read and written, and nobody has asked the server to stop. Upstreams do not count:
 * without them we serve what we have. Throws STORE_UNAVAILABLE.
 */
export async function sendReadiness(ctx: Context, { checkStore, isStopping }: ReadinessOptions): Promise<void> {
  await checkStore()
  sendHealth(ctx)
  if (!isStopping()) return
  ctx.status = 503
  ctx.body = { status: 'stopping' }
}

/** Milliseconds after which a store that says nothing counts as away: who asks has little patience. */
const checkWithin = 2000
/** Milliseconds for which what was found holds: who asks without an end does not make us write without an end. */
const checkHolds = 1000
const key = 'ready'

/**
 * Gives what looks whether a store can be read and written; it writes one small blob. Throws STORE_UNAVAILABLE, which
 * says whether it can be read at least.
 */
export function storeCheck(store: BlobStore, now: () => number = () => performance.now()): () => Promise<void> {
  let last: { readonly at: number; readonly outcome: Promise<void> } | undefined

  async function check(): Promise<void> {
    await store.stat(key)
    await store.put(key, Buffer.from('ok\n')).catch((thrown: unknown) => {
      throw new ChartferryError('STORE_UNAVAILABLE', `the store can be read, but not written: ${messageOf(thrown)}`, {
        cause: thrown,
      })
    })
  }

  return () => {
    if (last === undefined || now() - last.at > checkHolds) last = { at: now(), outcome: inTime(check()) }
    return last.outcome
  }
}

async function inTime(check: Promise<void>): Promise<void> {
  const timer = new AbortController()
  const late = wait(checkWithin, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new ChartferryError('STORE_UNAVAILABLE', `the store has not answered for ${checkWithin} ms`)
  })
  for (const loser of [check, late]) loser.catch(() => {})
  await Promise.race([check, late]).finally(() => timer.abort())
}
