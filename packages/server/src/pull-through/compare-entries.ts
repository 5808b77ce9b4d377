// Two states of an upstream's index held beside each other: what is gone, and what changed under its name.

import { ChartferryError } from '@chartferry/core'
import type { Entries, NamedEntry } from '../repository/entries.ts'
import type { ChangedEntry } from './change-ledger.ts'

/**
 * Throws INDEX_SHRUNK when more than a share of the versions (0 to 1) is gone, or all of them are; a share of 1
 * believes anything.
 */
export function checkLoss(
  { had, lost, left }: { readonly had: number; readonly lost: number; readonly left: number },
  mayLose: number,
  where: string,
): void {
  if (mayLose >= 1 || lost === 0 || (left > 0 && lost <= had * mayLose)) return
  throw new ChartferryError('INDEX_SHRUNK', `${where}: lacks ${lost} of the ${had} versions of the last one`, {
    details: { lost, had },
  })
}

/** The entries that are no more. */
export function findDropped(before: Entries, after: Entries): NamedEntry[] {
  return [...before].flatMap(([chart, versions]) => {
    const there = new Set(after.get(chart)?.map(({ version }) => version))
    return versions.filter(({ version }) => !there.has(version)).map((entry) => ({ chart, entry }))
  })
}

/** The entries whose digest is another one, or is no more. One that had none cannot be compared. */
export function findChanged(before: Entries, after: Entries): ChangedEntry[] {
  return [...before].flatMap(([chart, versions]) => {
    const now = new Map(after.get(chart)?.map((entry) => [entry.version, entry]))
    return versions.flatMap((entry) => {
      const found = now.get(entry.version)
      const same = found === undefined || entry.digest === undefined || found.digest === entry.digest
      return same ? [] : [{ chart, entry, after: found }]
    })
  })
}
