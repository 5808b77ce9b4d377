// Sends each question to the proxy that has the repository.
import { ChartferryError } from '@chartferry/core'
import type { RepositoryProxy } from './repository-proxy.ts'

/** One proxy made of several; the map says which of them has a repository. */
export function dispatch(proxies: ReadonlyMap<string, RepositoryProxy>): RepositoryProxy {
  const of = (repository: string): RepositoryProxy => {
    const proxy = proxies.get(repository)
    if (proxy === undefined) throw new ChartferryError('REPOSITORY_NOT_FOUND', `no repository "${repository}"`)
    return proxy
  }
  return {
    index: async (repository, options) => of(repository).index(repository, options),
    archive: async (repository, path, options) => of(repository).archive(repository, path, options),
    provenance: async (repository, path, options) => of(repository).provenance(repository, path, options),
    changes: async (repository, options) => of(repository).changes(repository, options),
    status: async (repository, options) => of(repository).status(repository, options),
  }
}
