// A few charts of a large index, for clients that need no more: a snapshot of its own, made once.
import type { ChartVersion } from '@chartferry/core/helm'
import { LRUCache } from 'lru-cache'
import { type IndexSnapshot, indexSnapshot } from './index-snapshot.ts'

/** All selections of one snapshot together hold at most as many versions as it has itself, and these. */
const spare = 1000

const selections = new WeakMap<IndexSnapshot, LRUCache<string, IndexSnapshot>>()

/** The snapshot with these charts only, in the order of the index; undefined when it has none of them. */
export function selectCharts(snapshot: IndexSnapshot, names: readonly string[]): IndexSnapshot | undefined {
  const wanted = new Set(names)
  const key = JSON.stringify([...wanted].sort())
  const made = selections.get(snapshot) ?? new LRUCache({ maxSize: snapshot.versions + spare })
  selections.set(snapshot, made)
  const known = made.get(key)
  if (known !== undefined) return known
  const entries = new Map<string, readonly ChartVersion[]>(
    [...snapshot.index.entries.keys()].flatMap((chart) => {
      const versions = wanted.has(chart) ? snapshot.index.entries.get(chart) : undefined
      return versions === undefined || versions.length === 0 ? [] : [[chart, versions] as const]
    }),
  )
  if (entries.size === 0) return undefined
  const selected = indexSnapshot({ ...snapshot.index, entries }, snapshot.modified, { unanswered: snapshot.unanswered })
  made.set(key, selected, { size: selected.versions + 1 })
  return selected
}
