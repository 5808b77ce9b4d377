// Two states of an upstream's index held beside each other: what is gone, and what changed under its name.

import { ChartferryError } from '@chartferry/core'
import { type ChartVersion, compareVersions, parseVersion } from '@chartferry/core/helm'
import type { NamedEntry } from '../cache/retained-entries.ts'
import type { ChangedEntry } from './change-ledger.ts'

/** By the key of `entries`, newest first. */
export type Entries = ReadonlyMap<string, readonly ChartVersion[]>

/**
 * Throws INDEX_SHRUNK when more than a share of the versions (0 to 1) is gone, or all of them are; a share of 1
 * believes anything.
 */
export function checkLoss(before: Entries, after: Entries, mayLose: number, where: string): void {
  if (mayLose >= 1) return
  const had = countOf(before)
  const lost = droppedEntries(before, after).length
  if (lost === 0 || (countOf(after) > 0 && lost <= had * mayLose)) return
  throw new ChartferryError('INDEX_SHRUNK', `${where}: lacks ${lost} of the ${had} versions of the last one`, {
    details: { lost, had },
  })
}

/** The entries that are no more. */
export function droppedEntries(before: Entries, after: Entries): NamedEntry[] {
  return [...before].flatMap(([chart, versions]) => {
    const there = new Set(after.get(chart)?.map(({ version }) => version))
    return versions.filter(({ version }) => !there.has(version)).map((entry) => ({ chart, entry }))
  })
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

function countOf(entries: Entries): number {
  let count = 0
  for (const versions of entries.values()) count += versions.length
  return count
}

/** The entries whose digest is another one, or is no more. One that had none cannot be compared. */
export function changedEntries(before: Entries, after: Entries): ChangedEntry[] {
  return [...before].flatMap(([chart, versions]) => {
    const now = new Map(after.get(chart)?.map((entry) => [entry.version, entry]))
    return versions.flatMap((entry) => {
      const found = now.get(entry.version)
      const same = found === undefined || entry.digest === undefined || found.digest === entry.digest
      return same ? [] : [{ chart, entry, after: found }]
    })
  })
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
