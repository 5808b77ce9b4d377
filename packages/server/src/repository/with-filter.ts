// Shows of a repository what its filter leaves.
import type { FilterConfig } from '../config/config.ts'
import { servedPath } from './chart-path.ts'
import type { Wrap } from './chart-repository.ts'
import { filterEntries } from './filter-entries.ts'
import { type IndexSnapshot, indexSnapshot } from './index-snapshot.ts'
import { type ShownPart, showPart } from './show-part.ts'

interface Filtered extends ShownPart {
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
    const result = {
      snapshot: indexSnapshot({ ...whole.index, entries }, modified, { unanswered: whole.unanswered }),
      paths,
      until,
    }
    made.get(repository)?.set(whole, result)
    return result
  }

  return (next) => showPart(next, { rules: filters, partOf: filtered, isSteady: ({ minAge }) => minAge === 0 })
}
