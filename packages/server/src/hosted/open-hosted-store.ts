// Hosted repositories on a blob store: bytes by digest, and for each repository a chain of what happened to it.

import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError, digestOf, isChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { LRUCache } from 'lru-cache'
import { storedFile } from '../cache/archive-cache.ts'
import { adoptRecords } from './adopt-records.ts'
import { type Chain, type Decide, followChain } from './chain.ts'
import { chainLog } from './chain-log.ts'
import type { HostedStore, HostedView, Push, PushRules, TakenFile } from './hosted-store.ts'
import { pushedBytes } from './pushed-bytes.ts'
import { repositoryFolder } from './repository-key.ts'
import {
  type Change,
  fileOf,
  type HostedFile,
  type HostedProvenance,
  type RepositoryState,
  subjectOf,
} from './repository-state.ts'

export interface HostedStoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Milliseconds for which a repository may lack what other processes did. Default: 0, each look asks the store. */
  readonly pollEvery?: number
  /** Milliseconds for which what nobody needs is kept. Default: a day. Longer than any push takes. */
  readonly grace?: number
  /** Milliseconds that a look may take when there is an earlier one to serve. Default: 2 seconds. */
  readonly patience?: number
}

/** Repositories held in memory; others are read again. */
const mostOpen = 2000
const day = 86_400_000

/** Opens the hosted repositories of a store. Reads nothing yet. */
export function openHostedStore(store: BlobStore, options: HostedStoreOptions): HostedStore {
  const { now, warn, pollEvery = 0, grace = day, patience = 2000 } = options
  const bytes = pushedBytes(store)
  const opened = new LRUCache<string, Chain>({ max: mostOpen })
  const running = new Set<Promise<void>>()
  const stale = new Set<string>()

  const later = (work: () => Promise<void>): void => {
    const run = work()
      .catch((thrown: unknown) => warn('a snapshot of a hosted repository failed', { error: messageOf(thrown) }))
      .finally(() => running.delete(run))
    running.add(run)
  }

  function chainOf(folder: string): Chain {
    const known = opened.get(folder)
    if (known !== undefined) return known
    const chain = adoptRecords(store, folder, followChain(chainLog(store, folder), { now, pollEvery, later }))
    opened.set(folder, chain)
    return chain
  }

  /** Keeps the bytes of a push; gives what is to be changed once they are there. */
  async function keepBytes(push: Push): Promise<Change[]> {
    const { archive, provenance } = push
    const [stored, proved] = await Promise.all([
      archive === undefined ? {} : bytes.put(archive.version.digest, archive.bytes),
      provenance === undefined ? {} : bytes.put(digestOf(provenance.bytes), provenance.bytes),
    ])
    return changesOfPush(push, stored, proved)
  }

  async function usedKeys(): Promise<ReadonlySet<string>> {
    const used = new Set<string>()
    for (const folder of await folders()) {
      const { files, provenances } = await chainOf(folder).sync({ fresh: true })
      for (const file of [...files.values(), ...provenances.values()]) used.add(bytes.keyOf(file))
    }
    return used
  }

  async function folders(): Promise<ReadonlySet<string>> {
    const found = new Set<string>()
    for await (const key of store.list('hosted/')) found.add(`hosted/${key.split('/')[1]}/`)
    return found
  }

  /** What was there at the last look, when the store is away or takes too long. Who asks for what is there now fails. */
  async function view(repository: string, { fresh = false }: { readonly fresh?: boolean } = {}): Promise<HostedView> {
    const chain = chainOf(repositoryFolder(repository))
    const known = fresh ? undefined : chain.known()
    if (known === undefined) return chain.sync({ fresh })
    const timer = new AbortController()
    const looking = chain.sync()
    const late = wait(patience, undefined, { signal: timer.signal, ref: false }).then(() => {
      throw new ChartferryError('STORE_UNAVAILABLE', `the store has not answered for ${patience} ms`)
    })
    for (const loser of [looking, late]) loser.catch(() => {})
    try {
      const state = await Promise.race([looking, late])
      if (stale.delete(repository)) warn('a hosted repository is current again', { repository })
      return state
    } catch (thrown) {
      if (!isChartferryError(thrown, 'STORE_UNAVAILABLE')) throw thrown
      if (!stale.has(repository))
        warn('the store is away: a hosted repository is served as it was', { repository, error: thrown.message })
      stale.add(repository)
      return known
    } finally {
      timer.abort()
    }
  }

  return {
    view,
    isStale: (repository) => stale.has(repository),
    push: async (repository, push, rules = {}) => {
      const chain = chainOf(repositoryFolder(repository))
      // What will be refused need not be written first.
      decidePush(changesOfPush(push), rules)(await chain.sync({ fresh: true }))
      const changes = await keepBytes(push)
      const { versionsPerChart, mostFiles, space } = rules
      await chain.append(decidePush(changes, rules), {
        alone: (versionsPerChart ?? mostFiles ?? space) !== undefined,
      })
    },
    remove: async (repository, version) => {
      await chainOf(repositoryFolder(repository)).append((state) => {
        if (state.files.has(fileOf(version))) return [{ remove: fileOf(version) }]
        throw new ChartferryError('VERSION_NOT_FOUND', `there is no ${version.name} ${version.version}`)
      })
    },
    takeOver: async (repository, files) => {
      const chain = chainOf(repositoryFolder(repository))
      await chain.append((state) => files.flatMap((file) => takenChanges(state, file)))
    },
    archive: (version: HostedFile) => storedFile(store, bytes.keyOf(version), version.size, version.digest),
    provenance: (file: HostedProvenance) => storedFile(store, bytes.keyOf(file), file.size, file.digest),
    collectGarbage: async () => {
      for (const folder of await folders()) await chainLog(store, folder).truncate(now(), grace)
      return bytes.collect({ now: now(), grace, used: usedKeys })
    },
    settle: async () => {
      while (running.size > 0) await Promise.all(running)
    },
  }
}

