// A store that lets two writers create one key loses what servers acknowledge: it is found out before anything is
// created.
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError, isChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'

export interface StoreProbeOptions {
  /** Names the store to a person: `the bucket charts at https://s3.corp`. */
  readonly place: string
  /** What to do about a store that cannot be used, as a sentence. */
  readonly hint: string
  /** Told when the store does not answer yet. */
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Milliseconds that the start waits for the store. Default: 5 seconds. */
  readonly within?: number
}

/**
 * The store, proven to let one of several writers create a key. Throws STORE_UNSUITABLE for one that does not. A store that is
 * away stops no start: it is asked again before the first `create`, which throws what is found then.
 */
export async function probedStore(store: BlobStore, options: StoreProbeOptions): Promise<BlobStore> {
  const { warn, within = 5000 } = options
  let isProven = false
  let probing: Promise<void> | undefined

  function prove(): Promise<void> {
    probing ??= probe(store, options)
      .then(() => {
        isProven = true
      })
      .finally(() => {
        probing = undefined
      })
    return probing
  }

  const late = new AbortController()
  const first = prove().catch((thrown: unknown) => {
    if (isChartferryError(thrown, 'STORE_UNSUITABLE')) throw thrown
    warn('the store cannot be tried yet; that is done before anything is created in it', { error: messageOf(thrown) })
  })
  // Who is not waited for any more says the same before the first `create`.
  first.catch(() => {})
  try {
    await Promise.race([first, wait(within, undefined, { signal: late.signal })])
  } finally {
    late.abort()
  }
  return {
    ...store,
    create: async (key, body) => {
      if (!isProven) await prove()
      return store.create(key, body)
    },
  }
}

/** Two create one key at once, and a third comes late: exactly one of the two may win. */
async function probe(store: BlobStore, { place, hint }: StoreProbeOptions): Promise<void> {
  const key = `probe/${randomUUID()}`
  const create = (writer: string): Promise<boolean> => store.create(key, Buffer.from(writer))
  const unsuitable = (what: string, cause?: unknown): ChartferryError =>
    new ChartferryError('STORE_UNSUITABLE', `${place} ${what}`, { hint, cause })
  try {
    const atOnce = await Promise.all([create('one'), create('two')])
    const winners = [...atOnce, await create('three')].filter(Boolean).length
    if (winners > 1)
      throw unsuitable(
        'lets several writers create one object: it does not heed `If-None-Match: *`, and servers would overwrite what others have acknowledged',
      )
    if (winners === 0) throw unsuitable('says of a new object that it is there already')
  } catch (thrown) {
    if (isRefusal(thrown)) throw unsuitable(`takes no write with \`If-None-Match: *\`: ${thrown.message}`, thrown)
    throw thrown
  } finally {
    await store.delete(key).catch(() => {})
  }
}

/** What the service does not know, or does not take; who may not write, and a bucket that is not there, are others. */
const refusals: readonly unknown[] = [400, 405, 501]

function isRefusal(thrown: unknown): thrown is ChartferryError {
  return isChartferryError(thrown, 'STORE_UNAVAILABLE') && refusals.includes(thrown.details.status)
}
