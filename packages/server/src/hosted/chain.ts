// The state of a hosted repository, kept in step with its log: who wants to change it creates the next number, and of
// several one wins.
import { randomUUID } from 'node:crypto'
import { ChartferryError } from '@chartferry/core'
import { collectNow } from '../workers/gc-tuning.ts'
import { applyEntry, type ChainLog, type LogEntry } from './chain-log.ts'
import { type Change, emptyState, type RepositoryState, subjectOf } from './repository-state.ts'

export interface ChainOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds for which the state may lack what other processes did. */
  readonly pollEvery: number
  /** Runs what nobody waits for. */
  readonly later: (work: () => Promise<void>) => void
}

/** Decides on changes, seen the state. Called again when somebody else was first; what it throws is the answer. */
export type Decide = (state: RepositoryState) => readonly Change[]

export interface Chain {
  /** The state, not older than `pollEvery`, or with `fresh` as it is now. Throws STORE_UNAVAILABLE. */
  sync(options?: { readonly fresh?: boolean }): Promise<RepositoryState>
  /** The state of the last look that succeeded; undefined before the first one. Asks nobody. */
  known(): RepositoryState | undefined
  /**
   * Makes changes; they are there for good when it returns. With `alone` nobody else's changes are decided on at the
   * same time. Throws what `decide` throws, STORE_UNAVAILABLE.
   */
  append(decide: Decide, options?: { readonly alone?: boolean }): Promise<void>
}

interface Waiting {
  readonly decide: Decide
  readonly alone: boolean
  readonly done: () => void
  readonly fail: (thrown: unknown) => void
}

/** So many changes share one entry at most. */
const mostTogether = 64
/** Milliseconds after which a state is loaded anew: entries that have been replaced for much longer may be gone. */
const staleAfter = 60 * 60 * 1000
/** Reading so many versions leaves much behind. */
const manyVersions = 2000
/** Entries behind the last snapshot, and their share of the versions, at which another one is worth it. */
const snapshotAfter = { entries: 128, share: 1 / 8 }

