import { digestOf } from '@chartferry/core'
import { type BlobStore, openMemoryStore } from '@chartferry/core/transfer'
import { describe, expect, it } from 'vitest'
import { pushedBytes } from '../../src/hosted/pushed-bytes.ts'

const bytes = Buffer.from('a chart')
const digest = digestOf(bytes)
const day = 86_400_000

/** Promises that somebody else settles. */
function signalled(): { readonly happened: Promise<void>; readonly signal: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { happened: promise, signal: resolve }
}

describe('pushedBytes', () => {
  it('loses nothing when a collector deletes between the writing of bytes and the look for its mark', async () => {
    let time = 0
    const memory = openMemoryStore({ now: () => time })
    await pushedBytes(memory).put(digest, bytes)
    time = 2 * day
    const [written, collected] = [signalled(), signalled()]
    // The one who pushes looks for a mark only when the collector is gone.
    const slow: BlobStore = {
      ...memory,
      stat: async (key) => {
        if (key.startsWith('leaving/')) {
          written.signal()
          await collected.happened
        }
        return memory.stat(key)
      },
    }
    let asked = 0
    let pushing: ReturnType<ReturnType<typeof pushedBytes>['put']> | undefined
    const count = await pushedBytes(memory).collect({
      now: time,
      grace: day,
      used: async () => {
        // The second time the ages have been looked at.
        if (++asked === 2) {
          pushing = pushedBytes(slow).put(digest, bytes)
          await written.happened
        }
        return new Set()
      },
    })
    collected.signal()
    const place = pushedBytes(memory).keyOf({ digest, ...(await pushing) })
    expect([count, (await memory.stat(place))?.size]).toEqual([1, bytes.length])
  })

  it('keeps bytes a second time where a collector is at work', async () => {
    const store = openMemoryStore()
    const pushed = pushedBytes(store)
    const hex = digest.slice('sha256:'.length)
    await store.put(`leaving/sha256/${hex.slice(0, 2)}/${hex}`, Buffer.alloc(0))
    const kept = await pushed.put(digest, bytes)
    expect(kept.blob).toMatch(/^pushed\/sha256\//)
    expect((await store.stat(pushed.keyOf({ digest, ...kept })))?.size).toBe(bytes.length)
  })
})
