// Room for pulled images: when they take too much, those go that nobody asked for the longest time.

import type { Digest } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import type { PulledStore, PulledUse } from './pulled-store.ts'

export interface ImageSpaceOptions {
  readonly store: PulledStore
  /** Bytes that pulled images may take. */
  readonly maxBytes: number
  /** Whether bytes are on their way, or being read. */
  readonly isBusy: (digest: Digest) => boolean
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
  /** Runs the work so that the end of the server can wait for it, and never twice at a time. */
  readonly share: (key: string, call: () => Promise<void>) => Promise<void>
}

/** So much of the space is left used, so that not every new blob makes others go. */
const enough = 0.9
/** Milliseconds: what a manifest names counts as used when the manifest is; a pull that long under way is not hurt. */
const inUse = 2 * 3_600_000

/** Gives what is to be told of the bytes that have come. */
export function imageSpace({ store, maxBytes, isBusy, now, warn, share }: ImageSpaceOptions): (bytes: number) => void {
  // Until the first look nobody knows what is there.
  let used = Number.POSITIVE_INFINITY
  /** What has come since the last look began. */
  let added = 0
  async function look(): Promise<void> {
    try {
      added = 0
      const uses: PulledUse[] = (await Array.fromAsync(store.uses())).sort((a, b) => a.usedAt - b.usedAt)
      let left = uses.reduce((sum, { size }) => sum + size, 0)
      let evicted = 0
      for (const { digest, size, usedAt } of left > maxBytes ? uses : []) {
        if (left <= maxBytes * enough) break
        if (isBusy(digest) || now() - usedAt < inUse) continue
        await store.evict(digest)
        left -= size
        evicted += 1
      }
      used = left + added
      if (evicted > 0) warn('pulled images evicted', { count: evicted, bytesLeft: left })
      else if (left > maxBytes)
        warn('pulled images take more than images.space, and all of them are in use', { bytes: left })
      // Who came while we looked has not been counted.
      if (added > 0 && used > maxBytes) await look()
    } catch (thrown) {
      warn('eviction of pulled images failed', { error: messageOf(thrown) })
    }
  }
  return (bytes) => {
    used += bytes
    added += bytes
    if (used > maxBytes) void share('evict images', look)
  }
}
