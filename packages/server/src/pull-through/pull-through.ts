// A repository that is an upstream's: its index stored and rewritten, its archives fetched once, checked, and served
// from here ever after.

import { ChartferryError, isChartferryError } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import { type ArchiveCache, gzipOnly, type StoredFile } from '../cache/archive-cache.ts'
import type { ChartRepository, FileAnswer, IndexAnswer } from '../repository/chart-repository.ts'
import { isContentPath } from '../upstream/chart-path.ts'
import { refusedParts } from '../upstream/refused-parts.ts'
import type { ChangeLedger } from './change-ledger.ts'
import { archiveDoubts } from './doubted-archive.ts'
import { entryAt, type PulledIndexOptions, pulledIndex } from './pulled-index.ts'
import { type StoreArchiveOptions, storeArchive } from './store-archive.ts'
import { stateOf } from './upstream-state.ts'

export interface PullThroughOptions extends PulledIndexOptions, Omit<StoreArchiveOptions, 'repositories'> {
  readonly archives: ArchiveCache
  readonly ledger: ChangeLedger
}

/** Serves the repositories given; to be wrapped with single flight. */
export function pullThrough(options: PullThroughOptions): ChartRepository {
  const { indexes, archives, freshness, now, signal } = options
  const pulled = pulledIndex(options)
  const doubts = archiveDoubts({ pulled, freshness, retryAfter: options.retryAfter })

  /** The entry behind a path. What we have is enough; the upstream is asked only for a path that we do not know. */
  async function placeOf(repository: string, path: string, via: string | undefined): Promise<ChartVersion> {
    const cached = await pulled.cached(repository)
    const known = (cached && entryAt(cached, path)) ?? entryAt((await pulled.current(repository, via)).index, path)
    if (known === undefined)
      throw new ChartferryError('CHART_NOT_FOUND', `repository "${repository}" has no archive "${path}"`, {
        hint: 'The index may have changed since it was read: run `helm repo update`, then ask again.',
      })
    return known
  }

  /** Asks, unless somebody did a moment ago and there was nothing. Throws the error given when there is nothing. */
  async function unlessAbsent<Value>(
    repository: string,
    file: string,
    absent: ChartferryError,
    ask: () => Promise<Value | undefined>,
  ): Promise<Value> {
    const name = `absent ${repository} ${file}`
    if ((await freshness.get(name)) !== undefined) throw absent
    const value = await ask()
    if (value !== undefined) return value
    await freshness.note(name, 'yes', options.retryAfter)
    throw absent
  }

  return {
    index: async (repository, { via, anyAge = false } = {}): Promise<IndexAnswer> => {
      const known = anyAge ? await pulled.cached(repository) : undefined
      const { index: answer, cache } =
        known === undefined ? await pulled.current(repository, via) : { index: known, cache: 'HIT' as const }
      return { snapshot: answer.snapshot, cache, age: Math.max(0, now() - answer.record.checkedAt) }
    },
    revision: async (repository, { via } = {}) => {
      const { record, cache } = await pulled.currentRecord(repository, via)
      const { digest, fetchedAt } = record
      return { revision: `${digest} ${fetchedAt}`, cache, age: Math.max(0, now() - record.checkedAt) }
    },
    archive: async (repository, path, { via } = {}): Promise<FileAnswer> => {
      const { upstream } = pulled.repository(repository)
      const immutable = isContentPath(path)
      const stored = await archives.find(repository, path)
      if (stored !== undefined) return { file: stored, cache: 'HIT', immutable }
      const version = await placeOf(repository, path, via)
      const doubted = { repository, path, version, via }
      await doubts.check(doubted)
      const absent = new ChartferryError('CHART_NOT_FOUND', `the upstream does not have the archive "${path}"`)
      const store = (body: AsyncIterable<Uint8Array>): Promise<StoredFile> =>
        storeArchive(options, { repository, path, version }, gzipOnly(`${version.name} ${version.version}`, body))
      const file = await unlessAbsent(repository, path, absent, () =>
        upstream.archive(version, store, { signal, via }).catch(async (thrown: unknown) => {
          if (isChartferryError(thrown, 'CHART_NOT_FOUND')) return undefined
          throw isChartferryError(thrown, 'DIGEST_MISMATCH') ? await doubts.explain(doubted, thrown) : thrown
        }),
      )
      return { file, cache: 'MISS', immutable }
    },
    provenance: async (repository, path, { via } = {}): Promise<FileAnswer> => {
      const { upstream } = pulled.repository(repository)
      const file = `${path}.prov`
      const stored = await archives.find(repository, file)
      if (stored !== undefined) return { file: stored, cache: 'HIT', immutable: false }
      const version = await placeOf(repository, path, via)
      const absent = new ChartferryError('CHART_NOT_FOUND', `"${path}" has no provenance file`)
      const bytes = await unlessAbsent(repository, file, absent, () => upstream.provenance(version, { signal, via }))
      if (!Buffer.from(bytes).includes('-----BEGIN PGP SIGNED MESSAGE-----')) {
        throw new ChartferryError(
          'UPSTREAM_INVALID',
          `${version.name} ${version.version}: the upstream sent something that is no provenance file`,
        )
      }
      return { file: await archives.put(repository, file, bytes, undefined), cache: 'MISS', immutable: false }
    },
    changes: async (repository) => {
      pulled.repository(repository)
      return options.ledger.changes(repository)
    },
    status: async (repository) => {
      const { upstream } = pulled.repository(repository)
      const record = await indexes.record(repository)
      const snapshot = pulled.peek(repository)
      const failure = pulled.failure(repository)
      return {
        name: repository,
        kind: 'proxy',
        source: upstream.source,
        state: stateOf(snapshot, record, failure, now()),
        ...(snapshot === undefined ? {} : { refused: refusedParts(snapshot.index).length }),
        ...(snapshot === undefined ? {} : { charts: snapshot.index.entries.size, versions: snapshot.versions }),
        ...(record === undefined ? {} : { checkedAt: record.checkedAt }),
        ...(failure === undefined ? {} : { failure }),
      }
    },
  }
}
