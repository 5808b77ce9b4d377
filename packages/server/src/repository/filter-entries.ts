// Which charts and versions of a repository are shown.
import { type ChartVersion, parseVersion, parseVersionRange } from '@chartferry/core/helm'
import type { FilterConfig } from '../config/config.ts'
import type { Entries } from './entries.ts'
import { namePatterns } from './name-pattern.ts'

export interface EntryFilter {
  /** The versions of a chart that are shown, in their order. */
  readonly keep: (chart: string, versions: readonly ChartVersion[]) => readonly ChartVersion[]
  /**
   * Milliseconds since 1970: when a version that was left out for being too young is old enough; Infinity when there
   * was none.
   */
  readonly until: () => number
}

/** Takes the time in milliseconds since 1970. Throws VERSION_INVALID for a range that is none. */
export function entryFilter(filter: FilterConfig, now: number): EntryFilter {
  const allowed = filter.allow === undefined ? () => true : namePatterns(filter.allow)
  const denied = namePatterns(filter.deny ?? [])
  const inRange = filter.versions === undefined ? () => true : parseVersionRange(filter.versions)
  let until = Number.POSITIVE_INFINITY
  const isShown = (entry: ChartVersion): boolean => {
    const version = parseVersion(entry.version)
    if (version === undefined || !inRange(version)) return false
    if (!filter.prereleases && version.prerelease.length > 0) return false
    if (!filter.deprecated && entry.fields.deprecated === true) return false
    const ripe = Date.parse(entry.created ?? '') + filter.minAge
    // Without a date there is no age to wait for.
    if (Number.isNaN(ripe) || ripe <= now) return true
    until = Math.min(until, ripe)
    return false
  }
  return {
    keep: (chart, versions) =>
      !allowed(chart) || denied(chart) ? [] : versions.filter(isShown).slice(0, filter.newest),
    until: () => until,
  }
}

/** The entries that are shown. Throws as `entryFilter`. */
export function filterEntries(entries: Entries, filter: FilterConfig, now: number): Entries {
  const { keep } = entryFilter(filter, now)
  return new Map(
    [...entries]
      .map(([chart, versions]) => [chart, keep(chart, versions)] as const)
      .filter(([, { length }]) => length > 0),
  )
}
