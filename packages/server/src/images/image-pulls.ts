// When pushed images were pulled last: a small record each, written at most once an hour.
import { messageOf } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { LRUCache } from 'lru-cache'
import { readRecord, recordBytes } from '../cache/json-record.ts'
import { type ContentDigest, digestSegment } from './content-digest.ts'
import { type ImagePlace, placeSegment } from './image-keys.ts'

export interface ImagePulls {
  /** A manifest was pulled now. Returns at once. */
  readonly note: (place: ImagePlace, digest: ContentDigest) => void
  /** Milliseconds since 1970, to an hour; undefined where nobody has pulled it. */
  last(place: ImagePlace, digest: ContentDigest): Promise<number | undefined>
}

export interface ImagePullsOptions {
  readonly store: BlobStore
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly warn: (message: string, details: Readonly<Record<string, unknown>>) => void
}

const hour = 3_600_000

/** Keeps them in the store. Several servers may: the last one to write is right to the hour. */
export function imagePulls({ store, now, warn }: ImagePullsOptions): ImagePulls {
  const noted = new LRUCache<string, number>({ max: 10_000 })
  const keyOf = (place: ImagePlace, digest: ContentDigest): string =>
    `images/pulls/${place.hosted}/${placeSegment(place)}/${digestSegment(digest)}`
  return {
    note: (place, digest) => {
      const key = keyOf(place, digest)
      const at = now()
      if (at - (noted.get(key) ?? Number.NEGATIVE_INFINITY) < hour) return
      noted.set(key, at)
      void store.put(key, recordBytes({ at })).catch((thrown: unknown) => {
        noted.delete(key)
        warn('the time of a pull was not kept', { image: place.name, digest, error: messageOf(thrown) })
      })
    },
    last: async (place, digest) => (await readRecord<{ readonly at: number }>(store, keyOf(place, digest)))?.at,
  }
}
