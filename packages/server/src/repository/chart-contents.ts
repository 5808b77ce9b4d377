// What is shown of the inside of archives, by ChartMuseum's API and on pages: opened in a process of its own, and
// remembered by the archives' digests.
import { ChartferryError, isChartferryError, type Limits } from '@chartferry/core'
import { LRUCache } from 'lru-cache'
import { type StoredFile, storedBytes } from '../cache/archive-cache.ts'
import type { ChildPool } from '../workers/child-pool.ts'
import type { ContentsQuestion, ContentsWork } from '../workers/contents-worker.ts'
import type { Flights } from './single-flight.ts'

export interface ChartContents {
  /**
   * What is asked of an archive, or of two. Throws CHART_NOT_FOUND where it has no such part, CHART_INVALID and the like
   * for an archive that cannot be read within the limits.
   */
  read(archives: readonly StoredFile[], question: ContentsQuestion): Promise<Buffer>
}

export interface ChartContentsOptions {
  readonly limits: Limits
  readonly children: Pick<ChildPool, 'ask'>
  /** Equal questions are asked once. */
  readonly flights: Flights
  /** Stops the work when the server stops. */
  readonly signal: AbortSignal
  /** Bytes that are remembered. Default: 16 MiB. */
  readonly memory?: number
}

type Known = { readonly bytes: Buffer } | { readonly error: ChartferryError }

/** Remembers nothing beyond the process: losing it costs time. */
export function chartContents(options: ChartContentsOptions): ChartContents {
  const { limits, children, flights, signal, memory = 16 << 20 } = options
  const known = new LRUCache<string, Known>({ maxSize: memory, maxEntrySize: memory })

  async function open(archives: readonly StoredFile[], question: ContentsQuestion): Promise<Known> {
    const work: ContentsWork = { archives: await Promise.all(archives.map(storedBytes)), limits, question }
    try {
      return { bytes: await children.ask('contents', work, signal) }
    } catch (thrown) {
      if (!isChartferryError(thrown) || ['unavailable', 'cancelled'].includes(thrown.kind)) throw thrown
      return { error: thrown }
    }
  }

  return {
    read: async (archives, question) => {
      const key = JSON.stringify([question, ...archives.map(({ digest }) => digest)])
      const found = known.get(key) ?? (await flights.share(`contents ${key}`, () => open(archives, question)))
      known.set(key, found, { size: ('bytes' in found ? found.bytes.length : 0) + 1000 })
      if ('bytes' in found) return found.bytes
      const { code, message } = found.error
      throw new ChartferryError(code, message)
    },
  }
}
