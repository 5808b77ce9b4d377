// Room for new archives: when those that were pulled take too much, the ones that nobody asked for the longest time go.
import { messageOf } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { type FileRecord, isFileRecord } from './archive-cache.ts'
import { readRecord } from './json-record.ts'

export interface EvictionOptions {
  readonly store: BlobStore
  /** Bytes that pulled files may take. */
  readonly maxBytes: number
  /** Told about what went. */
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Runs the work so that the end of the server can wait for it, and never twice at a time. */
  readonly share: (key: string, call: () => Promise<void>) => Promise<void>
}

/** So much of the space is left used, so that not every new file makes others go. */
const enough = 0.9

/** Gives what is to be told the size of each file that was stored. Pinned files stay, and so does what was pushed. */
export function eviction({ store, maxBytes, warn, share }: EvictionOptions): (bytes: number) => void {
  // Until the first look nobody knows what is there.
  let used = Number.POSITIVE_INFINITY
  const look = async (): Promise<void> => {
    try {
      const { left, evicted } = await makeRoom(store, maxBytes)
      used = left
      if (evicted > 0) warn('pulled files evicted', { count: evicted, bytesLeft: left })
    } catch (thrown) {
      warn('eviction failed', { error: messageOf(thrown) })
    }
  }
  return (bytes) => {
    used += bytes
    if (used > maxBytes) void share('evict', look)
  }
}

/** Gives the bytes that are left, and how many files went. */
async function makeRoom(
  store: BlobStore,
  maxBytes: number,
): Promise<{ readonly left: number; readonly evicted: number }> {
  const files: { readonly place: string; readonly record: FileRecord }[] = []
  // Several paths may share the bytes of one digest.
  const users = new Map<string, number>()
  let left = 0
  for await (const place of store.list('proxy/')) {
    if (!isFileRecord(place)) continue
    const record = await readRecord<FileRecord>(store, place)
    if (record === undefined) continue
    files.push({ place, record })
    const others = users.get(record.key) ?? 0
    users.set(record.key, others + 1)
    if (others === 0) left += record.size
  }
  if (left <= maxBytes) return { left, evicted: 0 }
  let evicted = 0
  for (const { place, record } of files.sort((a, b) => a.record.usedAt - b.record.usedAt)) {
    if (left <= maxBytes * enough) break
    // Bytes outside of what was pulled may be somebody else's too.
    if (record.pinned === true || !/^(pulled|proxy)\//.test(record.key)) continue
    // The record first: bytes without one are only bytes, a record without bytes would be asked for.
    await store.delete(place)
    evicted++
    const others = (users.get(record.key) ?? 1) - 1
    users.set(record.key, others)
    if (others > 0) continue
    await store.delete(record.key)
    left -= record.size
  }
  return { left, evicted }
}
