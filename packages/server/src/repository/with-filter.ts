// Shows of a repository what its filter leaves.
import type { FilterConfig } from '../config/config.ts'
import type { Wrap } from './chart-repository.ts'
import { keepVersions, pathsOf, type TextMemory } from './compact-snapshot.ts'
import { entryFilter } from './filter-entries.ts'
import { type IndexSnapshot, isSameIndex } from './index-snapshot.ts'
import { type ShownPart, showPart } from './show-part.ts'

interface Filtered extends ShownPart {
  /** Milliseconds since 1970: as long as it is right. */
  readonly until: number
}

/** Filters the repositories named; others pass as they are. `now` gives milliseconds since 1970. */
export function withFilter(filters: ReadonlyMap<string, FilterConfig>, now: () => number, texts: TextMemory): Wrap {
  const made = new Map<string, { readonly whole: IndexSnapshot; readonly filtered: Promise<Filtered> }>()

  async function make(filter: FilterConfig, whole: IndexSnapshot, before: Filtered | undefined): Promise<Filtered> {
    const { keep, until } = entryFilter(filter, now())
    // A version that has come of age changes the index as a new one does.
    const modified = before === undefined ? whole.modified : Math.max(whole.modified, before.until)
    const snapshot = await keepVersions(whole, modified, texts, keep)
    return { snapshot, paths: pathsOf(snapshot), until: until() }
  }

  async function filtered(repository: string, filter: FilterConfig, whole: IndexSnapshot): Promise<Filtered> {
    const known = made.get(repository)
    const before = known !== undefined && isSameIndex(known.whole, whole) ? await known.filtered : undefined
    if (before !== undefined && now() < before.until) return before
    const filtered = make(filter, whole, before)
    made.set(repository, { whole, filtered })
    filtered.catch(() => made.delete(repository))
    return filtered
  }

  return (next) => showPart(next, { rules: filters, partOf: filtered, isSteady: ({ minAge }) => minAge === 0 })
}