/** Follows a log. Nothing is read before it is asked for. */
export function followChain(log: ChainLog, { now, pollEvery, later }: ChainOptions): Chain {
  let state = emptyState()
  let snapshot = 0
  let syncedAt = Number.NEGATIVE_INFINITY
  let snapshotting = false
  // A state with half an entry in it is no state.
  let isWhole = false
  let queue: Waiting[] = []
  // One after another: reading on and writing on are the same step.
  let last: Promise<unknown> = Promise.resolve()
  let next: Promise<RepositoryState> | undefined
  let flushing = false

  const inTurn = <Value>(run: () => Promise<Value>): Promise<Value> => {
    const result = last.then(run)
    last = result.catch(() => {})
    return result
  }

  async function reload(): Promise<void> {
    const startedAt = now()
    syncedAt = Number.NEGATIVE_INFINITY
    const loaded = await log.load()
    state = loaded.state
    snapshot = loaded.snapshot
    isWhole = true
    syncedAt = startedAt
    if (state.files.size > manyVersions) collectNow()
    // A listing may be late; what stands under a number is not.
    await readOn()
  }

  async function readOn(): Promise<void> {
    for (let bytes = await log.read(state.number + 1); bytes !== undefined; ) {
      applyOrForget(bytes)
      bytes = await log.read(state.number + 1)
    }
  }

  async function follow(): Promise<void> {
    const startedAt = now()
    if (startedAt - syncedAt > staleAfter) return reload()
    await readOn()
    syncedAt = startedAt
  }

  function applyOrForget(bytes: Uint8Array): LogEntry {
    try {
      return applyEntry(state, bytes)
    } catch (thrown) {
      isWhole = false
      syncedAt = Number.NEGATIVE_INFINITY
      throw thrown
    }
  }

  /**
   * Takes from the queue what goes together, seen the state; answers what is refused. Only a fresh state may refuse:
   * with another one that is left in the queue, and `doubtful`.
   */
  function takeTogether(isFresh: boolean): {
    readonly taken: Waiting[]
    readonly changes: Change[]
    readonly doubtful: boolean
  } {
    const taken: Waiting[] = []
    const left: Waiting[] = []
    const changes: Change[] = []
    const subjects = new Set<string>()
    let doubtful = false
    for (const waiting of queue) {
      if (taken.length >= mostTogether || taken[0]?.alone === true || (waiting.alone && taken.length > 0)) {
        left.push(waiting)
        continue
      }
      let wanted: readonly Change[]
      try {
        wanted = waiting.decide(state)
      } catch (thrown) {
        if (isFresh) waiting.fail(thrown)
        else left.push(waiting)
        doubtful ||= !isFresh
        continue
      }
      if (wanted.some((change) => subjects.has(subjectOf(change)))) left.push(waiting)
      else if (wanted.length === 0) waiting.done()
      else {
        for (const change of wanted) subjects.add(subjectOf(change))
        changes.push(...wanted)
        taken.push(waiting)
      }
    }
    queue = left
    return { taken, changes, doubtful }
  }

  /** Whether the entry is in the log under the next number. Whatever stands there is in the state afterwards. */
  async function write(id: string, bytes: Uint8Array): Promise<boolean> {
    const number = state.number + 1
    let failure: unknown
    const created = await log.create(number, bytes).catch((thrown: unknown) => {
      failure = thrown
      return false
    })
    if (created) {
      // A process that slept for long may have written under a number whose first entry is gone.
      if (now() - syncedAt > staleAfter && (await log.isCovered(number))) {
        await log.delete(number)
        await reload()
        return false
      }
      applyOrForget(bytes)
      return true
    }
    // An answer that was lost, or another writer: what is there says which.
    const there = await log.read(number)
    if (there === undefined)
      throw failure ?? new ChartferryError('STORE_UNAVAILABLE', `log entry ${number} was there, and is gone`)
    return applyOrForget(there).id === id
  }

  async function flush(): Promise<void> {
    let isFresh = now() - syncedAt > staleAfter
    if (isFresh) await reload()
    while (queue.length > 0) {
      const { taken, changes, doubtful } = takeTogether(isFresh)
      if (taken.length === 0) {
        if (doubtful) await follow()
        isFresh = doubtful
        continue
      }
      isFresh = false
      const id = randomUUID()
      const entry: LogEntry = { id, at: now(), changes }
      try {
        if (await write(id, Buffer.from(JSON.stringify(entry)))) for (const { done } of taken) done()
        else queue.unshift(...taken)
      } catch (thrown) {
        for (const { fail } of taken) fail(thrown)
      }
    }
    flushing = false
    snapshotWhenDue()
  }

  function snapshotWhenDue(): void {
    const behind = state.number - snapshot
    if (snapshotting || behind < Math.max(snapshotAfter.entries, state.files.size * snapshotAfter.share)) return
    snapshotting = true
    const { number } = state
    const written = log.writeSnapshot(state)
    later(async () => {
      try {
        await written
        snapshot = Math.max(snapshot, number)
      } finally {
        snapshotting = false
      }
    })
  }

  return {
    known: () => (isWhole ? state : undefined),
    sync: ({ fresh = false } = {}) => {
      if (!fresh && now() - syncedAt <= pollEvery && pollEvery > 0) return Promise.resolve(state)
      // Who comes while a look is under way needs another one; who comes before it begins shares it.
      next ??= inTurn(async () => {
        next = undefined
        await follow()
        return state
      })
      return next
    },
    append: (decide, { alone = false } = {}) =>
      new Promise((done, fail) => {
        queue.push({ decide, alone, done, fail })
        if (flushing) return
        flushing = true
        void inTurn(flush).catch((thrown: unknown) => {
          const refused = queue
          queue = []
          flushing = false
          for (const waiting of refused) waiting.fail(thrown)
        })
      }),
  }
}
