// The index of an upstream as we have it: cached, asked for again when it is no longer fresh, and guarded against an
// upstream that fails, lies or forgets.
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError, digestOf, type Limits } from '@chartferry/core'
import type { ChartVersion, IndexFile } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'
import { LRUCache } from 'lru-cache'
import type { Freshness } from '../cache/freshness.ts'
import type { IndexCache, IndexRecord } from '../cache/index-cache.ts'
import { rewriteIndex } from '../repository/chart-path.ts'
import type { CacheState } from '../repository/chart-repository.ts'
import type { Entries } from '../repository/entries.ts'
import { type IndexSnapshot, indexSnapshot } from '../repository/index-snapshot.ts'
import type { Flights } from '../repository/single-flight.ts'
import type { Upstream, Validators } from '../upstream/upstream.ts'
import { collectNow } from '../workers/gc-tuning.ts'
import { parseIndexOffLoop } from '../workers/parse-index.ts'
import { checkLoss } from './compare-entries.ts'
import type { EntryHistory, EntryPolicy } from './entry-history.ts'
import { failureOf } from './upstream-state.ts'

/** Bytes of an index from which what its reading took is worth a collection. */
const large = 2 * 1024 * 1024

export interface PulledRepository extends EntryPolicy {
  readonly upstream: Upstream
  /** Milliseconds for which an index is served without asking the upstream. */
  readonly freshFor: number
  /** The share of the versions (0 to 1) that a new index may lack; 1 believes any index. */
  readonly indexLoss: number
}

export interface PulledIndexOptions {
  readonly repositories: ReadonlyMap<string, PulledRepository>
  readonly indexes: IndexCache
  readonly entryHistory: EntryHistory
  readonly freshness: Freshness
  readonly limits: Limits
  /** Where the work that runs is known, so that the end can wait for it. */
  readonly flights: Flights
  /** Milliseconds for which a failed upstream, or an absent provenance file, is not asked again. */
  readonly retryAfter: number
  /** Milliseconds that a caller waits for the upstream when there is an index to serve meanwhile. */
  readonly patience: number
  /** Bytes of index text whose parsed form is held in memory. */
  readonly memory: number
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Told about what was overcome: an upstream that failed, entries that were skipped. */
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Stops fills when the server stops. */
  readonly signal: AbortSignal
}

/** One state of an index. */
export interface CachedIndex {
  readonly record: IndexRecord
  /** Bytes of the upstream's text. */
  readonly size: number
  /** As the upstream has them. */
  readonly upstreams: Entries
  /** As they are served, with the upstream's URLs. */
  readonly entries: Entries
  readonly snapshot: IndexSnapshot
  /** By the path behind `charts/`. */
  readonly places: ReadonlyMap<string, ChartVersion>
}

export interface Current {
  readonly index: CachedIndex
  readonly cache: CacheState
}

/** What may be served now, told without reading it. */
export interface CurrentRecord {
  readonly record: IndexRecord
  readonly cache: CacheState
}

export interface PulledIndex {
  /** Throws REPOSITORY_NOT_FOUND. */
  repository(name: string): PulledRepository
  /** What we have, however old; asks no upstream. */
  cached(name: string): Promise<CachedIndex | undefined>
  /** What may be served now: fresh, asked for, or stale when asking fails or takes too long. */
  current(name: string, via?: string): Promise<Current>
  /** As `current`; an index that the upstream still has is not read. */
  currentRecord(name: string, via?: string): Promise<CurrentRecord>
  /**
   * Asks the upstream although what we have may be fresh, since a version's bytes were not what it says; once for all
   * that ask at the same time. Throws what the upstream's failure is.
   */
  askAgain(name: string, doubted: ChartVersion, via?: string): Promise<Current>
  /** What is in memory. */
  peek(name: string): IndexSnapshot | undefined
  /** Why the upstream was not heard the last time. */
  failure(name: string): string | undefined
}

