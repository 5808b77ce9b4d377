// Several repositories under one URL: the first member that has a version gives it, and a name that a member cannot
// answer for is not taken from the members behind it.

import { ChartferryError, digestOf, isChartferryError } from '@chartferry/core'
import { count, messageOf } from '@chartferry/core/internal'
import { LRUCache } from 'lru-cache'
import { type Access, anonymous, type Caller } from '../auth/access.ts'
import type { GroupRepositoryConfig } from '../config/config.ts'
import type { AskOptions, CacheState, ChartRepository, IndexAnswer } from './chart-repository.ts'
import { textMemory } from './compact-snapshot.ts'
import { type IndexSnapshot, isSameIndex } from './index-snapshot.ts'
import { type Member, type Merged, mergeMembers } from './merge-members.ts'
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

/** Of a member; without an answer where it gives nothing. */
interface Part {
  readonly member: string
  readonly answer: IndexAnswer | undefined
}

interface State {
  /** Of the members that it was made from. */
  readonly revisions: readonly string[] | undefined
  readonly parts: readonly (WeakRef<IndexSnapshot> | undefined)[]
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
  /** By group: members that gave nothing the last time. */
  const silent = new Map<string, ReadonlySet<string>>()

  function group(repository: string): GroupRepositoryConfig {
    const found = groups.get(repository)
    if (found === undefined) throw new ChartferryError('REPOSITORY_NOT_FOUND', `no group "${repository}"`)
    return found
  }

  function membersFor(repository: string, caller: Caller = anonymous): readonly string[] {
    return group(repository).members.filter((member) => access.allows(caller, 'pull', member))
  }

  /** What the members answer. Where none is left that may be shown, the first failure is the group's. */
  async function ask(names: readonly string[], repository: string, options: AskOptions = {}): Promise<readonly Part[]> {
    const answers = await Promise.allSettled(names.map((member) => members.index(member, options)))
    const parts = answers.map((answer, at): Part => {
      const member = names[at] ?? ''
      if (answer.status === 'fulfilled') return { member, answer: answer.value }
      warn('a member of a group gives nothing', { repository, member, error: messageOf(answer.reason) })
      return { member, answer: undefined }
    })
    silent.set(repository, new Set(parts.flatMap(({ member, answer }) => (answer === undefined ? [member] : []))))
    const failure = answers.find((answer) => answer.status === 'rejected')
    if (failure !== undefined && !parts.some(({ member, answer }) => answer && isAnyShown(repository, member, parts)))
      throw failureOf(repository, parts, failure.reason)
    return parts
  }

  /** Whether anything of a member may be shown: all members before it answer, or it has names of its own. */
  function isAnyShown(repository: string, member: string, parts: readonly Part[]): boolean {
    const { passNamesOn, reserved } = group(repository)
    const at = parts.findIndex((part) => part.member === member)
    return passNamesOn || reserved.has(member) || parts.slice(0, at).every(({ answer }) => answer !== undefined)
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
    const snapshots = parts.map(({ answer }) => answer?.snapshot)
    const key = keyOf(
      repository,
      parts.map(({ member }) => member),
    )
    const known = states.get(key)
    // Somebody else was told the same, and has merged meanwhile.
    if (revisions !== undefined && known?.revisions?.join() === revisions.join()) return known.merged.snapshot
    const isSame =
      known?.parts.length === snapshots.length &&
      snapshots.every((snapshot, at) =>
        snapshot === undefined ? known.parts[at] === undefined : isSameIndex(known.parts[at]?.deref(), snapshot),
      )
    if (isSame) {
      states.set(key, { ...known, revisions })
      return known.merged.snapshot
    }
    const { reserved, passNamesOn } = group(repository)
    const owners = [...reserved].map(([owner, patterns]) => ({ owner, owns: namePatterns(patterns) }))
    const merged = mergeMembers({
      members: shownMembers(parts, owners, passNamesOn),
      texts,
      before: known?.merged,
      onMerged: onMerged && ((charts) => onMerged(repository, charts)),
    })
    states.set(key, { revisions, parts: snapshots.map((snapshot) => snapshot && new WeakRef(snapshot)), merged })
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
      const isWhole = parts.every(({ answer }) => answer !== undefined)
      // What was fetched to tell the revisions is there by now.
      const worst = told ?? worstOf(parts.flatMap((part) => part.answer ?? []))
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
      const away = names.find((name) => silent.get(repository)?.has(name))
      const state = count(names.length, 'member')
      const hidden = group(repository).passNamesOn ? '' : '; charts of the members behind it are hidden meanwhile'
      return {
        name: repository,
        kind: 'group',
        source: names.join(', '),
        state: away === undefined ? state : `${state} · ${away} gives nothing${away === names.at(-1) ? '' : hidden}`,
        ...(away === undefined ? {} : { failure: `${away} gives nothing` }),
      }
    },
  }
}

interface Owner {
  readonly owner: string
  readonly owns: (chart: string) => boolean
}

/**
 * The members that answer, each with the names that it may not show: a reserved name is its owner's alone, also when
 * the owner has no such chart or gives nothing now; and what a member cannot answer for may be its own: who has
 * published the name elsewhere must not give theirs instead.
 */
function shownMembers(parts: readonly Part[], owners: readonly Owner[], passNamesOn: boolean): Member[] {
  const unanswered = new Set<string>()
  let isAnyUnanswered = false
  return parts.flatMap(({ member, answer }) => {
    if (answer === undefined) {
      isAnyUnanswered = !passNamesOn
      return []
    }
    const [isAnyHidden, hidden] = [isAnyUnanswered, new Set(unanswered)]
    const isHidden = (chart: string): boolean =>
      owners.some(({ owner, owns }) => owner !== member && owns(chart)) ||
      ((isAnyHidden || hidden.has(chart)) && !owners.some(({ owner, owns }) => owner === member && owns(chart)))
    if (!passNamesOn) for (const chart of answer.snapshot.unanswered) unanswered.add(chart)
    const hiding = digestOf(JSON.stringify([isAnyHidden, ...[...hidden].sort()]))
    return [{ name: member, snapshot: answer.snapshot, isHidden, hiding }]
  })
}

/** The failure of a member as the group's: which member it is, and what may be done. */
function failureOf(repository: string, parts: readonly Part[], reason: unknown): unknown {
  const away = parts.find(({ answer }) => answer === undefined)?.member
  if (!isChartferryError(reason) || parts.every(({ answer }) => answer === undefined)) return reason
  return new ChartferryError(
    reason.code,
    `group "${repository}": member "${away}" gives nothing, and the members behind it are not shown meanwhile: ${reason.message}`,
    {
      cause: reason,
      details: reason.details,
      hint: `Reserve the names that are safe for the other members (\`reserved\`). \`passNamesOn: true\` shows all of them; then whoever publishes a name of "${away}" there gives you theirs.`,
    },
  )
}

function worstOf(answers: readonly Omit<IndexAnswer, 'snapshot'>[]): Worst {
  const worst = Math.max(0, ...answers.map(({ cache }) => (cache === undefined ? 0 : byWorth.indexOf(cache))))
  return { cache: byWorth[worst] ?? 'HIT', age: Math.max(0, ...answers.map(({ age }) => age ?? 0)) }
}

function keyOf(repository: string, names: readonly string[]): string {
  return JSON.stringify([repository, ...names])
}
