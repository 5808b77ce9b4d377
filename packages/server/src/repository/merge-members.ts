// The index of a group, a chart at a time: what is not asked for is not merged, and what did not change is not merged
// again.
import type { ChartVersion, IndexForm } from '@chartferry/core/helm'
import { type CompactChart, type CompactIndex, compactChart, compactIndex } from '@chartferry/core/internal'
import { compactSnapshot, inTurns, type TextMemory } from './compact-snapshot.ts'
import { addEntries, type Entries } from './entries.ts'
import type { IndexSnapshot } from './index-snapshot.ts'
import { lazyMap } from './lazy-map.ts'

/** A member of a group, and what it shows. */
export interface Member {
  readonly name: string
  readonly snapshot: IndexSnapshot
  /** Whether it may not show a name. */
  readonly isHidden: (chart: string) => boolean
  /** Equal ones mean that the same names are hidden. */
  readonly hiding: string
}

export interface MergeOptions {
  /** Of equal versions that of the first one counts. */
  readonly members: readonly Member[]
  readonly texts: TextMemory
  /** What the group was before: equal charts are taken from there. Default: nothing. */
  readonly before?: Merged | undefined
  /** Told how many charts were merged for a text. Default: nobody is. */
  readonly onMerged?: ((charts: number) => void) | undefined
}

/** A state that was merged as a whole. */
export interface Base {
  readonly compact: CompactIndex
  /** Equal ones mean that a chart has the same versions; undefined where that is not known. */
  readonly sourcesOf: (chart: string) => string | undefined
}

/** The merged index, and how to tell its next state. */
export interface Merged {
  readonly snapshot: IndexSnapshot
  /** What was merged for a text: this state, or an earlier one where nobody has asked for this one's. */
  base(): Base | undefined
}

/** Merges nothing yet. */
export function mergeMembers({ members, texts, before, onMerged }: MergeOptions): Merged {
  const owners = new Map<string, Member[]>()
  for (const member of members) {
    for (const chart of member.snapshot.index.entries.keys()) {
      if (member.isHidden(chart)) continue
      const known = owners.get(chart)
      if (known === undefined) owners.set(chart, [member])
      else known.push(member)
    }
  }
  const sources = new Map([...owners].map(([chart, all]) => [chart, sourcesIn(all, chart)]))
  const names = [...owners.keys()]
  const modified = Math.max(0, ...members.map(({ snapshot }) => snapshot.modified))
  const versions = members.reduce((sum, { snapshot }) => sum + snapshot.versions, 0)
  const sourcesOf = (chart: string): string | undefined => sources.get(chart)
  let older = before?.base()
  let whole: IndexSnapshot | undefined
  let making: Promise<IndexSnapshot> | undefined

  function merge(chart: string): readonly ChartVersion[] {
    let entries: Entries = new Map()
    for (const { name, snapshot, isHidden } of owners.get(chart) ?? []) {
      // A hidden name may stand under another key of the index.
      const given = (snapshot.index.entries.get(chart) ?? [])
        .filter((entry) => entry.name === chart || !isHidden(entry.name))
        .map((entry) => ({ chart, entry: under(name, entry) }))
      entries = addEntries(entries, given)
    }
    return entries.get(chart) ?? []
  }

  async function makeWhole(): Promise<IndexSnapshot> {
    const charts: [string, CompactChart][] = []
    let merged = 0
    await inTurns(names, (name) => {
      const source = sources.get(name)
      const same =
        source !== undefined && older?.sourcesOf(name) === source ? older.compact.charts.get(name) : undefined
      const chart = same ?? compactChart(name, merge(name))
      if (same === undefined) merged++
      if (chart.count > 0) charts.push([name, chart])
    })
    onMerged?.(merged)
    whole = compactSnapshot(compactIndex({ apiVersion: 'v1' }, charts), modified, texts)
    // All is in it.
    older = undefined
    owners.clear()
    return whole
  }

  const entries = lazyMap(names, (name) => whole?.index.entries.get(name) ?? merge(name))
  return {
    base: () => (whole?.compact === undefined ? older : { compact: whole.compact, sourcesOf }),
    snapshot: {
      index: { apiVersion: 'v1', entries, skipped: [] },
      modified,
      versions,
      unanswered: new Set(),
      text: async (form: IndexForm, gzipped: boolean) => {
        making ??= makeWhole()
        making.catch(() => {
          making = undefined
        })
        return (await making).text(form, gzipped)
      },
    },
  }
}

function sourcesIn(members: readonly Member[], chart: string): string | undefined {
  const all = members.map(({ name, hiding, snapshot }) => [name, hiding, snapshot.chartDigest?.(chart)])
  return all.some(([, , digest]) => digest === undefined) ? undefined : all.flat().join(' ')
}

/** An entry whose first URL leads through the group to the member; one that leads elsewhere stays. */
function under(member: string, entry: ChartVersion): ChartVersion {
  const [url = ''] = entry.urls
  if (!url.startsWith('charts/')) return entry
  return { ...entry, urls: [`charts/${member}/${url.slice('charts/'.length)}`] }
}
