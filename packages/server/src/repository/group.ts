// Several repositories under one URL: the first member that has a version gives it, and a name that a member cannot
// answer for is not taken from the members behind it.

import { setImmediate as turn } from 'node:timers/promises'
import { ChartferryError, isChartferryError } from '@chartferry/core'
import type { ChartVersion } from '@chartferry/core/helm'
import { messageOf } from '@chartferry/core/internal'
import { LRUCache } from 'lru-cache'
import { type Access, anonymous, type Caller } from '../auth/access.ts'
import type { GroupRepositoryConfig } from '../config/config.ts'
import type { AskOptions, CacheState, ChartRepository, IndexAnswer } from './chart-repository.ts'
import { countOf } from './count-of.ts'
import { addEntries, type Entries } from './entries.ts'
import { type IndexSnapshot, indexSnapshot } from './index-snapshot.ts'
import { namePatterns } from './name-pattern.ts'
import { singleFlight } from './single-flight.ts'

export interface GroupOptions {
  readonly groups: ReadonlyMap<string, GroupRepositoryConfig>
  /** Says which members a caller may pull from: the others are as if they were not there. */
  readonly access: Pick<Access, 'allows'>
  /** Has the members. */
  readonly members: ChartRepository
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

interface Merged {
  /** Of the members that it was made from. */
  readonly revisions: readonly string[] | undefined
  readonly parts: readonly (IndexSnapshot | undefined)[]
  readonly snapshot: IndexSnapshot
}

/** From the best to the worst: a group is as good as its worst member. */
const states: readonly CacheState[] = ['HIT', 'REVALIDATED', 'MISS', 'STALE']

/** Serves the groups given. Each member keeps its own freshness, filter and rules. */
export function groupRepositories({ groups, access, members, warn }: GroupOptions): ChartRepository {
  // By group and by the members that a caller may pull from: there are few of either.
  const flights = singleFlight()
  const merged = new LRUCache<string, Merged>({ max: 200 })
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
    const known = merged.get(keyOf(repository, names))
    const worst = worstOf(found)
    if (known?.revisions?.join() !== revisions.join()) return { revisions, worst, answer: undefined }
    return { revisions, worst, answer: { snapshot: known.snapshot, ...worst } }
  }

  async function merge(
    repository: string,
    parts: readonly Part[],
    revisions: readonly string[] | undefined,
  ): Promise<IndexSnapshot> {
    const snapshots = parts.map(({ answer }) => answer?.snapshot)
    const key = keyOf(
      repository,
      parts.map(({ member }) => member),
    )
    const known = merged.get(key)
    if (known?.parts.length === snapshots.length && known.parts.every((part, at) => part === snapshots[at])) {
      merged.set(key, { ...known, revisions })
      return known.snapshot
    }
    const { reserved, passNamesOn } = group(repository)
    const owners = [...reserved].map(([owner, patterns]) => ({ owner, owns: namePatterns(patterns) }))
    let entries: Entries = new Map()
    // What a member cannot answer for may be its own: who has published the name elsewhere must not give theirs instead.
    const unanswered = new Set<string>()
    let isAnyUnanswered = false
    for (const { member, answer } of parts) {
      if (answer === undefined) {
        isAnyUnanswered = !passNamesOn
        continue
      }
      // A reserved name is its owner's alone, also when the owner has no such chart or gives nothing now.
      const isOthers = (chart: string): boolean =>
        owners.some(({ owner, owns }) => owner !== member && owns(chart)) ||
        ((isAnyUnanswered || unanswered.has(chart)) &&
          !owners.some(({ owner, owns }) => owner === member && owns(chart)))
      const given = [...answer.snapshot.index.entries].flatMap(([chart, versions]) =>
        isOthers(chart)
          ? []
          : versions
              .filter(({ name }) => name === chart || !isOthers(name))
              .map((entry) => ({ chart, entry: under(member, entry) })),
      )
      entries = addEntries(entries, given)
      if (!passNamesOn) for (const chart of answer.snapshot.unanswered) unanswered.add(chart)
      // The members of a large group take longer than anybody else should wait.
      await turn()
    }
    const modified = Math.max(0, ...snapshots.map((snapshot) => snapshot?.modified ?? 0))
    const snapshot = indexSnapshot({ apiVersion: 'v1', entries, skipped: [] }, modified)
    merged.set(key, { revisions, parts: snapshots, snapshot })
    return snapshot
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
      const key = `merge ${keyOf(repository, names)} ${revisions?.join() ?? ''}`
      const snapshot = await (revisions === undefined || !isWhole
        ? merge(repository, parts, undefined)
        : flights.share(key, () => merge(repository, parts, revisions)))
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
      const state = countOf(names.length, 'member')
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
  const worst = Math.max(0, ...answers.map(({ cache }) => (cache === undefined ? 0 : states.indexOf(cache))))
  return { cache: states[worst] ?? 'HIT', age: Math.max(0, ...answers.map(({ age }) => age ?? 0)) }
}

function keyOf(repository: string, names: readonly string[]): string {
  return JSON.stringify([repository, ...names])
}

/** An entry whose first URL leads through the group to the member; one that leads elsewhere stays. */
function under(member: string, entry: ChartVersion): ChartVersion {
  const [url = ''] = entry.urls
  if (!url.startsWith('charts/')) return entry
  return { ...entry, urls: [`charts/${member}/${url.slice('charts/'.length)}`] }
}
