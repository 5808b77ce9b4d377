// The images of charts for people who browse: looked for in the background, one chart at a time, and remembered by the
// archive's digest.

import { type Digest, isChartferryError, type Limits } from '@chartferry/core'
import { digestHex, messageOf, version } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { LRUCache } from 'lru-cache'
import { type StoredFile, storedBytes } from '../cache/archive-cache.ts'
import { readRecord, recordBytes } from '../cache/json-record.ts'
import type { ChildPool } from '../workers/child-pool.ts'
import type { ChartImage, ImagesWork } from '../workers/images-worker.ts'
import type { Flights } from './single-flight.ts'

/** What is known of the images of an archive now; `busy` where too many others wait for theirs. */
export type ImagesState =
  | { readonly state: 'found'; readonly images: readonly ChartImage[] }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'looking' }
  | { readonly state: 'busy' }

export interface ChartImages {
  /** What is known of an archive; where that is nothing, its turn comes. Never waits. */
  look(digest: Digest, archive: () => Promise<StoredFile>): ImagesState
}

export interface ChartImagesOptions {
  readonly limits: Limits
  /** Where what was found stays after a restart. */
  readonly store: BlobStore
  /** Where charts are rendered. */
  readonly children: Pick<ChildPool, 'ask'>
  /** Where the work that runs is known, so that the end can wait for it. */
  readonly flights: Flights
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Stops the work when the server stops. */
  readonly signal: AbortSignal
}

/** Archives whose images are remembered. */
const mostKnown = 1000
/** Archives that wait for their turn. */
const mostWaiting = 16

/** Milliseconds for which an archive that could not be had is not asked for again. */
const failedFor = 30_000

interface Known {
  readonly result: ImagesState
  /** Milliseconds since 1970: until when it holds. */
  readonly until: number
}

/** What was found is in the store by the archive's digest, for as long as this version of chartferry looks at it. */
export function chartImages({ limits, store, children, flights, now, signal }: ChartImagesOptions): ChartImages {
  const known = new LRUCache<Digest, Known>({ max: mostKnown })
  const waiting = new Set<Digest>()
  let last: Promise<unknown> = Promise.resolve()

  async function find(digest: Digest, archive: () => Promise<StoredFile>): Promise<Known> {
    const key = `pages/images/${version}/${digestHex(digest)}.json`
    try {
      const before = await readRecord<readonly ChartImage[]>(store, key)
      if (before !== undefined) return { result: { state: 'found', images: before }, until: Number.POSITIVE_INFINITY }
      const work: ImagesWork = { bytes: await storedBytes(await archive()), limits }
      const images = JSON.parse((await children.ask('images', work, signal)).toString()) as readonly ChartImage[]
      await store.put(key, recordBytes(images))
      return { result: { state: 'found', images }, until: Number.POSITIVE_INFINITY }
    } catch (thrown) {
      const isChart = isChartferryError(thrown) && !['unavailable', 'cancelled'].includes(thrown.kind)
      const until = isChart ? Number.POSITIVE_INFINITY : now() + failedFor
      return { result: { state: 'failed', reason: messageOf(thrown) }, until }
    }
  }

  return {
    look: (digest, archive) => {
      const found = known.get(digest)
      if (found !== undefined && now() < found.until) return found.result
      if (waiting.has(digest)) return { state: 'looking' }
      if (waiting.size >= mostWaiting || signal.aborted) return { state: 'busy' }
      waiting.add(digest)
      last = flights.share(`images ${digest}`, async () => {
        await last
        if (!signal.aborted) known.set(digest, await find(digest, archive))
        waiting.delete(digest)
      })
      return { state: 'looking' }
    },
  }
}
