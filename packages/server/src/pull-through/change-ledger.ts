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
  /** Writes down what one refresh changed, in one record; gives those that were not known already. */
  record(
    repository: string,
    changed: readonly ChangedEntry[],
    policy: WhenChanged,
    now: number,
  ): Promise<readonly ChangedEntry[]>
  /** The last one first. */
  changes(repository: string): Promise<readonly VersionChange[]>
  /** Of each version whose change was refused the entry that was there first. */
  refused(repository: string): Promise<readonly NamedEntry[]>
}

/** What one refresh changed. */
interface Refresh {
  readonly changes: readonly ChangeRecord[]
}

/** Opens the ledger of all repositories of a store. */
export function changeLedger(store: BlobStore): ChangeLedger {
  // Earlier versions wrote a record for each change.
  const of = (repository: string) => recordSet<Refresh | ChangeRecord>(store, `proxy/${repository}/changes`)

  /** The first one first; of two servers that saw the same, one is told. */
  async function inOrder(repository: string): Promise<readonly ChangeRecord[]> {
    const records = await of(repository).all()
    const all = records.flatMap((record) => ('changes' in record ? record.changes : [record]))
    const ordered = all.sort((a, b) => (a.seenAt < b.seenAt ? -1 : 1))
    return [...new Map(ordered.toReversed().map((change) => [nameOf(change), change])).values()].reverse()
  }

  return {
    record: async (repository, changed, policy, now) => {
      if (changed.length === 0) return []
      const seenAt = new Date(now).toISOString()
      const outcome = policy === 'accept' ? 'accepted' : 'refused'
      const known = new Set((await inOrder(repository)).map(nameOf))
      const news = changed.flatMap((one) => {
        const { chart, entry, after } = one
        if (entry.digest === undefined) return []
        const { version, digest: before } = entry
        const change = { chart, version, before, after: after.digest ?? null, seenAt, outcome, entry } as const
        return known.has(nameOf(change)) ? [] : [{ one, change }]
      })
      const changes = news.map(({ change }) => change)
      if (changes.length > 0) await of(repository).add(changes.map(nameOf), { changes })
      return news.map(({ one }) => one)
    },
    changes: async (repository) =>
      (await inOrder(repository)).toReversed().map(({ chart, version, before, after, seenAt, outcome }) => ({
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

function nameOf({ chart, version, before, after, outcome }: ChangeRecord): string {
  return JSON.stringify([chart, version, before, after ?? '', outcome])
}
