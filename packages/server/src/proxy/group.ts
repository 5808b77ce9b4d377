// Several repositories under one URL: the first member that has a version gives it.
import { ChartferryError, type ChartVersion, messageOf } from '@chartferry/core'
import type { GroupRepositoryConfig } from '../config/config.ts'
import { addEntries, type Entries } from './compare-entries.ts'
import { type IndexSnapshot, indexSnapshot } from './index-snapshot.ts'
import { namePatterns } from './name-pattern.ts'
import type { CacheState, IndexAnswer, ProxyOptions, RepositoryProxy } from './repository-proxy.ts'
import { countOf } from './upstream-state.ts'

export interface GroupOptions {
  readonly groups: ReadonlyMap<string, GroupRepositoryConfig>
  /** Has the members. */
  readonly members: RepositoryProxy
  /** Told about a member that gives nothing. */
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
}

interface Part {
  readonly member: string
  readonly answer: IndexAnswer
}

interface Merged {
  readonly parts: readonly IndexSnapshot[]
  readonly snapshot: IndexSnapshot
}

/** From the best to the worst: a group is as good as its worst member. */
const states: readonly CacheState[] = ['HIT', 'REVALIDATED', 'MISS', 'STALE']

/** Serves the groups given. Each member keeps its own freshness, filter and rules. */
export function groupRepositories({ groups, members, warn }: GroupOptions): RepositoryProxy {
  const merged = new Map<string, Merged>()

  function group(repository: string): GroupRepositoryConfig {
    const found = groups.get(repository)
    if (found === undefined) throw new ChartferryError('REPOSITORY_NOT_FOUND', `no group "${repository}"`)
    return found
  }

  /** What the members answer. One that gives nothing is left out, unless all do: then its failure is the group's. */
  async function ask(repository: string, options: ProxyOptions | undefined): Promise<readonly Part[]> {
    const names = group(repository).members
    const answers = await Promise.allSettled(names.map((member) => members.index(member, options)))
    const parts: Part[] = []
    for (const [at, answer] of answers.entries()) {
      const member = names[at] ?? ''
      if (answer.status === 'fulfilled') parts.push({ member, answer: answer.value })
      else warn('a member of a group gives nothing', { repository, member, error: messageOf(answer.reason) })
    }
    const [first] = answers
    if (parts.length === 0 && first?.status === 'rejected') throw first.reason
    return parts
  }

  function merge(repository: string, parts: readonly Part[]): IndexSnapshot {
    const snapshots = parts.map(({ answer }) => answer.snapshot)
    const known = merged.get(repository)
    if (known?.parts.length === snapshots.length && known.parts.every((part, at) => part === snapshots[at]))
      return known.snapshot
    const { reserved } = group(repository)
    const owners = [...reserved].map(([owner, patterns]) => ({ owner, owns: namePatterns(patterns) }))
    let entries: Entries = new Map()
    for (const { member, answer } of parts) {
      // A reserved name is its owner's alone, also when the owner has no such chart or gives nothing now.
      const isOthers = (chart: string): boolean => owners.some(({ owner, owns }) => owner !== member && owns(chart))
      const given = [...answer.snapshot.index.entries].flatMap(([chart, versions]) =>
        versions
          .filter(({ name }) => !isOthers(chart) && !isOthers(name))
          .map((entry) => ({ chart, entry: under(member, entry) })),
      )
      entries = addEntries(entries, given)
    }
    const modified = Math.max(0, ...snapshots.map((snapshot) => snapshot.modified))
    const snapshot = indexSnapshot({ apiVersion: 'v1', entries, skipped: [] }, modified)
    merged.set(repository, { parts: snapshots, snapshot })
    return snapshot
  }

  /** The member of a path, and what its own path is. Throws CHART_NOT_FOUND. */
  function memberOf(repository: string, path: string): readonly [member: string, path: string] {
    const [member = '', ...rest] = path.split('/')
    if (group(repository).members.includes(member) && rest.length > 0) return [member, rest.join('/')]
    throw new ChartferryError('CHART_NOT_FOUND', `group "${repository}" has no archive "${path}"`)
  }

  return {
    index: async (repository, options) => {
      const parts = await ask(repository, options)
      const isWhole = parts.length === group(repository).members.length
      const worst = Math.max(
        0,
        ...parts.map(({ answer: { cache } }) => (cache === undefined ? 0 : states.indexOf(cache))),
      )
      return {
        snapshot: merge(repository, parts),
        cache: isWhole ? (states[worst] ?? 'HIT') : 'STALE',
        age: Math.max(0, ...parts.map(({ answer }) => answer.age ?? 0)),
      }
    },
    archive: async (repository, path, options) => members.archive(...memberOf(repository, path), options),
    provenance: async (repository, path, options) => members.provenance(...memberOf(repository, path), options),
    changes: async (repository) => {
      const all = await Promise.all(group(repository).members.map((member) => members.changes(member)))
      return all.flat().sort((a, b) => (a.seenAt < b.seenAt ? 1 : -1))
    },
    status: async (repository) => {
      const names = group(repository).members
      return { name: repository, kind: 'group', source: names.join(', '), state: countOf(names.length, 'member') }
    },
  }
}

/** An entry whose first URL leads through the group to the member; one that leads elsewhere stays. */
function under(member: string, entry: ChartVersion): ChartVersion {
  const [url = ''] = entry.urls
  if (!url.startsWith('charts/')) return entry
  return { ...entry, urls: [`charts/${member}/${url.slice('charts/'.length)}`] }
}