/** The indexes of the repositories given. */
export function pulledIndex(options: PulledIndexOptions): PulledIndex {
  const { indexes, freshness, now, warn, signal } = options
  const { share } = options.flights
  const memory = new LRUCache<string, CachedIndex>({ maxSize: Math.max(1, options.memory) })
  const failures = new Map<string, string>()

  function pulled(repository: string): PulledRepository {
    const found = options.repositories.get(repository)
    if (found === undefined) throw new ChartferryError('REPOSITORY_NOT_FOUND', `no repository "${repository}"`)
    return found
  }

  async function show(repository: string, record: IndexRecord, size: number, index: IndexFile): Promise<CachedIndex> {
    const policy = pulled(repository)
    const entries = await options.entryHistory.apply(repository, policy, index.entries)
    const rewritten = rewriteIndex({ ...index, entries }, (version) => policy.upstream.archiveUrl(version))
    const snapshot = indexSnapshot(rewritten.index, record.fetchedAt)
    // When this one is cached: the one before it, and what it was made from, are as large.
    if (size >= large) setImmediate(collectNow)
    return remember(repository, { record, size, upstreams: index.entries, entries, snapshot, places: rewritten.places })
  }

  function remember(repository: string, index: CachedIndex): CachedIndex {
    memory.set(repository, index, { size: index.size + 1 })
    return index
  }

  const nameOf = (repository: string): string => `index of ${repository} (${pulled(repository).upstream.source})`

  // Large ones one after the other: each takes many times its size while it is read.
  let lastLarge: Promise<unknown> = Promise.resolve()
  function parse(repository: string, bytes: Uint8Array): Promise<IndexFile> {
    const read = (): Promise<IndexFile> =>
      parseIndexOffLoop(bytes, { where: nameOf(repository), limits: options.limits, signal })
    if (bytes.length < large) return read()
    const turn = lastLarge.then(read)
    lastLarge = turn.catch(() => {})
    return turn
  }

  /** What we have, from memory or from the store. */
  async function cached(repository: string): Promise<CachedIndex | undefined> {
    const record = await indexes.record(repository)
    if (record === undefined) return undefined
    const known = memory.get(repository)
    if (known?.record.digest === record.digest) return { ...known, record }
    return share(`load ${repository}`, async () => {
      const bytes = await indexes.bytes(repository, record)
      try {
        return bytes === undefined
          ? undefined
          : await show(repository, record, bytes.length, await parse(repository, bytes))
      } catch (thrown) {
        warn('the stored index cannot be read any more', { repository, error: messageOf(thrown) })
        return undefined
      }
    })
  }

  /** What was cached is read only where it has to be compared with something new. */
  async function fetchIndex(
    repository: string,
    record: IndexRecord | undefined,
    via: string | undefined,
    doubted?: ChartVersion,
  ): Promise<CurrentRecord> {
    const { upstream, freshFor } = pulled(repository)
    const answer = await upstream.index(record?.validators ?? {}, {
      signal,
      via,
      ...(doubted === undefined ? {} : { doubted }),
      ...(record === undefined ? {} : { attempts: 1 }),
    })
    const bytes = answer.bytes ?? new Uint8Array()
    const same = record !== undefined && (answer.bytes === undefined || digestOf(bytes) === record.digest)
    const found = same
      ? await indexes.touch(repository, record, answer.validators, now())
      : (await storeIndex(repository, record && (await cached(repository)), bytes, answer.validators)).record
    const known = memory.peek(repository)
    if (known?.record.digest === found.digest) remember(repository, { ...known, record: found })
    failures.delete(repository)
    await freshness.note(`index ${repository}`, found.digest, freshFor)
    return { record: found, cache: same ? 'REVALIDATED' : 'MISS' }
  }

  async function storeIndex(
    repository: string,
    known: CachedIndex | undefined,
    bytes: Uint8Array,
    validators: Validators,
  ): Promise<CachedIndex> {
    const index = await parse(repository, bytes)
    if (index.skipped.length > 0) {
      warn('index entries skipped', { repository, count: index.skipped.length, first: index.skipped.slice(0, 5) })
    }
    if (known !== undefined) {
      const policy = pulled(repository)
      checkLoss(known.upstreams, index.entries, policy.indexLoss, nameOf(repository))
      await options.entryHistory.note(repository, policy, known.entries, index.entries, (version) =>
        policy.upstream.archiveUrl(version),
      )
    }
    return show(repository, await indexes.replace(repository, bytes, validators, now()), bytes.length, index)
  }

  /** Asks the upstream. When that fails, what we had is served on, and the upstream is left alone for a while. */
  async function refresh(
    repository: string,
    record: IndexRecord | undefined,
    via: string | undefined,
  ): Promise<CurrentRecord> {
    try {
      return await fetchIndex(repository, record, via)
    } catch (thrown) {
      failures.set(repository, failureOf(thrown))
      if (record === undefined || signal.aborted) throw thrown
      warn('upstream failed, serving the index it had before', { repository, error: messageOf(thrown) })
      await freshness.note(`index ${repository}`, record.digest, options.retryAfter)
      return { record, cache: 'STALE' }
    }
  }

  async function freshOf(repository: string, record: IndexRecord | undefined): Promise<CurrentRecord | undefined> {
    if (record === undefined || (await freshness.get(`index ${repository}`)) !== record.digest) return undefined
    return { record, cache: failures.has(repository) ? 'STALE' : 'HIT' }
  }

  /** What is there to be served; bytes that are gone, or cannot be read any more, are as if they had never come. */
  async function usableRecord(repository: string): Promise<IndexRecord | undefined> {
    const record = await indexes.record(repository)
    if (record === undefined || memory.peek(repository)?.record.digest === record.digest) return record
    return (await indexes.has(repository, record)) ? record : undefined
  }

  /** Asks unless somebody did between the caller's look and its turn. */
  async function refreshOnce(repository: string, via: string | undefined): Promise<CurrentRecord> {
    const record = await usableRecord(repository)
    return (await freshOf(repository, record)) ?? refresh(repository, record, via)
  }

  async function currentRecord(repository: string, via?: string): Promise<CurrentRecord> {
    pulled(repository)
    // What is fresh by its digest need not be looked up.
    const remembered = await freshOf(repository, memory.get(repository)?.record)
    if (remembered !== undefined) return remembered
    const record = await usableRecord(repository)
    const fresh = await freshOf(repository, record)
    if (fresh !== undefined) return fresh
    const asking = share(`refresh ${repository}`, () => refreshOnce(repository, via))
    if (record === undefined) return asking
    const timer = new AbortController()
    const patience = wait(options.patience, undefined, { signal: timer.signal, ref: false }).then(
      (): CurrentRecord => ({ record, cache: 'STALE' }),
    )
    try {
      return await Promise.race([asking, patience])
    } finally {
      patience.catch(() => {})
      timer.abort()
    }
  }

  async function current(repository: string, via?: string): Promise<Current> {
    return read(repository, await currentRecord(repository, via), via)
  }

  async function read(repository: string, { record, cache }: CurrentRecord, via: string | undefined): Promise<Current> {
    const known = memory.get(repository)
    if (known?.record.digest === record.digest) return { index: { ...known, record }, cache }
    const index = await cached(repository)
    if (index !== undefined) return { index, cache }
    // What we have cannot be read: as if it had never come.
    const found = await share(`refetch ${repository}`, () => fetchIndex(repository, undefined, via))
    const fetched = await cached(repository)
    if (fetched === undefined) throw new ChartferryError('STORE_UNAVAILABLE', `${nameOf(repository)}: was not kept`)
    return { index: fetched, cache: found.cache }
  }

  return {
    repository: pulled,
    cached,
    current,
    currentRecord,
    askAgain: async (repository, doubted, via) => {
      const asking = share(`ask again ${repository}`, async () =>
        fetchIndex(repository, await usableRecord(repository), via, doubted),
      )
      return read(repository, await asking, via)
    },
    peek: (repository) => memory.peek(repository)?.snapshot,
    failure: (repository) => failures.get(repository),
  }
}