interface StoredBytes {
  readonly blob?: string
}

function changesOfPush({ archive, provenance }: Push, stored: StoredBytes = {}, proved: StoredBytes = {}): Change[] {
  const changes: Change[] = archive === undefined ? [] : [{ put: { ...archive.version, ...stored } }]
  if (provenance !== undefined) {
    const { file, bytes, subject } = provenance
    const record = { digest: digestOf(bytes), size: bytes.length, ...(subject === undefined ? {} : { subject }) }
    changes.push({ prove: file, provenance: { ...record, ...proved } })
  }
  return changes
}

/** What a push comes to, seen the state. */
function decidePush(
  wanted: readonly Change[],
  { overwrite = false, versionsPerChart, mostFiles, space }: PushRules,
): Decide {
  return (state) => {
    const changes: Change[] = []
    for (const change of wanted) {
      if (!overwrite && isThere(state, change))
        throw new ChartferryError('VERSION_EXISTS', `${subjectOf(change)} is there already`)
      changes.push(change)
      if ('put' in change && !isThere(state, change)) changes.push(...oldest(state, change.put, versionsPerChart))
    }
    checkRoom(state, changes, mostFiles)
    checkSpace(state, changes, space)
    return changes
  }
}

function isThere(state: RepositoryState, change: Change): boolean {
  if ('put' in change) return state.files.has(fileOf(change.put))
  return 'prove' in change && state.provenances.has(change.prove)
}

/** What is to be changed because a file of another server's folder is as it is. */
function takenChanges(state: RepositoryState, { name, stamp, push, place }: TakenFile): Change[] {
  if (state.taken.get(name) === stamp) return []
  const isFree = (change: Change): boolean => {
    if (!isThere(state, change)) return true
    const there = 'put' in change ? state.files.get(fileOf(change.put)) : state.provenances.get(subjectOf(change))
    return there?.blob === place
  }
  if (stamp !== undefined) {
    const found = push === undefined ? [] : changesOfPush(push, { blob: place }, { blob: place })
    return [...found.filter(isFree), { taken: name, stamp }]
  }
  const gone = [...state.files].filter(([, { blob }]) => blob === place).map(([remove]) => ({ remove }))
  return [...gone, { taken: name, stamp: '' }]
}

/** The removal of the versions that were pushed first, so that with a new one there are no more than so many. */
function oldest(state: RepositoryState, { name }: HostedFile, most: number | undefined): Change[] {
  const versions = state.charts.get(name)?.versions ?? []
  if (most === undefined || versions.length < most) return []
  return versions
    .toReversed()
    .sort((a, b) => Date.parse(a.created) - Date.parse(b.created))
    .slice(0, versions.length - most + 1)
    .map((version) => ({ remove: fileOf(version) }))
}

function checkRoom(state: RepositoryState, changes: readonly Change[], most: number | undefined): void {
  if (most === undefined) return
  let more = 0
  for (const change of changes) {
    if ('remove' in change) more--
    else if (!isThere(state, change)) more++
  }
  if (more > 0 && state.files.size + state.provenances.size + more > most)
    throw new ChartferryError('REPOSITORY_FULL', `the repository may have ${most} files, and it has them`)
}

function checkSpace(state: RepositoryState, changes: readonly Change[], most: number | undefined): void {
  if (most === undefined) return
  const sizeOf = (file: string): number => (state.files.get(file)?.size ?? 0) + (state.provenances.get(file)?.size ?? 0)
  let more = 0
  for (const change of changes) {
    if ('remove' in change) more -= sizeOf(change.remove)
    else if ('put' in change) more += change.put.size - (state.files.get(fileOf(change.put))?.size ?? 0)
    else if ('prove' in change) more += change.provenance.size - (state.provenances.get(change.prove)?.size ?? 0)
  }
  if (more <= 0) return
  let there = 0
  for (const { size } of [...state.files.values(), ...state.provenances.values()]) there += size
  if (there + more > most)
    throw new ChartferryError('REPOSITORY_FULL', `the repository may have ${most} bytes, and has ${there}`)
}
