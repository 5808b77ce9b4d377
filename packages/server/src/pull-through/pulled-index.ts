// The index of an upstream as we have it: cached, asked for again when it is no longer fresh, and guarded against an
// upstream that fails, lies or forgets.
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError, type Digest, digestOf } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import { type CompactIndex, findByUrl, messageOf } from '@chartferry/core/internal'
import { LRUCache } from 'lru-cache'
import type { Freshness } from '../cache/freshness.ts'
import type { IndexRecord } from '../cache/index-cache.ts'
import type { CacheState } from '../repository/chart-repository.ts'
import { compactSnapshot, textMemory } from '../repository/compact-snapshot.ts'
import type { IndexSnapshot } from '../repository/index-snapshot.ts'
import type { Flights } from '../repository/single-flight.ts'
import { servedUrl, upstreamEntries } from '../upstream/served-chart.ts'
import type { Upstream, Validators } from '../upstream/upstream.ts'
import { collectNow } from '../workers/gc-tuning.ts'
import {
  type EntryRules,
  type IndexReaderOptions,
  type IndexSource,
  indexName,
  indexReader,
  largeIndex,
} from './index-reader.ts'
import { failureOf } from './upstream-state.ts'

export interface PulledRepository extends EntryRules {
  readonly upstream: Upstream
  /** Milliseconds for which an index is served without asking the upstream. */
  readonly freshFor: number
}

export interface PulledIndexOptions extends IndexReaderOptions {
  readonly repositories: ReadonlyMap<string, PulledRepository>
  readonly freshness: Freshness
  /** Where the work that runs is known, so that the end can wait for it. */
  readonly flights: Flights
  /** Milliseconds for which a failed upstream, or an absent provenance file, is not asked again. */
  readonly retryAfter: number
  /** Milliseconds that a caller waits for the upstream when there is an index to serve meanwhile. */
  readonly patience: number
  /** Bytes of compressed indexes that are held in memory, and of texts that are sent without compression. */
  readonly memory: number
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** One state of an index. */
export interface CachedIndex {
  readonly record: IndexRecord
  readonly compact: CompactIndex
  readonly snapshot: IndexSnapshot
}

/** The entry behind a path, `charts/` left out, as the upstream has it. */
export function entryAt({ compact }: CachedIndex, path: string): ChartVersion | undefined {
  const found = findByUrl(compact, servedUrl(path))
  const chart = found && compact.charts.get(found.chart)
  return found && chart && upstreamEntries(chart)[found.at]?.entry
}

/** A new index file. */
interface Fetched {
  readonly source: IndexSource
  readonly validators: Validators
  /** Of one that is in the store, and named by nothing yet. */
  readonly digest?: Digest
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
  const reader = indexReader(options)
  const memory = new LRUCache<string, CachedIndex>({ maxSize: Math.max(1, options.memory) })
  const texts = textMemory(options.memory)
  const failures = new Map<string, string>()

  function pulled(repository: string): PulledRepository {
    const found = options.repositories.get(repository)
    if (found === undefined) throw new ChartferryError('REPOSITORY_NOT_FOUND', `no repository "${repository}"`)
    return found
  }

  function show(repository: string, record: IndexRecord, compact: CompactIndex): CachedIndex {
    return remember(repository, { record, compact, snapshot: compactSnapshot(compact, record.fetchedAt, texts) })
  }

  function remember(repository: string, index: CachedIndex): CachedIndex {
    memory.set(repository, index, { size: index.compact.bytes + 1 })
    return index
  }

  /** What we have, from memory or from the store. */
  async function cached(repository: string): Promise<CachedIndex | undefined> {
    const record = await indexes.record(repository)
    if (record === undefined) return undefined
    const known = memory.get(repository)
    if (known?.record.digest === record.digest) return { ...known, record }
    return share(`load ${repository}`, async () => {
      try {
        const compact = await reader.stored(repository, pulled(repository), record)
        return compact && show(repository, record, compact)
      } catch (thrown) {
        warn('the stored index cannot be read any more', { repository, error: messageOf(thrown) })
        return undefined
      }
    })
  }

  /** Asks the upstream. What it sends waits in the store where it is large: others may be before it. */
  async function take(
    repository: string,
    record: IndexRecord | undefined,
    via: string | undefined,
    doubted: ChartVersion | undefined,
  ): Promise<IndexRecord | Fetched> {
    const known = record?.validators ?? {}
    const { bytes, validators } = await pulled(repository).upstream.index(known, {
      signal,
      via,
      ...(doubted === undefined ? {} : { doubted }),
      ...(record === undefined ? {} : { attempts: 1 }),
    })
    if (record !== undefined && (bytes === undefined || digestOf(bytes) === record.digest))
      return indexes.touch(repository, record, validators, now())
    const text = bytes ?? new Uint8Array()
    const size = text.length
    if (size < largeIndex) return { validators, source: { size, open: async () => text } }
    const digest = await indexes.stage(repository, text)
    return { validators, digest, source: { size, open: async () => staged(repository, digest) } }
  }

  async function staged(repository: string, digest: Digest): Promise<Uint8Array> {
    const bytes = await indexes.bytes(repository, { digest })
    if (bytes !== undefined) return bytes
    throw new ChartferryError('STORE_UNAVAILABLE', `${indexName(repository, pulled(repository))}: was not kept`)
  }

  /** What was cached is read only where it has to be compared with something new. */
  async function fetchIndex(
    repository: string,
    record: IndexRecord | undefined,
    via: string | undefined,
    doubted?: ChartVersion,
  ): Promise<CurrentRecord> {
    const taken = await take(repository, record, via, doubted)
    const same = !('source' in taken)
    const found = same ? taken : await storeIndex(repository, record && (await cached(repository)), taken)
    const known = memory.peek(repository)
    if (known?.record.digest === found.digest) remember(repository, { ...known, record: found })
    failures.delete(repository)
    await freshness.note(`index ${repository}`, found.digest, pulled(repository).freshFor)
    return { record: found, cache: same ? 'REVALIDATED' : 'MISS' }
  }

  async function storeIndex(
    repository: string,
    known: CachedIndex | undefined,
    { source, validators, digest: stagedAs }: Fetched,
  ): Promise<IndexRecord> {
    const rules = pulled(repository)
    try {
      const compact = await reader.read(repository, rules, source, known?.compact)
      const digest = stagedAs ?? (await indexes.stage(repository, await source.open()))
      const record = await indexes.replace(repository, digest, validators, now())
      await reader.keep(repository, rules, record, compact, source.size)
      show(repository, record, compact)
      // What the reading took, and the state before this one.
      if (source.size >= largeIndex) setImmediate(collectNow)
      return record
    } catch (thrown) {
      if (stagedAs !== undefined) await indexes.discard(repository, stagedAs)
      throw thrown
    }
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
    if (fetched === undefined)
      throw new ChartferryError('STORE_UNAVAILABLE', `${indexName(repository, pulled(repository))}: was not kept`)
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
