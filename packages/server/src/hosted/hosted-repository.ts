// A repository whose charts were pushed here, as a `ChartRepository`.

import { ChartferryError, digestOf } from '@chartferry/core'
import { count } from '@chartferry/core/internal'
import { LRUCache } from 'lru-cache'
import type { StoredFile } from '../cache/archive-cache.ts'
import type { ChartRepository, FileAnswer } from '../repository/chart-repository.ts'
import { type HostedIndex, type HostedIndexOptions, hostedIndex } from './hosted-index.ts'
import type { HostedStore, HostedView } from './hosted-store.ts'

/** Hosted repositories by their names. */
export interface HostedRepositories extends ChartRepository {
  /** Throws REPOSITORY_NOT_FOUND unless charts can be pushed there. */
  check(repository: string): void
  /** As `index`, with the parts from which it is made. */
  snapshot(repository: string): Promise<HostedIndex>
}

export interface HostedRepositoriesOptions {
  readonly store: HostedStore
  /** Which names there are. */
  readonly has: (repository: string) => boolean
  /** How the index of a repository is made. Default: with URLs relative to it. */
  readonly indexOptions?: (repository: string) => HostedIndexOptions
}

/** Files up to so many bytes are held in memory, all together up to so many. */
const cached = { file: 256 * 1024, all: 16 * 1024 * 1024 }

/** Texts of indexes are held for so many repositories; others are put together again. */
const mostHeld = 200

/** Serves hosted repositories. */
export function hostedRepositories(options: HostedRepositoriesOptions): HostedRepositories {
  const { store, has, indexOptions = () => ({}) } = options
  const indexes = new LRUCache<string, { readonly revision: string; readonly index: HostedIndex }>({ max: mostHeld })

  const small = new LRUCache<string, Buffer>({ maxSize: cached.all })

  /** Bytes are held by their digest, and have it: whichever repository asks for them gets the same. */
  function inMemory(file: StoredFile): StoredFile {
    const { size, digest } = file
    if (size > cached.file) return file
    return {
      size,
      digest,
      open: async (range) => {
        const bytes = small.get(digest) ?? (await read(file))
        return range === undefined ? bytes : bytes?.subarray(range.start, range.end + 1)
      },
    }
  }

  async function read(file: StoredFile): Promise<Buffer | undefined> {
    const body = await file.open()
    if (body === undefined) return undefined
    const bytes = Buffer.isBuffer(body) ? body : Buffer.concat(await body.toArray())
    if (digestOf(bytes) !== file.digest)
      throw new ChartferryError('DIGEST_MISMATCH', 'the bytes of the archive have changed in the store')
    small.set(file.digest, bytes, { size: bytes.length + 200 })
    return bytes
  }

  function check(repository: string): void {
    if (!has(repository)) throw new ChartferryError('REPOSITORY_NOT_FOUND', `no hosted repository "${repository}"`)
  }

  async function view(repository: string, fresh = false): Promise<HostedView> {
    check(repository)
    return store.view(repository, { fresh })
  }

  async function snapshot(repository: string): Promise<HostedIndex> {
    const state = await view(repository)
    const known = indexes.get(repository)
    if (known?.revision === state.revision) return known.index
    const index = hostedIndex(state, indexOptions(repository), known?.index)
    indexes.set(repository, { revision: state.revision, index })
    return index
  }

  /** What another process has just acknowledged is there for who asks for it by name. */
  async function find<Found>(repository: string, look: (state: HostedView) => Found | undefined): Promise<Found> {
    const found = look(await view(repository)) ?? look(await view(repository, true))
    if (found === undefined) throw new ChartferryError('CHART_NOT_FOUND', 'object not found')
    return found
  }

  return {
    check,
    snapshot,
    index: async (repository) => {
      const index = await snapshot(repository)
      return store.isStale(repository) ? { snapshot: index, cache: 'STALE' } : { snapshot: index }
    },
    revision: async (repository) => {
      const { revision } = await view(repository)
      return store.isStale(repository) ? { revision, cache: 'STALE' } : { revision }
    },
    archive: async (repository, path): Promise<FileAnswer> => ({
      file: inMemory(store.archive(await find(repository, ({ files }) => files.get(path)))),
      immutable: false,
    }),
    provenance: async (repository, path): Promise<FileAnswer> => ({
      file: store.provenance(await find(repository, ({ provenances }) => provenances.get(path))),
      immutable: false,
    }),
    // What was deleted is gone, whatever was made of it; what was replaced is another archive.
    shows: async (repository, path, digest) => (await view(repository)).files.get(path)?.digest === digest,
    // What was pushed is replaced by those alone who may push.
    changes: async (repository) => {
      await view(repository)
      return []
    },
    status: async (repository) => {
      const { charts, files } = await view(repository)
      return {
        name: repository,
        kind: 'hosted',
        source: 'push charts here',
        state: `${count(charts.size, 'chart')}${store.isStale(repository) ? ' · the store is away' : ''}`,
        charts: charts.size,
        versions: files.size,
      }
    },
  }
}
