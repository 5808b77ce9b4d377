// Several repositories under one URL: the first member that has a version gives it.

import { ChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import { LRUCache } from 'lru-cache'
import { type Access, anonymous, type Caller } from '../auth/access.ts'
import type { GroupRepositoryConfig } from '../config/config.ts'
import type { AskOptions, CacheState, ChartRepository, IndexAnswer } from './chart-repository.ts'
import { textMemory } from './compact-snapshot.ts'
import { countOf } from './count-of.ts'
import { type IndexSnapshot, isSameIndex } from './index-snapshot.ts'
import { type Merged, mergeMembers } from './merge-members.ts'
import { namePatterns } from './name-pattern.ts'

export interface GroupOptions {
  readonly groups: ReadonlyMap<string, GroupRepositoryConfig>
  /** Says which members a caller may pull from: the others are as if they were not there. */
  readonly access: Pick<Access, 'allows'>
  /** Has the members. */
  readonly members: ChartRepository
  /** Bytes of texts that are sent without compression, held in memory. */
  readonly memory: number
  /** Told how many charts of a group were merged for its text. Default: nobody is. */
  readonly onMerged?: ((repository: string, charts: number) => void) | undefined
  /** Told about a member that gives nothing. */
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
}

type Worst = Pick<Required<IndexAnswer>, 'cache' | 'age'>

interface Recalled {
  /** Undefined where only reading tells. */
  readonly revisions: readonly string[] | undefined
  readonly worst: Worst | undefined
  readonly answer: IndexAnswer | undefined
}

interface Part {
  readonly member: string
  readonly answer: IndexAnswer
}

interface State {
  /** Of the members that it was made from. */
  readonly revisions: readonly string[] | undefined
  readonly parts: readonly WeakRef<IndexSnapshot>[]
  readonly merged: Merged
}

/** Groups, as several callers see them, whose index is remembered: each takes a tenth of its text. */
const remembered = 50

/** From the best to the worst: a group is as good as its worst member. */
const byWorth: readonly CacheState[] = ['HIT', 'REVALIDATED', 'MISS', 'STALE']

/** Serves the groups given. Each member keeps its own freshness, filter and rules. */
export function groupRepositories({ groups, access, members, memory, onMerged, warn }: GroupOptions): ChartRepository {
  // By group and by the members that a caller may pull from: there are few of either.
  const states = new LRUCache<string, State>({ max: remembered })
  const texts = textMemory(memory)

  function group(repository: string): GroupRepositoryConfig {
    const found = groups.get(repository)
    if (found === undefined) throw new ChartferryError('REPOSITORY_NOT_FOUND', `no group "${repository}"`)
    return found
  }

  function membersFor(repository: string, caller: Caller = anonymous): readonly string[] {
    return group(repository).members.filter((member) => access.allows(caller, 'pull', member))
  }

  /** What the members answer. One that gives nothing is left out, unless all do: then its failure is the group's. */
  async function ask(names: readonly string[], repository: string, options: AskOptions = {}): Promise<readonly Part[]> {
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

  /** What was made of the same states of the same members, told without reading any of them. */
  async function recall(
    names: readonly string[],
    repository: string,
    options: AskOptions | undefined,
  ): Promise<Recalled> {
    const none = { revisions: undefined, worst: undefined, answer: undefined }
    const asked = await Promise.allSettled(names.map(async (member) => members.revision?.(member, options)))
    const found = asked.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : []))
    if (found.length < names.length) return none
    const revisions = found.map(({ revision }) => revision)
    const known = states.get(keyOf(repository, names))
    const worst = worstOf(found)
    if (known?.revisions?.join() !== revisions.join()) return { revisions, worst, answer: undefined }
    return { revisions, worst, answer: { snapshot: known.merged.snapshot, ...worst } }
  }

  function merge(repository: string, parts: readonly Part[], revisions: readonly string[] | undefined): IndexSnapshot {
    const snapshots = parts.map(({ answer }) => answer.snapshot)
    const key = keyOf(
      repository,
      parts.map(({ member }) => member),
    )
    const known = states.get(key)
    // Somebody else was told the same, and has merged meanwhile.
    if (revisions !== undefined && known?.revisions?.join() === revisions.join()) return known.merged.snapshot
    const isSame =
      known?.parts.length === snapshots.length &&
      snapshots.every((snapshot, at) => isSameIndex(known.parts[at]?.deref(), snapshot))
    if (isSame) {
      states.set(key, { ...known, revisions })
      return known.merged.snapshot
    }
    const { reserved } = group(repository)
    const owners = [...reserved].map(([owner, patterns]) => ({ owner, owns: namePatterns(patterns) }))
    const merged = mergeMembers({
      members: parts.map(({ member, answer }) => ({ name: member, snapshot: answer.snapshot })),
      // A reserved name is its owner's alone, also when the owner has no such chart or gives nothing now.
      isReserved: (member, chart) => owners.some(({ owner, owns }) => owner !== member && owns(chart)),
      texts,
      before: known?.merged,
      onMerged: onMerged && ((charts) => onMerged(repository, charts)),
    })
    states.set(key, { revisions, parts: snapshots.map((snapshot) => new WeakRef(snapshot)), merged })
    return merged.snapshot
  }

  /** The member of a path, and what its own path is. Throws CHART_NOT_FOUND. */
  function memberOf(
    repository: string,
    path: string,
    caller: Caller | undefined,
  ): readonly [member: string, path: string] {
    const [member = '', ...rest] = path.split('/')
    if (membersFor(repository, caller).includes(member) && rest.length > 0) return [member, rest.join('/')]
    throw new ChartferryError('CHART_NOT_FOUND', `group "${repository}" has no archive "${path}"`)
  }

  return {
    index: async (repository, options) => {
      const names = membersFor(repository, options?.caller)
      const { revisions, worst: told, answer } = await recall(names, repository, options)
      if (answer !== undefined) return answer
      const parts = await ask(names, repository, options)
      const isWhole = parts.length === names.length
      // What was fetched to tell the revisions is there by now.
      const worst = told ?? worstOf(parts.map((part) => part.answer))
      const snapshot = merge(repository, parts, isWhole ? revisions : undefined)
      return { snapshot, ...worst, cache: isWhole ? worst.cache : 'STALE' }
    },
    archive: async (repository, path, options) =>
      members.archive(...memberOf(repository, path, options?.caller), options),
    provenance: async (repository, path, options) =>
      members.provenance(...memberOf(repository, path, options?.caller), options),
    shows: async (repository, path, digest, options) => {
      const [member = '', ...rest] = path.split('/')
      if (!membersFor(repository, options?.caller).includes(member)) return false
      return (await members.shows?.(member, rest.join('/'), digest, options)) ?? true
    },
    changes: async (repository, options) => {
      const names = membersFor(repository, options?.caller)
      const all = await Promise.all(names.map((member) => members.changes(member)))
      return all.flat().sort((a, b) => (a.seenAt < b.seenAt ? 1 : -1))
    },
    status: async (repository, options) => {
      const names = membersFor(repository, options?.caller)
      return { name: repository, kind: 'group', source: names.join(', '), state: countOf(names.length, 'member') }
    },
  }
}

function worstOf(answers: readonly Omit<IndexAnswer, 'snapshot'>[]): Worst {
  const worst = Math.max(0, ...answers.map(({ cache }) => (cache === undefined ? 0 : byWorth.indexOf(cache))))
  return { cache: byWorth[worst] ?? 'HIT', age: Math.max(0, ...answers.map(({ age }) => age ?? 0)) }
}

function keyOf(repository: string, names: readonly string[]): string {
  return JSON.stringify([repository, ...names])
}
