// Entries that the upstream has dropped and whose archives we have: they stay in the index.
import type { ChartVersion } from '@chartferry/core/helm'
import type { BlobStore } from '@chartferry/core/transfer'
import { recordSet } from './json-record.ts'

/** An entry under the key of `entries` that it stands at. */
export interface NamedEntry {
  readonly chart: string
  readonly entry: ChartVersion
}

export interface RetainedEntries {
  /** Nothing happens when one of that chart and version is retained already. */
  retain(repository: string, named: NamedEntry): Promise<void>
  all(repository: string): Promise<readonly NamedEntry[]>
}

/** Opens the retained entries of all repositories of a store. */
export function retainedEntries(store: BlobStore): RetainedEntries {
  const of = (repository: string) => recordSet<NamedEntry>(store, `proxy/${repository}/retained`)
  return {
    retain: async (repository, named) => {
      await of(repository).add([named.chart, named.entry.version], named)
    },
    all: (repository) => of(repository).all(),
  }
}
