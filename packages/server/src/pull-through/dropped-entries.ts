// Entries that the upstream has dropped and whose archives we have: they stay in the index.
import type { BlobStore } from '@chartferry/core/transfer'
import { recordSet } from '../cache/json-record.ts'
import type { NamedEntry } from '../repository/entries.ts'

export interface DroppedEntries {
  /** Nothing happens when there is one of that chart and version already. */
  add(repository: string, named: NamedEntry): Promise<void>
  all(repository: string): Promise<readonly NamedEntry[]>
}

/** Opens the dropped entries of all repositories of a store. */
export function droppedEntries(store: BlobStore): DroppedEntries {
  const of = (repository: string) => recordSet<NamedEntry>(store, `proxy/${repository}/retained`)
  return {
    add: async (repository, named) => {
      await of(repository).add([named.chart, named.entry.version], named)
    },
    all: (repository) => of(repository).all(),
  }
}
