// A repository that is an upstream's: its index kept and rewritten, its archives fetched once, checked, and served
// from here ever after.
import { setTimeout as wait } from 'node:timers/promises'
import {
  ChartferryError,
  type ChartVersion,
  digestOf,
  type IndexFile,
  type Limits,
  messageOf,
  parseIndexFile,
} from '@chartferry/core'
import { LRUCache } from 'lru-cache'
import { type ArchiveCache, gzipOnly } from '../cache/archive-cache.ts'
import type { Freshness } from '../cache/freshness.ts'
import type { IndexCache, IndexRecord } from '../cache/index-cache.ts'
import type { Upstream, Validators } from '../upstream/upstream.ts'
import { isContentPath, rewriteIndex } from './chart-path.ts'
import { type IndexSnapshot, indexSnapshot } from './index-snapshot.ts'
import type { CacheState, FileAnswer, IndexAnswer, RepositoryProxy } from './repository-proxy.ts'
import type { Flights } from './single-flight.ts'
import { failureOf, stateOf } from './upstream-state.ts'

export interface PulledRepository {
  readonly upstream: Upstream
  /** Milliseconds for which an index is served without asking the upstream. */
  readonly freshFor: number
}

export interface PullThroughOptions {
  readonly repositories: ReadonlyMap<string, PulledRepository>
  readonly indexes: IndexCache
  readonly archives: ArchiveCache
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

interface Current {
  readonly held: Held
  readonly cache: CacheState
}

interface Held {
  readonly record: IndexRecord
  readonly snapshot: IndexSnapshot
  readonly places: ReadonlyMap<string, ChartVersion>
}

/** Serves the repositories given; to be wrapped with single flight. */
export function pullThrough(options: PullThroughOptions): RepositoryProxy {
  const { indexes, archives, freshness, now, warn, signal } = options
  const { share } = options.flights
  const memory = new LRUCache<string, Held>({ maxSize: Math.max(1, options.memory) })
  const failures = new Map<string, string>()

  function pulled(repository: string): PulledRepository {
    const found = options.repositories.get(repository)
    if (found === undefined) throw new ChartferryError('REPOSITORY_NOT_FOUND', `no repository "${repository}"`)
    return found
  }

  function hold(repository: string, record: IndexRecord, bytes: Uint8Array, index: IndexFile): Held {
    const { upstream } = pulled(repository)
    const rewritten = rewriteIndex(index, (version) => upstream.archiveUrl(version))
    const held = { record, snapshot: indexSnapshot(rewritten.index, record.fetchedAt), places: rewritten.places }
    memory.set(repository, held, { size: bytes.length + 1 })
    return held
  }

  function parse(repository: string, bytes: Uint8Array): IndexFile {
    return parseIndexFile(bytes, {
      where: `index of ${repository} (${pulled(repository).upstream.source})`,
      limits: options.limits,
    })
  }

  /** What we have, from memory or from the store. */
  async function held(repository: string): Promise<Held | undefined> {
    const record = await indexes.record(repository)
    if (record === undefined) return undefined
    const known = memory.get(repository)
    if (known?.record.digest === record.digest) return { ...known, record }
    return share(`load ${repository}`, async () => {
      const bytes = await indexes.bytes(repository, record)
      try {
        return bytes === undefined ? undefined : hold(repository, record, bytes, parse(repository, bytes))
      } catch (thrown) {
        warn('the index kept cannot be read any more', { repository, error: messageOf(thrown) })
        return undefined
      }
    })
  }

  async function fetchIndex(repository: string, known: Held | undefined): Promise<Current> {
    const { upstream, freshFor } = pulled(repository)
    const answer = await upstream.index(known?.record.validators ?? {}, {
      signal,
      ...(known === undefined ? {} : { attempts: 1 }),
    })
    const bytes = answer.bytes ?? new Uint8Array()
    const same = known !== undefined && (answer.bytes === undefined || digestOf(bytes) === known.record.digest)
    const found = same
      ? { ...known, record: await indexes.touch(repository, known.record, answer.validators, now()) }
      : await keepIndex(repository, bytes, answer.validators)
    failures.delete(repository)
    await freshness.note(`index ${repository}`, found.record.digest, freshFor)
    return { held: found, cache: same ? 'REVALIDATED' : 'MISS' }
  }

  async function keepIndex(repository: string, bytes: Uint8Array, validators: Validators): Promise<Held> {
    const index = parse(repository, bytes)
    if (index.skipped.length > 0) {
      warn('index entries skipped', { repository, count: index.skipped.length, first: index.skipped.slice(0, 5) })
    }
    return hold(repository, await indexes.replace(repository, bytes, validators, now()), bytes, index)
  }

  /** Asks the upstream. When that fails, what we had is served on, and the upstream is left alone for a while. */
  async function refresh(repository: string, known: Held | undefined): Promise<Current> {
    try {
      return await fetchIndex(repository, known)
    } catch (thrown) {
      failures.set(repository, failureOf(thrown))
      if (known === undefined || signal.aborted) throw thrown
      warn('upstream failed, serving the index it had before', { repository, error: messageOf(thrown) })
      await freshness.note(`index ${repository}`, known.record.digest, options.retryAfter)
      return { held: known, cache: 'STALE' }
    }
  }

  async function freshOf(repository: string, known: Held | undefined): Promise<Current | undefined> {
    if (known === undefined || (await freshness.get(`index ${repository}`)) !== known.record.digest) return undefined
    return { held: known, cache: failures.has(repository) ? 'STALE' : 'HIT' }
  }

  /** Asks unless somebody did between the caller's look and its turn. */
  async function refreshOnce(repository: string): Promise<Current> {
    const known = await held(repository)
    return (await freshOf(repository, known)) ?? refresh(repository, known)
  }

  /** The index as it may be served now: fresh, asked for, or stale when asking fails or takes too long. */
  async function current(repository: string): Promise<Current> {
    pulled(repository)
    const known = await held(repository)
    const fresh = await freshOf(repository, known)
    if (fresh !== undefined) return fresh
    const asking = share(`refresh ${repository}`, () => refreshOnce(repository))
    if (known === undefined) return asking
    const timer = new AbortController()
    const patience = wait(options.patience, undefined, { signal: timer.signal, ref: false }).then(
      (): Current => ({ held: known, cache: 'STALE' }),
    )
    try {
      return await Promise.race([asking, patience])
    } finally {
      patience.catch(() => {})
      timer.abort()
    }
  }

  /** The entry behind a path. What we have is enough; the upstream is asked only for a path that we do not know. */
  async function placeOf(repository: string, path: string): Promise<ChartVersion> {
    const known = (await held(repository))?.places.get(path) ?? (await current(repository)).held.places.get(path)
    if (known === undefined)
      throw new ChartferryError('CHART_NOT_FOUND', `repository "${repository}" has no archive "${path}"`)
    return known
  }

  return {
    index: async (repository): Promise<IndexAnswer> => {
      const { held: answer, cache } = await current(repository)
      return { snapshot: answer.snapshot, cache, age: Math.max(0, now() - answer.record.checkedAt) }
    },
    archive: async (repository, path): Promise<FileAnswer> => {
      const { upstream } = pulled(repository)
      const immutable = isContentPath(path)
      const kept = await archives.find(repository, path)
      if (kept !== undefined) return { file: kept, cache: 'HIT', immutable }
      const version = await placeOf(repository, path)
      const body = gzipOnly(`${version.name} ${version.version}`, await upstream.archive(version, { signal }))
      return { file: await archives.keep(repository, path, body, version.digest), cache: 'MISS', immutable }
    },
    provenance: async (repository, path): Promise<FileAnswer> => {
      const { upstream } = pulled(repository)
      const file = `${path}.prov`
      const kept = await archives.find(repository, file)
      if (kept !== undefined) return { file: kept, cache: 'HIT', immutable: false }
      const absent = new ChartferryError('CHART_NOT_FOUND', `"${path}" has no provenance file`)
      if ((await freshness.get(`absent ${repository} ${file}`)) !== undefined) throw absent
      const version = await placeOf(repository, path)
      const bytes = await upstream.provenance(version, { signal })
      if (bytes === undefined) {
        await freshness.note(`absent ${repository} ${file}`, 'yes', options.retryAfter)
        throw absent
      }
      if (!Buffer.from(bytes).includes('-----BEGIN PGP SIGNED MESSAGE-----')) {
        throw new ChartferryError(
          'UPSTREAM_INVALID',
          `${version.name} ${version.version}: the upstream sent something that is no provenance file`,
        )
      }
      return { file: await archives.keep(repository, file, bytes, undefined), cache: 'MISS', immutable: false }
    },
    status: async (repository) => {
      const { upstream } = pulled(repository)
      const record = await indexes.record(repository)
      const state = stateOf(memory.peek(repository)?.snapshot, record, failures.get(repository), now())
      return { name: repository, kind: 'proxy', source: upstream.source, state }
    },
  }
}
