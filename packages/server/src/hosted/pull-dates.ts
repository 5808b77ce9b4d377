// When hosted versions were pulled last: a small record each, written at most once a day.
import { messageOf } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { readRecord, recordBytes } from '../cache/json-record.ts'

export interface PullDates {
  /** A file was pulled now. Returns at once. */
  note(repository: string, file: string): void
  /**
   * Milliseconds since 1970 by file; `since` is when a record was kept for the first time: before that nobody knows.
   * Throws STORE_UNAVAILABLE.
   */
  of(repository: string): Promise<{ readonly since: number; readonly last: ReadonlyMap<string, number> }>
  /** The file is gone. */
  forget(repository: string, file: string): Promise<void>
  /** Waits until all is written. */
  settle(): Promise<void>
}

interface PullRecord {
  readonly at: number
}

export interface PullDatesOptions {
  readonly store: BlobStore
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
}

const day = 86_400_000
/** No archive has this name. */
const beginning = 'since'

/** Keeps the dates in the store. Several servers may: the last one to write is right to the day. */
export function pullDates({ store, now, warn }: PullDatesOptions): PullDates {
  const written = new Map<string, number>()
  const writing = new Set<Promise<unknown>>()
  const keyOf = (repository: string, name: string): string => `pulled/${repository}/${name}.json`
  return {
    note: (repository, file) => {
      const key = keyOf(repository, file)
      const at = now()
      if (at - (written.get(key) ?? Number.NEGATIVE_INFINITY) < day) return
      written.set(key, at)
      const put = store.put(key, recordBytes({ at } satisfies PullRecord)).catch((thrown: unknown) => {
        written.delete(key)
        warn('the date of a pull was not kept', { repository, file, error: messageOf(thrown) })
      })
      writing.add(put)
      void put.finally(() => writing.delete(put))
    },
    of: async (repository) => {
      await store.create(keyOf(repository, beginning), recordBytes({ at: now() } satisfies PullRecord))
      const last = new Map<string, number>()
      const folder = `pulled/${repository}/`
      for await (const key of store.list(folder)) {
        const record = await readRecord<PullRecord>(store, key)
        if (record !== undefined) last.set(key.slice(folder.length, -'.json'.length), record.at)
      }
      return { since: last.get(beginning) ?? now(), last }
    },
    forget: async (repository, file) => {
      written.delete(keyOf(repository, file))
      await store.delete(keyOf(repository, file))
    },
    settle: async () => {
      await Promise.all(writing)
    },
  }
}
