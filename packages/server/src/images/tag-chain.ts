// Tags: each is a chain of numbered pointers that are only ever created, so that of several writers one is the next.
import { ChartferryError } from '@chartferry/core'
import type { BlobStore } from '@chartferry/core/transfer'
import type { LRUCache } from 'lru-cache'
import { readRecord, recordBytes } from '../cache/json-record.ts'
import type { ContentDigest } from './content-digest.ts'

/** What a tag stands for; without a digest it has been taken away. */
export interface TagPointer {
  readonly digest?: ContentDigest
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface TagChains {
  /** Undefined where there is no such tag. */
  resolve(tag: string): Promise<ContentDigest | undefined>
  /**
   * Moves a tag, or takes it away. `decide` sees what it stands for now, and is asked again when somebody was first:
   * what it throws is the answer, and `keep` leaves the tag as it is.
   */
  move(tag: string, decide: (current: ContentDigest | undefined) => ContentDigest | 'keep' | undefined): Promise<void>
  /** All tags with what they stand for, in no order that means anything. */
  all(): AsyncIterable<readonly [tag: string, digest: ContentDigest]>
}

const digits = 12
/** Pointers are read side by side. */
const readsAtOnce = 32
/** A pointer that is gone was replaced; one that is there and cannot be read is damaged. */
const looks = 20

/**
 * Opens the tags below a folder that ends in `/`. The memory may be shared: what stands under a key never changes. A
 * number may be used again once it is old, by who slept between looking and writing; then a later number counts, as if
 * they had been in time.
 */
export function tagChains(
  store: BlobStore,
  folder: string,
  memory: LRUCache<string, TagPointer>,
  now: () => number,
): TagChains {
  const keyOf = (tag: string, number: number): string => `${folder}${tag}/${String(number).padStart(digits, '0')}`

  async function read(key: string): Promise<TagPointer | undefined> {
    const known = memory.get(key)
    if (known !== undefined) return known
    const found = await readRecord<TagPointer>(store, key)
    if (found !== undefined) memory.set(key, found)
    return found
  }

  async function numbers(tag: string): Promise<number[]> {
    const found: number[] = []
    for await (const key of store.list(`${folder}${tag}/`)) found.push(Number(key.slice(-digits)))
    return found
  }

  /** The newest pointer; looks again when it was replaced meanwhile. */
  async function newest(tag: string): Promise<{ readonly number: number; readonly digest: ContentDigest | undefined }> {
    for (let attempt = 0; attempt < looks; attempt++) {
      let number = (await numbers(tag)).at(-1) ?? 0
      let pointer = number === 0 ? undefined : await read(keyOf(tag, number))
      // A listing may be late: it lacks what was written a moment ago, and has what was taken away with it.
      for (
        let next = await read(keyOf(tag, number + 1));
        next !== undefined;
        next = await read(keyOf(tag, number + 1))
      ) {
        pointer = next
        number += 1
      }
      if (number === 0 || pointer !== undefined) return { number, digest: pointer?.digest }
    }
    throw new ChartferryError('STORE_UNAVAILABLE', `the image of the tag ${tag} cannot be read`)
  }

  /** What a newer pointer has replaced says nothing any more. */
  async function trim(tag: string, upTo: number): Promise<void> {
    for (const number of await numbers(tag)) if (number < upTo) await store.delete(keyOf(tag, number))
  }

  return {
    resolve: async (tag) => (await newest(tag)).digest,
    move: async (tag, decide) => {
      for (;;) {
        const { number, digest: current } = await newest(tag)
        const digest = decide(current)
        if (digest === 'keep' || (digest === undefined && current === undefined)) return
        const pointer: TagPointer = { ...(digest === undefined ? {} : { digest }), at: now() }
        if (!(await store.create(keyOf(tag, number + 1), recordBytes(pointer)))) continue
        await trim(tag, number)
        return
      }
    },
    async *all() {
      let group: (readonly [string, string])[] = []
      let last: readonly [string, string] | undefined
      const flush = async (): Promise<(readonly [string, ContentDigest])[]> => {
        const found = await Promise.all(group.map(async ([tag, key]) => [tag, (await read(key))?.digest] as const))
        group = []
        return found.flatMap(([tag, digest]) => (digest === undefined ? [] : [[tag, digest] as const]))
      }
      for await (const key of store.list(folder)) {
        const tag = key.slice(folder.length, -digits - 1)
        if (last !== undefined && last[0] !== tag) group.push(last)
        last = [tag, key]
        if (group.length === readsAtOnce) yield* await flush()
      }
      if (last !== undefined) group.push(last)
      yield* await flush()
    },
  }
}
