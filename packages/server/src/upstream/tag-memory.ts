// What the tags of a registry stand for, as far as it was looked at: so that only new ones cost a question.
import type { Digest } from '@chartferry/core'
import type { BlobStore } from '@chartferry/core/transfer'
import { readRecord, recordBytes } from '../cache/json-record.ts'

/** What stood under a tag. */
export interface TagRecord {
  /** Absent where there is no chart. */
  readonly manifest?: Digest
  /** Milliseconds since 1970. */
  readonly checkedAt: number
  /** As the index has it; absent where the tag is no version of a chart. */
  readonly entry?: Readonly<Record<string, unknown>>
}

/** By chart, by tag. */
export type KnownTags = ReadonlyMap<string, ReadonlyMap<string, TagRecord>>

export interface TagMemory {
  read(): Promise<KnownTags>
  write(known: KnownTags): Promise<void>
}

/** The memory of one repository. Of several writers the last one stays; what is lost is asked for again. */
export function tagMemory(store: BlobStore, repository: string): TagMemory {
  const key = `proxy/${repository}/tags.json`
  return {
    read: async () => {
      const record = await readRecord<Readonly<Record<string, Readonly<Record<string, TagRecord>>>>>(store, key)
      return new Map(Object.entries(record ?? {}).map(([chart, tags]) => [chart, new Map(Object.entries(tags))]))
    },
    write: async (known) => {
      const record = [...known].map(([chart, tags]) => [chart, Object.fromEntries(tags)] as const)
      await store.put(key, recordBytes(Object.fromEntries(record)))
    },
  }
}
