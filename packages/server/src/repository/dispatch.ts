// Sends each question to the found that has the repository.
import { ChartferryError } from '@chartferry/core'
import type { ChartRepository } from './chart-repository.ts'

/** One found made of several; the map says which of them has a repository. */
export function dispatch(repositories: ReadonlyMap<string, ChartRepository>): ChartRepository {
  const of = (repository: string): ChartRepository => {
    const found = repositories.get(repository)
    if (found === undefined) throw new ChartferryError('REPOSITORY_NOT_FOUND', `no repository "${repository}"`)
    return found
  }
  return {
    index: async (repository, options) => of(repository).index(repository, options),
    revision: async (repository, options) => of(repository).revision?.(repository, options),
    archive: async (repository, path, options) => of(repository).archive(repository, path, options),
    provenance: async (repository, path, options) => of(repository).provenance(repository, path, options),
    shows: async (repository, path, digest, options) =>
      (await of(repository).shows?.(repository, path, digest, options)) ?? true,
    changes: async (repository, options) => of(repository).changes(repository, options),
    status: async (repository, options) => of(repository).status(repository, options),
  }
}
