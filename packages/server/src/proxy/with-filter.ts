// Shows a part of a repository: what is filtered out is neither in the index nor to be had by its path.
import { ChartferryError } from '@chartferry/core'
import type { FilterConfig } from '../config/config.ts'
import { servedPath } from './chart-path.ts'
import { filterEntries } from './filter-entries.ts'
import { type IndexSnapshot, indexSnapshot } from './index-snapshot.ts'
import type { ProxyOptions, RepositoryProxy, Wrap } from './repository-proxy.ts'

interface Filtered {
  readonly snapshot: IndexSnapshot
  /** The paths behind `charts/` that are shown. */
  readonly paths: ReadonlySet<string>
  /** Milliseconds since 1970: as long as it is right. */
  readonly until: number
}

/** Filters the repositories named; others pass as they are. `now` gives milliseconds since 1970. */
export function withFilter(filters: ReadonlyMap<string, FilterConfig>, now: () => number): Wrap {
  const made = new Map([...filters.keys()].map((name) => [name, new WeakMap<IndexSnapshot, Filtered>()]))

  function filtered(repository: string, filter: FilterConfig, whole: IndexSnapshot): Filtered {
    const known = made.get(repository)?.get(whole)
    if (known !== undefined && now() < known.until) return known
    const { entries, until } = filterEntries(whole.index.entries, filter, now())
    const paths = new Set<string>()
    for (const versions of entries.values()) {
      for (const { urls } of versions) {
        const path = servedPath(urls[0])
        if (path !== undefined) paths.add(path)
      }
    }
    // A version that has come of age changes the index as a new one does.
    const modified = known === undefined ? whole.modified : Math.max(whole.modified, known.until)
    const result = { snapshot: indexSnapshot({ ...whole.index, entries }, modified), paths, until }
    made.get(repository)?.set(whole, result)
    return result
  }

  return (next): RepositoryProxy => {
    async function checkShown(repository: string, path: string, options: ProxyOptions | undefined): Promise<void> {
      const filter = filters.get(repository)
      if (filter === undefined) return
      const { snapshot } = await next.index(repository, { ...options, anyAge: true })
      if (filtered(repository, filter, snapshot).paths.has(path)) return
      throw new ChartferryError('CHART_NOT_FOUND', `repository "${repository}" does not show the archive "${path}"`)
    }
    return {
      ...next,
      index: async (repository, options) => {
        const answer = await next.index(repository, options)
        const filter = filters.get(repository)
        if (filter === undefined) return answer
        return { ...answer, snapshot: filtered(repository, filter, answer.snapshot).snapshot }
      },
      archive: async (repository, path, options) => {
        await checkShown(repository, path, options)
        return next.archive(repository, path, options)
      },
      provenance: async (repository, path, options) => {
        await checkShown(repository, path, options)
        return next.provenance(repository, path, options)
      },
    }
  }
}
