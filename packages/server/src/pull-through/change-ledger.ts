// Which versions came from an upstream with one digest and later with another: recorded once each, for good.

import type { ChartVersion } from '@chartferry/core/helm'
import type { BlobStore } from '@chartferry/core/transfer'
import { recordSet } from '../cache/json-record.ts'
import type { NamedEntry } from '../repository/entries.ts'
import type { VersionChange, WhenChanged } from '../repository/version-change.ts'

interface ChangeRecord extends VersionChange {
  /** The entry as it was before. */
  readonly entry: ChartVersion
}

/** An entry before and after. */
export interface ChangedEntry extends NamedEntry {
  readonly after: ChartVersion
}

export interface ChangeLedger {
  /** False when just this change is known already. */
  record(repository: string, changed: ChangedEntry, policy: WhenChanged, now: number): Promise<boolean>
  /** The last one first. */
  changes(repository: string): Promise<readonly VersionChange[]>
  /** Of each version whose change was refused the entry that was there first. */
  refused(repository: string): Promise<readonly NamedEntry[]>
}

/** Opens the ledger of all repositories of a store. */
export function changeLedger(store: BlobStore): ChangeLedger {
  const of = (repository: string) => recordSet<ChangeRecord>(store, `proxy/${repository}/changes`)
  const inOrder = async (repository: string): Promise<ChangeRecord[]> =>
    [...(await of(repository).all())].sort((a, b) => (a.seenAt < b.seenAt ? -1 : 1))
  return {
    record: async (repository, { chart, entry, after }, policy, now) => {
      if (entry.digest === undefined) return false
      const { version, digest: before } = entry
      const seenAt = new Date(now).toISOString()
      const outcome = policy === 'accept' ? 'accepted' : 'refused'
      const change = { chart, version, before, after: after.digest ?? null, seenAt, outcome, entry } as const
      return of(repository).add([chart, version, before, change.after ?? '', outcome], change)
    },
    changes: async (repository) =>
      (await inOrder(repository)).reverse().map(({ chart, version, before, after, seenAt, outcome }) => ({
        chart,
        version,
        before,
        after,
        seenAt,
        outcome,
      })),
    refused: async (repository) => {
      const first = new Map<string, NamedEntry>()
      for (const { chart, version, entry, outcome } of await inOrder(repository)) {
        const name = `${chart}\n${version}`
        if (outcome === 'refused' && !first.has(name)) first.set(name, { chart, entry })
      }
      return [...first.values()]
    },
  }
}
