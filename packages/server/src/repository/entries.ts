// The entries of an index as all repositories handle them, and what is done to whole lists of them.
import { type ChartVersion, compareVersions, parseVersion } from '@chartferry/core/helm'

/** By the key of `entries`, newest first. */
export type Entries = ReadonlyMap<string, readonly ChartVersion[]>

/** An entry under the key of `entries` that it stands at. */
export interface NamedEntry {
  readonly chart: string
  readonly entry: ChartVersion
}

/** The entries together with those added; where a version is in both, the index's own counts. */
export function addEntries(entries: Entries, added: readonly NamedEntry[]): Entries {
  const missing = added.filter(
    ({ chart, entry }) => !entries.get(chart)?.some(({ version }) => version === entry.version),
  )
  if (missing.length === 0) return entries
  const all = new Map(entries)
  for (const [chart, more] of Map.groupBy(missing, (named) => named.chart)) {
    all.set(chart, newestFirst([...(entries.get(chart) ?? []), ...more.map(({ entry }) => entry)]))
  }
  return all
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

/** How many versions there are. */
export function countVersions(entries: Entries): number {
  let count = 0
  for (const versions of entries.values()) count += versions.length
  return count
}

/** The entries with those given in place of the ones of their version; versions that are not there stay away. */
export function replaceEntries(entries: Entries, given: readonly NamedEntry[]): Entries {
  if (given.length === 0) return entries
  const all = new Map(entries)
  for (const { chart, entry } of given) {
    const versions = all.get(chart)
    if (versions !== undefined)
      all.set(
        chart,
        versions.map((old) => (old.version === entry.version ? entry : old)),
      )
  }
  return all
}
