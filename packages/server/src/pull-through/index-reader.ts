// Index files of upstreams become what is served of them, once for each state: compared with the state before, amended
// with what is retained and refused, and kept beside the file.
import type { Limits } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import { type CompactChart, type CompactIndex, compactIndex } from '@chartferry/core/internal'
import type { IndexCache, IndexRecord } from '../cache/index-cache.ts'
import { inTurns } from '../repository/compact-snapshot.ts'
import type { Entries } from '../repository/entries.ts'
import { archiveUrlOf } from '../upstream/archive-url.ts'
import { servedChart, type UpstreamEntry, upstreamEntries } from '../upstream/served-chart.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { readIndexOffLoop, worthThread } from '../workers/read-index.ts'
import { checkLoss, findDropped } from './compare-entries.ts'
import type { EntryHistory, EntryPolicy } from './entry-history.ts'

/** What holds for the entries of one repository. */
export interface EntryRules extends EntryPolicy {
  readonly upstream: Pick<Upstream, 'urls' | 'source'>
  /** The share of the versions (0 to 1) that a new index may lack; 1 believes any index. */
  readonly indexLoss: number
}

export interface IndexReaderOptions {
  readonly indexes: IndexCache
  readonly entryHistory: EntryHistory
  readonly limits: Limits
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Told of each index file that is read. Default: nobody is. */
  readonly onRead?: ((repository: string) => void) | undefined
  /** Stops reading. */
  readonly signal: AbortSignal
}

/** An index file that waits to be read: a large one not in memory. */
export interface IndexSource {
  /** Bytes. */
  readonly size: number
  /** Throws STORE_UNAVAILABLE. */
  readonly open: () => Promise<Uint8Array>
}

export interface IndexReader {
  /** What a record is served as. Undefined when its bytes are gone; throws as `read` where they cannot be read. */
  stored(repository: string, rules: EntryRules, record: IndexRecord): Promise<CompactIndex | undefined>
  /**
   * Reads a new index file, and notes what it drops and changes of the one before. Throws INDEX_SHRUNK, and what
   * `parseIndexFile` throws.
   */
  read(repository: string, rules: EntryRules, source: IndexSource, before?: CompactIndex): Promise<CompactIndex>
  /** Keeps what was read for a record. */
  keep(repository: string, rules: EntryRules, record: IndexRecord, index: CompactIndex, size: number): Promise<void>
}

/** Bytes of an index from which others wait for it: each takes many times its size while it is read. */
export const largeIndex: number = 2 * 1024 * 1024

/** Opens the reader of all repositories. */
export function indexReader(options: IndexReaderOptions): IndexReader {
  const { indexes, entryHistory, limits, warn, signal } = options

  let lastLarge: Promise<unknown> = Promise.resolve()
  async function parse(repository: string, rules: EntryRules, { size, open }: IndexSource): Promise<CompactIndex> {
    const where = indexName(repository, rules)
    const read = async () => readIndexOffLoop(await open(), { where, limits, urls: rules.upstream.urls, signal })
    const turn = size < largeIndex ? read() : lastLarge.then(read)
    if (size >= largeIndex) lastLarge = turn.catch(() => {})
    options.onRead?.(repository)
    const { compact, skipped } = await turn
    if (skipped.length > 0)
      warn('index entries skipped', { repository, count: skipped.length, first: skipped.slice(0, 5) })
    return compact
  }

  /** With what is retained, and without what is refused. */
  async function amend(repository: string, rules: EntryRules, index: CompactIndex): Promise<CompactIndex> {
    const { charts, apply } = await entryHistory.amendments(repository, rules)
    if (charts.size === 0) return index
    const all = new Map(index.charts)
    await inTurns(charts, (name) => {
      const chart = index.charts.get(name)
      const own = chart === undefined ? [] : entriesOf(chart)
      const before: Entries = new Map(chart === undefined ? [] : [[name, own]])
      const after = apply(before).get(name)
      if (after === undefined || after === own) return
      const there = new Set(own.map(({ version }) => version))
      all.set(
        name,
        servedChart(name, after, rules.upstream.urls, (version) => !there.has(version)),
      )
    })
    return compactIndex(index.head, all)
  }

  async function compare(
    repository: string,
    rules: EntryRules,
    before: CompactIndex,
    after: CompactIndex,
  ): Promise<void> {
    const was = new Map<string, readonly UpstreamEntry[]>()
    const is = new Map<string, readonly ChartVersion[]>()
    await inTurns(before.charts, ([name, chart]) => {
      const now = after.charts.get(name)
      if (now?.digest === chart.digest) return
      was.set(name, upstreamEntries(chart))
      if (now !== undefined) is.set(name, entriesOf(now))
    })
    const own = pick(was, ({ isRetained }) => !isRetained)
    const retained = [...was.values()].flat().filter(({ isRetained }) => isRetained).length
    const loss = { had: before.versions - retained, lost: findDropped(own, is).length, left: after.versions }
    checkLoss(loss, rules.indexLoss, indexName(repository, rules))
    await entryHistory.note(repository, rules, pick(was), is, (version) => archiveUrlOf(rules.upstream.urls, version))
  }

  return {
    stored: async (repository, rules, record) => {
      const known = await indexes.compact(repository, record, rulesOf(rules))
      if (known !== undefined) return known
      const bytes = await indexes.bytes(repository, record)
      if (bytes === undefined) return undefined
      const size = bytes.length
      const read = await amend(repository, rules, await parse(repository, rules, { size, open: async () => bytes }))
      if (size >= worthThread) await indexes.putCompact(repository, record, rulesOf(rules), read)
      return read
    },
    read: async (repository, rules, source, before) => {
      const index = await parse(repository, rules, source)
      if (before !== undefined) await compare(repository, rules, before, index)
      return amend(repository, rules, index)
    },
    keep: async (repository, rules, record, index, size) => {
      if (size >= worthThread) await indexes.putCompact(repository, record, rulesOf(rules), index)
    },
  }
}

/** How an index is called in messages. */
export function indexName(repository: string, { upstream }: Pick<EntryRules, 'upstream'>): string {
  return `index of ${repository} (${upstream.source})`
}

/** Names all that decides what an index file is served as. */
function rulesOf({ upstream, retainDropped, whenChanged }: EntryRules): string {
  return JSON.stringify([1, upstream.urls, retainDropped, whenChanged])
}

function entriesOf(chart: CompactChart): ChartVersion[] {
  return upstreamEntries(chart).map(({ entry }) => entry)
}

function pick(
  charts: ReadonlyMap<string, readonly UpstreamEntry[]>,
  isIt: (entry: UpstreamEntry) => boolean = () => true,
): Entries {
  return new Map([...charts].map(([name, entries]) => [name, entries.filter(isIt).map(({ entry }) => entry)]))
}
