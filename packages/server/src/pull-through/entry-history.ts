// What a repository remembers beyond the upstream's last index: versions that were dropped, and digests that changed.
import type { ChartVersion } from '@chartferry/core/helm'
import type { ArchiveCache } from '../cache/archive-cache.ts'
import { addEntries, type Entries, replaceEntries } from '../repository/entries.ts'
import type { WhenChanged } from '../repository/version-change.ts'
import { entryPath } from '../upstream/chart-path.ts'
import type { ChangeLedger } from './change-ledger.ts'
import { findChanged, findDropped } from './compare-entries.ts'
import type { DroppedEntries } from './dropped-entries.ts'

export interface EntryPolicy {
  /** Whether versions whose archives we have stay in the index when the upstream drops them. */
  readonly retainDropped: boolean
  readonly whenChanged: WhenChanged
}

export interface EntryHistoryOptions {
  readonly archives: ArchiveCache
  readonly dropped: DroppedEntries
  readonly ledger: ChangeLedger
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
}

export interface EntryHistory {
  /**
   * Notes what a new index drops and changes of the entries that were served. To be called before the new index is
   * stored: a crash between the two must forget nothing.
   */
  note(
    repository: string,
    policy: EntryPolicy,
    before: Entries,
    after: Entries,
    urlOf: (version: ChartVersion) => string | undefined,
  ): Promise<void>
  /** How entries are served: with what was dropped and is retained, and without what is refused. */
  amendments(repository: string, policy: EntryPolicy): Promise<Amendments>
}

export interface Amendments {
  /** Those of other charts stay as they are. */
  readonly charts: ReadonlySet<string>
  /** Takes entries of any charts, as the upstream has them. */
  readonly apply: (entries: Entries) => Entries
}

/** The history of all repositories. */
export function entryHistory({ archives, dropped, ledger, now, warn }: EntryHistoryOptions): EntryHistory {
  return {
    note: async (repository, { retainDropped, whenChanged }, before, after, urlOf) => {
      /** Makes the archive of an entry stay, if we have it. */
      const pin = async (entry: ChartVersion): Promise<boolean> => {
        const from = urlOf(entry)
        return from !== undefined && (await archives.pin(repository, entryPath(entry, from)))
      }
      for (const named of retainDropped ? findDropped(before, after) : []) {
        if (await pin(named.entry)) await dropped.add(repository, named)
      }
      const changed = findChanged(before, after)
      // The upstream no longer has the bytes that we go on serving.
      if (whenChanged === 'refuse') for (const { entry } of changed) await pin(entry)
      const news = await ledger.record(repository, changed, whenChanged, now())
      if (news.length > 0) {
        warn('versions changed under their names', {
          repository,
          policy: whenChanged,
          count: news.length,
          first: news.slice(0, 5).map(({ chart, entry }) => `${chart} ${entry.version}`),
        })
      }
    },
    amendments: async (repository, { retainDropped, whenChanged }) => {
      const retained = retainDropped ? await dropped.all(repository) : []
      const refused = whenChanged === 'refuse' ? await ledger.refused(repository) : []
      return {
        charts: new Set([...retained, ...refused].map(({ chart }) => chart)),
        apply: (entries) => replaceEntries(addEntries(entries, retained), refused),
      }
    },
  }
}
