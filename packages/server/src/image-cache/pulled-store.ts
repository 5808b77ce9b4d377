// What was pulled from registries: bytes by digest, and for each repository which of them it has.
import { type Digest, digestOf } from '@chartferry/core'
import { digestHex, readBlob } from '@chartferry/core/internal'
import type { Descriptor } from '@chartferry/core/oci'
import type { BlobStore, ByteRange } from '@chartferry/core/transfer'
import { LRUCache } from 'lru-cache'
import { readRecord, recordBytes } from '../cache/json-record.ts'

/** What a tag stood for when its registry was asked last. */
export interface PulledTag {
  readonly descriptor: Descriptor
  /** Milliseconds since 1970. */
  readonly checkedAt: number
}

/** When content was asked for last. */
export interface PulledUse {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  /** Milliseconds since 1970, to an hour. */
  readonly usedAt: number
}

/** One repository of a registry: `docker.io`, `library/nginx`. */
export interface PulledPlace {
  readonly registry: string
  readonly path: string
}

export interface PulledStore {
  /** What the repository has under a digest, as it or a manifest of it has said. */
  content(place: PulledPlace, digest: Digest): Promise<Descriptor | undefined>
  note(place: PulledPlace, descriptors: readonly Descriptor[]): Promise<void>
  tag(place: PulledPlace, tag: string): Promise<PulledTag | undefined>
  noteTag(place: PulledPlace, tag: string, pulled: PulledTag): Promise<void>
  tags(place: PulledPlace): AsyncIterable<readonly [tag: string, pulled: PulledTag]>
  referrers(place: PulledPlace, subject: Digest): Promise<readonly Descriptor[] | undefined>
  noteReferrers(place: PulledPlace, subject: Digest, referrers: readonly Descriptor[]): Promise<void>
  /** The repositories of a registry that something was pulled from. */
  places(registry: string): AsyncIterable<PulledPlace>
  keyOf(digest: Digest): string
  /** Whether the bytes are here. */
  has(descriptor: Pick<Descriptor, 'digest' | 'size'>): Promise<boolean>
  open(digest: Digest, range: ByteRange | undefined): ReturnType<BlobStore['get']>
  /** The bytes of a manifest; undefined where they are not here. */
  bytes(digest: Digest): Promise<Buffer | undefined>
  /** Throws DIGEST_MISMATCH. */
  putBytes(digest: Digest, bytes: Uint8Array): Promise<void>
  /** Notes that content is asked for, once an hour. */
  touch(descriptors: readonly Pick<Descriptor, 'digest' | 'size'>[]): Promise<void>
  uses(): AsyncIterable<PulledUse>
  /** Undefined for what nobody has asked for. */
  use(digest: Digest): Promise<PulledUse | undefined>
  /** Takes bytes away; repositories have them still, and they are fetched again when they are asked for. */
  evict(digest: Digest): Promise<void>
}

const root = 'images/pulled/'
const bytesFolder = 'images/pulled-bytes/'
const usesFolder = 'images/pulled-uses/'
const hour = 3_600_000
/** Bytes of manifests and records that are held in memory. */
const memoryBytes = 16 * 1024 * 1024

/** Opens what is there. */
export function pulledStore(store: BlobStore, now: () => number): PulledStore {
  const touched = new LRUCache<Digest, number>({ max: 100_000 })
  const named = new LRUCache<string, true>({ max: 10_000 })
  const small = new LRUCache<Digest, Buffer>({ maxSize: memoryBytes })
  // What a repository has it has for good.
  const known = new LRUCache<string, Descriptor>({ max: 50_000 })

  const folderOf = ({ registry, path }: PulledPlace): string => `${root}${registry}/${digestHex(digestOf(path))}/`
  const keyOf = (digest: Digest): string => `${bytesFolder}${digestHex(digest).slice(0, 2)}/${digestHex(digest)}`
  const contentKey = (place: PulledPlace, digest: Digest): string => `${folderOf(place)}content/${digestHex(digest)}`

  async function noteName(place: PulledPlace): Promise<void> {
    const folder = folderOf(place)
    if (named.has(folder)) return
    await store.put(`${folder}name`, recordBytes(place))
    named.set(folder, true)
  }

  return {
    content: async (place, digest) => {
      const key = contentKey(place, digest)
      const held = known.get(key)
      if (held !== undefined) return held
      const found = await readRecord<Descriptor>(store, key)
      if (found !== undefined) known.set(key, found)
      return found
    },
    note: async (place, descriptors) => {
      await noteName(place)
      await Promise.all(
        descriptors.map(async (descriptor) => {
          const { mediaType, digest, size } = descriptor
          const key = contentKey(place, digest)
          if (known.get(key)?.mediaType === mediaType) return
          await store.put(key, recordBytes({ mediaType, digest, size }))
          known.set(key, { mediaType, digest, size })
        }),
      )
    },
    tag: (place, tag) => readRecord<PulledTag>(store, `${folderOf(place)}tags/${tag}`),
    noteTag: async (place, tag, pulled) => {
      await noteName(place)
      await store.put(`${folderOf(place)}tags/${tag}`, recordBytes(pulled))
    },
    async *tags(place) {
      const folder = `${folderOf(place)}tags/`
      for await (const key of store.list(folder)) {
        const pulled = await readRecord<PulledTag>(store, key)
        if (pulled !== undefined) yield [key.slice(folder.length), pulled]
      }
    },
    referrers: (place, subject) =>
      readRecord<readonly Descriptor[]>(store, `${folderOf(place)}referrers/${digestHex(subject)}`),
    noteReferrers: async (place, subject, referrers) => {
      await store.put(`${folderOf(place)}referrers/${digestHex(subject)}`, recordBytes(referrers))
    },
    async *places(registry) {
      for await (const key of store.list(`${root}${registry}/`)) {
        const place = key.endsWith('/name') ? await readRecord<PulledPlace>(store, key) : undefined
        if (place !== undefined) yield place
      }
    },
    keyOf,
    has: async ({ digest, size }) => (await store.stat(keyOf(digest)))?.size === size,
    open: (digest, range) => store.get(keyOf(digest), range === undefined ? {} : { range }),
    bytes: async (digest) => {
      const held = small.get(digest)
      if (held !== undefined) return held
      const read = await readBlob(store, keyOf(digest))
      // Believed by its digest alone.
      if (read === undefined || digestOf(read) !== digest) return undefined
      small.set(digest, read, { size: read.length + 200 })
      return read
    },
    putBytes: async (digest, bytes) => {
      await store.put(keyOf(digest), bytes, { digest })
    },
    touch: async (descriptors) => {
      const at = now()
      await Promise.all(
        descriptors.map(async ({ digest, size }) => {
          if (at - (touched.get(digest) ?? Number.NEGATIVE_INFINITY) < hour) return
          touched.set(digest, at)
          const use: PulledUse = { digest, size, usedAt: at }
          await store.put(`${usesFolder}${digestHex(digest)}`, recordBytes(use))
        }),
      )
    },
    use: (digest) => readRecord<PulledUse>(store, `${usesFolder}${digestHex(digest)}`),
    async *uses() {
      for await (const key of store.list(usesFolder)) {
        const use = await readRecord<PulledUse>(store, key)
        if (use !== undefined) yield use
      }
    },
    evict: async (digest) => {
      // The record first: bytes that nobody knows of are bytes that are fetched once more.
      await store.delete(`${usesFolder}${digestHex(digest)}`)
      touched.delete(digest)
      small.delete(digest)
      await store.delete(keyOf(digest))
    },
  }
}
