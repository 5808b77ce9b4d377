// The history of a hosted repository in the blob store: numbered entries that are only ever created, and now and then a
// snapshot of all that they come to.
import { createHash } from 'node:crypto'
import { ChartferryError } from '@chartferry/core'
import { readBlob } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { collectAsRead } from '../workers/gc-tuning.ts'
import { applyChange, type Change, changesOf, emptyState, type RepositoryState } from './repository-state.ts'

/** What stands under one number. */
export interface LogEntry {
  /** Tells the writer that it was its own. */
  readonly id: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly changes: readonly Change[]
}

interface SnapshotHead {
  readonly format: 1
  readonly revision: string
  readonly modified: number
  /** How many changes follow, one a line. */
  readonly changes: number
}

export interface LoadedState {
  readonly state: RepositoryState
  /** The number of the snapshot it came from; 0 for none. */
  readonly snapshot: number
}

export interface ChainLog {
  /** All there is, from the newest snapshot on. Throws STORE_UNAVAILABLE. */
  load(): Promise<LoadedState>
  /** The bytes under a number; undefined when there are none. */
  read(number: number): Promise<Buffer | undefined>
  /** Creates an entry: false when there is one of that number. */
  create(number: number, bytes: Uint8Array): Promise<boolean>
  delete(number: number): Promise<void>
  /** Whether there is a snapshot of this number or a later one. */
  isCovered(number: number): Promise<boolean>
  writeSnapshot(state: RepositoryState): Promise<void>
  /** Removes snapshots and entries that a snapshot has replaced for longer than these milliseconds; gives how many. */
  truncate(now: number, olderThan: number): Promise<number>
}

/** Each read holds a file open, and a process may not hold many. */
const readsAtOnce = 64
const digits = 12

/** Opens the log below `folder`, which ends in `/`. */
export function chainLog(store: BlobStore, folder: string): ChainLog {
  const logKey = (number: number): string => `${folder}log/${String(number).padStart(digits, '0')}`
  const snapshotKey = (number: number): string => `${folder}snapshot/${String(number).padStart(digits, '0')}`

  async function numbers(kind: 'log' | 'snapshot', after: number): Promise<number[]> {
    const found: number[] = []
    const options = { after: kind === 'log' ? logKey(after) : snapshotKey(after) }
    for await (const key of store.list(`${folder}${kind}/`, options)) found.push(Number(key.slice(-digits)))
    return found
  }

  /** Undefined when something was replaced meanwhile. */
  async function tryLoad(): Promise<LoadedState | undefined> {
    const snapshot = (await numbers('snapshot', 0)).at(-1) ?? 0
    const state = snapshot === 0 ? emptyState() : await readSnapshot(store, snapshotKey(snapshot), snapshot)
    if (state === undefined) return undefined
    const later = await numbers('log', snapshot)
    const haveRead = collectAsRead()
    for (let from = 0; from < later.length; from += readsAtOnce) {
      const some = await Promise.all(later.slice(from, from + readsAtOnce).map((number) => store.get(logKey(number))))
      for (const [at, blob] of some.entries()) {
        if (blob === undefined || later[from + at] !== state.number + 1) return undefined
        applyEntry(state, joined(await blob.body.toArray()))
        haveRead(blob.size)
      }
    }
    return { state, snapshot }
  }

  return {
    load: async () => {
      for (let attempt = 0; attempt < 5; attempt++) {
        const loaded = await tryLoad()
        if (loaded !== undefined) return loaded
      }
      throw new ChartferryError('STORE_UNAVAILABLE', `${folder}log: an entry is missing`)
    },
    read: (number) => readBlob(store, logKey(number)),
    create: (number, bytes) => store.create(logKey(number), bytes),
    delete: (number) => store.delete(logKey(number)),
    isCovered: async (number) => (await numbers('snapshot', number - 1)).length > 0,
    writeSnapshot: async (state) => {
      const { number } = state
      // Who makes it a second time writes the same.
      await store.put(snapshotKey(number), snapshotPieces(state))
    },
    truncate: async (now, olderThan) => {
      const snapshots = await numbers('snapshot', 0)
      // Two stay: who has begun to read the one before the newest can go on.
      const kept = snapshots.at(-2)
      if (kept === undefined) return 0
      const stat = await store.stat(snapshotKey(kept))
      if (stat === undefined || now - stat.modified < olderThan) return 0
      const replaced = (await numbers('log', 0)).filter((number) => number <= kept)
      for (const number of replaced) await store.delete(logKey(number))
      for (const number of snapshots.slice(0, -2)) await store.delete(snapshotKey(number))
      return replaced.length
    },
  }
}

/** A log can have many large entries: none is copied without need. */
function joined(pieces: readonly Buffer[]): Buffer {
  const [only] = pieces
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces)
}

/** Reads the entry that follows the state, and makes its changes. Throws STORE_UNAVAILABLE. */
export function applyEntry(state: RepositoryState, bytes: Uint8Array): LogEntry {
  const entry = JSON.parse(new TextDecoder().decode(bytes)) as LogEntry
  for (const change of entry.changes) {
    if (!applyChange(state, change)) {
      throw new ChartferryError('STORE_UNAVAILABLE', 'the store was written by a newer version of chartferry', {
        hint: 'Update this server as well.',
      })
    }
  }
  state.number += 1
  state.modified = Math.max(state.modified, entry.at)
  state.revision = `sha256:${createHash('sha256').update(state.revision).update(bytes).digest('hex')}`
  return entry
}

/** The state is taken down at once; the pieces are made as they are wanted. */
function snapshotPieces(state: RepositoryState): AsyncIterable<Uint8Array> {
  const { count, changes } = changesOf(state)
  const head: SnapshotHead = {
    format: 1,
    revision: state.revision,
    modified: state.modified,
    changes: count,
  }
  return (async function* pieces() {
    let text = `${JSON.stringify(head)}\n`
    for (const change of changes) {
      text += `${JSON.stringify(change)}\n`
      if (text.length < 256 * 1024) continue
      yield Buffer.from(text)
      text = ''
    }
    if (text !== '') yield Buffer.from(text)
  })()
}

async function readSnapshot(store: BlobStore, key: string, number: number): Promise<RepositoryState | undefined> {
  const blob = await store.get(key)
  if (blob === undefined) return undefined
  const state = emptyState()
  let head: SnapshotHead | undefined
  let count = 0
  const haveRead = collectAsRead()
  for await (const line of lines(blob.body)) {
    haveRead(line.length)
    if (head === undefined) {
      head = JSON.parse(line) as SnapshotHead
    } else if (applyChange(state, JSON.parse(line) as Change)) count++
  }
  if (head?.format !== 1 || count !== head.changes)
    throw new ChartferryError('STORE_UNAVAILABLE', `${key} is not a snapshot that this version of chartferry can read`)
  return Object.assign(state, { number, revision: head.revision, modified: head.modified })
}

async function* lines(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer[] = []
  for await (const piece of pieces) {
    let from = 0
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      yield Buffer.concat([...rest, piece.subarray(from, end)]).toString()
      rest = []
      from = end + 1
    }
    if (from < piece.length) rest.push(piece.subarray(from))
  }
}
