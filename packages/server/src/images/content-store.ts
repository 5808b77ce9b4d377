// The bytes of pushed images, by digest: repositories share them, and a collector that runs meanwhile takes none that
// somebody has, or is about to name.
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { ChartferryError } from '@chartferry/core'
import type { BlobBody, BlobStore, ByteRange } from '@chartferry/core/transfer'
import { readRecord, recordBytes } from '../cache/json-record.ts'
import { type ContentDigest, hashFor } from './content-digest.ts'
import { bytesKey, comingKey, type ImagePlace, markKey, memberKey, namedKey } from './image-keys.ts'

/** That a repository has a content. */
export interface Member {
  /** Bytes. */
  readonly size: number
  /** The repository. */
  readonly place: ImagePlace
}

export interface ContentStore {
  /** Undefined where the repository has no such content. */
  find(place: ImagePlace, digest: ContentDigest): Promise<Member | undefined>
  /** The bytes, or those of the range; undefined when they have gone. */
  open(digest: ContentDigest, range?: ByteRange): ReturnType<BlobStore['get']>
  /**
   * Keeps bytes for a repository. Throws PUSH_INVALID where they do not have the digest, and what reading them throws;
   * then nothing has changed.
   */
  add(place: ImagePlace, digest: ContentDigest, body: BlobBody): Promise<Member>
  /** Gives a repository what is there already; false where it is not. */
  link(place: ImagePlace, digest: ContentDigest, size: number): Promise<boolean>
  /** Takes a content from a repository; a collector takes the bytes where nobody has them any more. */
  unlink(place: ImagePlace, digest: ContentDigest): Promise<void>
  /** Makes a content as young as if it had just been pushed: somebody may be about to name it. */
  touch(place: ImagePlace, digest: ContentDigest, member: Member): Promise<void>
  /**
   * Notes that a manifest names these, then looks which of them the repository has: gives the first that it has not.
   */
  name(place: ImagePlace, manifest: ContentDigest, named: readonly ContentDigest[]): Promise<ContentDigest | undefined>
  /** Takes back what `name` noted. */
  forget(place: ImagePlace, manifest: ContentDigest, named: readonly ContentDigest[]): Promise<void>
}

/**
 * Milliseconds after which whoever marked a content is dead. A collector holds a mark for as long as a few requests
 * take, and gives up long before this.
 */
export const deadAfter: number = 10 * 60_000
const lookAgain = 50
const patience = 15_000

/** Keys that are written or looked at side by side. */
const atOnce = 16

/**
 * Who adds or names writes first and then looks for a mark; a collector marks first and then looks for what was
 * written. So one of the two sees the other (`collect-images.ts`). The one assumption is that an upload takes less than
 * a day.
 */
export function contentStore(store: BlobStore, now: () => number): ContentStore {
  /** Returns when nobody is about to take the content away. Throws STORE_UNAVAILABLE. */
  async function unmarked(digest: ContentDigest): Promise<void> {
    for (const deadline = performance.now() + patience; performance.now() < deadline; await wait(lookAgain)) {
      const mark = await store.stat(markKey(digest))
      if (mark === undefined) return
      if (now() - mark.modified > deadAfter) await store.delete(markKey(digest))
    }
    throw new ChartferryError('STORE_UNAVAILABLE', `${digest} is being collected; push it again`)
  }

  const isThere = async (place: ImagePlace, digest: ContentDigest): Promise<boolean> => {
    const found = await Promise.all([store.stat(memberKey(digest, place)), store.stat(bytesKey(digest))])
    return found.every((stat) => stat !== undefined)
  }

  async function link(place: ImagePlace, digest: ContentDigest, size: number): Promise<boolean> {
    // A collector may have looked at what stood here before.
    for (let attempt = 0; attempt < 3; attempt++) {
      await store.put(memberKey(digest, place), recordBytes({ size, place } satisfies Member))
      await unmarked(digest)
      if (await isThere(place, digest)) return true
    }
    await store.delete(memberKey(digest, place))
    return false
  }

  return {
    find: (place, digest) => readRecord<Member>(store, memberKey(digest, place)),
    open: (digest, range) => store.get(bytesKey(digest), range === undefined ? {} : { range }),
    add: async (place, digest, body) => {
      const coming = comingKey(digest, randomUUID())
      await store.put(coming, recordBytes({ place }))
      try {
        await unmarked(digest)
        const { size } = await store.put(bytesKey(digest), checked(body, digest))
        const member: Member = { size, place }
        await store.put(memberKey(digest, place), recordBytes(member))
        return member
      } finally {
        await store.delete(coming)
      }
    },
    link,
    unlink: (place, digest) => store.delete(memberKey(digest, place)),
    touch: async (place, digest, { size }) => {
      await store.put(memberKey(digest, place), recordBytes({ size, place } satisfies Member))
    },
    name: async (place, manifest, named) => {
      let missing: ContentDigest | undefined
      await inTurns(named, async (digest) => {
        await store.put(namedKey(digest, place, manifest), recordBytes({}))
        await unmarked(digest)
        if (!(await isThere(place, digest))) missing ??= digest
      })
      return missing
    },
    forget: (place, manifest, named) => inTurns(named, (digest) => store.delete(namedKey(digest, place, manifest))),
  }
}

/** Runs work for each of them, some side by side. */
async function inTurns(
  digests: readonly ContentDigest[],
  work: (digest: ContentDigest) => Promise<void>,
): Promise<void> {
  const left = [...new Set(digests)]
  const worker = async (): Promise<void> => {
    for (let digest = left.pop(); digest !== undefined; digest = left.pop()) await work(digest)
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, left.length) }, worker))
}

/** Passes bytes on; the last ones only if all of them have the digest. */
async function* checked(body: BlobBody, digest: ContentDigest): AsyncGenerator<Uint8Array> {
  const hash = hashFor(digest)
  for await (const piece of body instanceof Uint8Array ? [body] : body) {
    hash.update(piece)
    yield piece
  }
  const actual = hash.digest('hex')
  if (!digest.endsWith(`:${actual}`))
    throw new ChartferryError(
      'PUSH_INVALID',
      `what was pushed as ${digest} has the digest ${digest.slice(0, 7)}${actual}`,
      {
        details: { digest },
      },
    )
}
