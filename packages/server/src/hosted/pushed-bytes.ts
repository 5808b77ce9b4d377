// The bytes of pushed files, by their digest; repositories share them. None that a version needs is ever collected.
import { randomUUID } from 'node:crypto'
import type { Digest } from '@chartferry/core'
import { digestHex } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'

export interface PushedBytes {
  /** Keeps bytes; gives their key where it is not that of the digest. To be called before a version names them. */
  put(digest: Digest, bytes: Uint8Array): Promise<{ readonly blob?: string }>
  /** Where the bytes of a version lie. */
  keyOf(file: { readonly digest: Digest; readonly blob?: string }): string
  /**
   * Deletes the bytes that were written longer ago than `grace` milliseconds and are not among the keys that `used`
   * gives, which is asked before and after they are marked. Gives how many went.
   */
  collect(options: {
    readonly now: number
    readonly grace: number
    readonly used: () => Promise<ReadonlySet<string>>
  }): Promise<number>
}

const folder = 'pushed/'
const marks = 'leaving/'
/** Each that fails met another collector. */
const attempts = 3

/**
 * A collector marks, then looks at the age, then at what is used, then deletes, then takes its marks away. Who keeps
 * bytes writes them, then looks for a mark, then for the bytes, then names them. So either the collector sees young
 * bytes; or the mark is seen: then the bytes are kept a second time, where no collector looks before they are old; or
 * the collector has done all that it will do, and the bytes are seen to be there or are written again. A push must only
 * be quicker than `grace`.
 */
export function pushedBytes(store: BlobStore): PushedBytes {
  const keyOfDigest = (digest: Digest): string => {
    const hex = digestHex(digest)
    return `sha256/${hex.slice(0, 2)}/${hex}`
  }

  /** The keys of bytes that may go: unused, old, and nobody else is about to delete them. */
  async function mark(now: number, grace: number, used: ReadonlySet<string>): Promise<string[]> {
    const marked: string[] = []
    for await (const key of store.list(folder)) {
      if (used.has(key)) continue
      const stat = await store.stat(key)
      if (stat === undefined || now - stat.modified < grace) continue
      if (await store.create(markOf(key), Buffer.alloc(0))) marked.push(key)
      else await forgetOldMark(key, now, grace)
    }
    return marked
  }

  /** A collector that was killed leaves marks behind. They do no harm, but what they mark would never go. */
  async function forgetOldMark(key: string, now: number, grace: number): Promise<void> {
    const stat = await store.stat(markOf(key))
    if (stat !== undefined && now - stat.modified > 10 * grace) await store.delete(markOf(key))
  }

  return {
    put: async (digest, bytes) => {
      const name = keyOfDigest(digest)
      for (let attempt = 0; attempt < attempts; attempt++) {
        await store.put(folder + name, bytes, { digest })
        if ((await store.stat(marks + name)) !== undefined) break
        if ((await store.stat(folder + name)) !== undefined) return {}
      }
      const blob = `${folder}${name}.${randomUUID()}`
      await store.put(blob, bytes, { digest })
      return { blob }
    },
    keyOf: ({ digest, blob }) => blob ?? folder + keyOfDigest(digest),
    collect: async ({ now, grace, used }) => {
      const marked = await mark(now, grace, await used())
      let collected = 0
      try {
        if (marked.length === 0) return 0
        const aged: string[] = []
        for (const key of marked) {
          const stat = await store.stat(key)
          if (stat !== undefined && now - stat.modified >= grace) aged.push(key)
        }
        const inUse = await used()
        for (const key of aged) {
          if (inUse.has(key)) continue
          await store.delete(key)
          collected++
        }
      } finally {
        for (const key of marked) await store.delete(markOf(key))
      }
      return collected
    },
  }
}

function markOf(key: string): string {
  return marks + key.slice(folder.length)
}
