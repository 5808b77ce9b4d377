// How often archives were downloaded, by day: counted in memory, and written to the store once a minute.
import { randomUUID } from 'node:crypto'
import { messageOf } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { LRUCache } from 'lru-cache'
import { readRecord, recordBytes } from '../cache/json-record.ts'

/** Counts by day in UTC (`2026-05-01`), by the path behind `charts/`. */
export type DownloadCounts = ReadonlyMap<string, ReadonlyMap<string, number>>

export interface Downloads {
  /** An archive was sent whole. Returns at once. */
  readonly note: (repository: string, path: string) => void
  /** What all servers of the store have counted lately; what others count meanwhile is seen a minute later. Throws STORE_UNAVAILABLE. */
  of(repository: string): Promise<DownloadCounts>
  /** Writes what was counted, and counts no more. */
  close(): Promise<void>
}

export interface DownloadsOptions {
  readonly store: BlobStore
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
}

/** Days that are kept. */
const keptDays = 90
const day = 86_400_000
const writeEvery = 60_000
/** Paths of a repository that a server counts in a day; more are not counted. */
const mostPaths = 20_000

/** Where a server of ours wrote the counts of a repository and a day: nobody else writes there, so nothing is lost. */
const folder = 'downloads/'

const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** Starts to count. A server that dies loses the counts of a minute. */
export function openDownloads({ store, now, warn }: DownloadsOptions): Downloads {
  const server = randomUUID()
  const counts = new Map<string, Map<string, number>>()
  const changed = new Set<string>()
  const known = new LRUCache<string, DownloadCounts>({ max: 100, ttl: writeEvery })
  let sweptOn = ''

  const keyOf = (repository: string, on: string): string => `${folder}${repository}/${on}/${server}`

  async function write(): Promise<void> {
    const today = dayOf(now())
    try {
      for (const key of changed) {
        changed.delete(key)
        await store.put(key, recordBytes(Object.fromEntries(counts.get(key) ?? [])))
        // What is written of a day that is over changes no more.
        if (key.split('/').at(-2) !== today) counts.delete(key)
      }
      if (sweptOn !== today) await sweep(today)
    } catch (thrown) {
      for (const key of counts.keys()) changed.add(key)
      warn('counts of downloads were not written', { error: messageOf(thrown) })
    }
  }

  /** Takes away what is too old. */
  async function sweep(today: string): Promise<void> {
    const oldest = dayOf(now() - keptDays * day)
    for await (const key of store.list(folder)) if ((key.split('/').at(-2) ?? today) < oldest) await store.delete(key)
    sweptOn = today
  }

  const timer = setInterval(() => void write(), writeEvery).unref()

  return {
    note: (repository, path) => {
      const key = keyOf(repository, dayOf(now()))
      const paths = counts.get(key) ?? new Map<string, number>()
      counts.set(key, paths)
      if (paths.size >= mostPaths && !paths.has(path)) return
      paths.set(path, (paths.get(path) ?? 0) + 1)
      changed.add(key)
    },
    of: async (repository) => {
      const found = known.get(repository) ?? (await readAll(store, repository, (key) => counts.has(key)))
      known.set(repository, found)
      const all = new Map([...found].map(([path, days]) => [path, new Map(days)]))
      for (const [key, paths] of counts) {
        const [, name, on = ''] = key.split('/')
        if (name !== repository) continue
        for (const [path, count] of paths) add(all, path, on, count)
      }
      return all
    },
    close: async () => {
      clearInterval(timer)
      await write()
    },
  }
}

/** What all servers have written, but for what we are still counting. */
async function readAll(
  store: BlobStore,
  repository: string,
  isCounted: (key: string) => boolean,
): Promise<DownloadCounts> {
  const all = new Map<string, Map<string, number>>()
  for await (const key of store.list(`${folder}${repository}/`)) {
    const [, , on = ''] = key.split('/')
    if (isCounted(key)) continue
    const record = (await readRecord<Readonly<Record<string, number>>>(store, key)) ?? {}
    for (const [path, count] of Object.entries(record)) add(all, path, on, count)
  }
  return all
}

function add(all: Map<string, Map<string, number>>, path: string, on: string, count: number): void {
  const days = all.get(path) ?? new Map<string, number>()
  all.set(path, days)
  days.set(on, (days.get(on) ?? 0) + count)
}
