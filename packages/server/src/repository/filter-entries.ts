// Which charts and versions of a repository are shown.
import { type ChartVersion, parseVersion, parseVersionRange } from '@chartferry/core/helm'
import type { FilterConfig } from '../config/config.ts'
import type { Entries } from './entries.ts'
import { namePatterns } from './name-pattern.ts'

export interface FilteredEntries {
  readonly entries: Entries
  /** Milliseconds since 1970: when a version that is too young is old enough; Infinity when there is none. */
  readonly until: number
}

/** Takes entries and the time, in milliseconds since 1970. Throws VERSION_INVALID for a range that is none. */
export function filterEntries(entries: Entries, filter: FilterConfig, now: number): FilteredEntries {
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
  const shown = new Map<string, readonly ChartVersion[]>()
  for (const [chart, versions] of entries) {
    if (!allowed(chart) || denied(chart)) continue
    const left = versions.filter(isShown).slice(0, filter.newest)
    if (left.length > 0) shown.set(chart, left)
  }
  return { entries: shown, until }
}
