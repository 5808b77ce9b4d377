// The entries of an index as all repositories handle them, and what is done to whole lists of them.
import { type ChartVersion, compareVersions, parseVersion } from '@chartferry/core/helm'

/** By the key of `entries`, newest first. */
export type Entries = ReadonlyMap<string, readonly ChartVersion[]>

/** An entry under the key of `entries` that it stands at. */
export interface NamedEntry {
  readonly chart: string
  readonly entry: ChartVersion
}

/**
 * The entries together with those added; where a version is in both, the index's own counts. Takes time in proportion
 * to how many there are.
 */
export function addEntries(entries: Entries, added: readonly NamedEntry[]): Entries {
  const all = new Map(entries)
  let isChanged = false
  for (const [chart, more] of Map.groupBy(added, (named) => named.chart)) {
    const own = entries.get(chart) ?? []
    const there = new Set(own.map(({ version }) => version))
    const missing = more.filter(({ entry: { version } }) => !there.has(version)).map(({ entry }) => entry)
    if (missing.length === 0) continue
    isChanged = true
    all.set(chart, newestFirst([...own, ...missing]))
  }
  return isChanged ? all : entries
}

function newestFirst(versions: readonly ChartVersion[]): ChartVersion[] {
  return versions
    .flatMap((entry) => {
      const order = parseVersion(entry.version)
      return order === undefined ? [] : [{ entry, order }]
    })
    .sort((a, b) => compareVersions(b.order, a.order))
    .map(({ entry }) => entry)
}

/**
 * The entries with those given in place of the ones of their version, the last of several; versions that are not there
 * stay away. Takes time in proportion to how many there are.
 */
export function replaceEntries(entries: Entries, given: readonly NamedEntry[]): Entries {
  if (given.length === 0) return entries
  const all = new Map(entries)
  for (const [chart, some] of Map.groupBy(given, (named) => named.chart)) {
    const versions = all.get(chart)
    if (versions === undefined) continue
    const instead = new Map(some.map(({ entry }) => [entry.version, entry]))
    all.set(
      chart,
      versions.map((old) => instead.get(old.version) ?? old),
    )
  }
  return all
}
