// Images of hosted repositories on a blob store: content by digest, tags as chains, and what manifests name noted
// beside what they name.
import { ChartferryError } from '@chartferry/core'
import { readBlob } from '@chartferry/core/internal'
import type { BlobStore } from '@chartferry/core/transfer'
import { LRUCache } from 'lru-cache'
import { readRecord, recordBytes } from '../cache/json-record.ts'
import { collectImages } from './collect-images.ts'
import { type ContentDigest, contentDigestOf, digestSegment, isContentDigest } from './content-digest.ts'
import { type ContentStore, contentStore, type Member } from './content-store.ts'
import {
  bytesKey,
  digestFolder,
  type ImagePlace,
  manifestKey,
  memberKey,
  placeFolder,
  placeSegment,
  repositoriesFolder,
} from './image-keys.ts'
import type { ImageStore, PushedManifest, PushImageRules, Referrer, StoredManifest } from './image-store.ts'
import { readManifestForm } from './manifest-form.ts'
import { type TagChains, type TagPointer, tagChains } from './tag-chain.ts'
import { uploadSessions } from './upload-sessions.ts'

export interface ImageStoreOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Milliseconds for which what nobody needs is kept. Default: a day. Longer than any push takes. */
  readonly grace?: number
}

const day = 86_400_000
/** Bytes of manifests and records that are held in memory. */
const memoryBytes = 16 * 1024 * 1024
const mostPointers = 50_000
const readsAtOnce = 32

/** Opens the images of a store. Reads nothing yet. */
export function openImageStore(store: BlobStore, { now, grace = day }: ImageStoreOptions): ImageStore {
  const content = contentStore(store, now)
  const uploads = uploadSessions(store, now)
  const pointers = new LRUCache<string, TagPointer>({ max: mostPointers })
  // What has a digest never changes; whether a repository has it is asked each time.
  const small = new LRUCache<string, Buffer>({ maxSize: memoryBytes })
  const known = new LRUCache<string, true>({ max: 10_000 })

  const tagsOf = (place: ImagePlace): TagChains => tagChains(store, `${placeFolder(place)}tags/`, pointers, now)
  const referrersFolder = (place: ImagePlace, subject: ContentDigest): string =>
    `${placeFolder(place)}referrers/${digestSegment(subject)}/`

  const recordOf = (place: ImagePlace, digest: ContentDigest): Promise<StoredManifest | undefined> =>
    readRecord<StoredManifest>(store, manifestKey(place, digest))

  async function bytes(digest: ContentDigest): Promise<Buffer> {
    const held = small.get(digest)
    if (held !== undefined) return held
    const read = await readBlob(store, bytesKey(digest))
    if (read === undefined)
      throw new ChartferryError('STORE_UNAVAILABLE', `the bytes of ${digest} have just been removed`)
    if (contentDigestOf(read, digest) !== digest)
      throw new ChartferryError('STORE_UNAVAILABLE', `the bytes of ${digest} have changed in the store`)
    small.set(digest, read, { size: read.length + 200 })
    return read
  }

  /** The name of a repository is noted once, so that it can be listed. */
  async function noteName(place: ImagePlace): Promise<void> {
    if (known.has(place.name)) return
    await store.put(`${placeFolder(place)}name`, recordBytes({ name: place.name }))
    known.set(place.name, true)
  }

  async function putManifest(
    place: ImagePlace,
    { bytes: body, contentType, digest: claimed, tags }: PushedManifest,
    { isImmutable }: PushImageRules,
  ): Promise<StoredManifest> {
    const form = readManifestForm(body, contentType)
    const digest = contentDigestOf(body, claimed)
    if (claimed !== undefined && claimed !== digest)
      throw new ChartferryError('PUSH_INVALID', `the manifest pushed as ${claimed} has the digest ${digest}`, {
        details: { digest: claimed },
      })
    const chains = tagsOf(place)
    // What will be refused need not be kept first.
    for (const tag of tags) if (isImmutable(tag)) refuseOther(place, tag, await chains.resolve(tag), digest)
    await content.add(place, digest, body)
    // Its own content, too, is something that a manifest needs.
    const needed = [digest, ...form.named.map((named) => named.digest)]
    const missing = await content.name(place, digest, needed)
    if (missing !== undefined) {
      if ((await recordOf(place, digest)) === undefined) await content.forget(place, digest, needed)
      throw new ChartferryError(
        'MANIFEST_BLOB_MISSING',
        `${place.name}: the manifest names ${missing}, which is not there`,
        {
          details: { digest: missing },
        },
      )
    }
    const manifest: StoredManifest = { digest, size: body.length, ...form, pushedAt: now() }
    await noteName(place)
    await store.put(manifestKey(place, digest), recordBytes(manifest))
    if (form.subject !== undefined)
      await store.put(
        `${referrersFolder(place, form.subject)}${digestSegment(digest)}`,
        recordBytes(referrerOf(manifest)),
      )
    for (const tag of tags)
      await chains.move(tag, (current) => {
        if (isImmutable(tag)) refuseOther(place, tag, current, digest)
        return current === digest ? 'keep' : digest
      })
    return manifest
  }

  /** What it named is left to the collector: somebody may push the same manifest at this very moment. */
  async function removeManifest(place: ImagePlace, { digest, subject }: StoredManifest): Promise<void> {
    await store.delete(manifestKey(place, digest))
    if (subject !== undefined) await store.delete(`${referrersFolder(place, subject)}${digestSegment(digest)}`)
    const chains = tagsOf(place)
    for await (const [tag, target] of chains.all())
      if (target === digest) await chains.move(tag, (current) => (current === digest ? undefined : 'keep'))
  }

  return {
    uploads,
    bytes,
    manifest: async (place, reference) => {
      const digest = isContentDigest(reference) ? reference : await tagsOf(place).resolve(reference)
      return digest && (await recordOf(place, digest))
    },
    blob: (place, digest) => content.find(place, digest),
    open: (digest, range) => content.open(digest, range),
    tags: (place) => tagsOf(place).all(),
    referrers: async (place, subject) => {
      const found = await Array.fromAsync(records<Referrer>(store, referrersFolder(place, subject)))
      return found.sort((a, b) => (a.digest < b.digest ? -1 : 1))
    },
    async *places(hosted) {
      for await (const key of store.list(`${repositoriesFolder}${hosted}/`)) {
        if (!key.endsWith('/name')) continue
        const record = await readRecord<{ readonly name: string }>(store, key)
        if (record !== undefined) yield { hosted, name: record.name }
      }
    },
    async *holders(digest) {
      for await (const { place } of records<Member>(store, `${digestFolder(digest)}in/`)) yield place
    },
    manifests: (place) => records<StoredManifest>(store, `${placeFolder(place)}manifests/`),
    addBlob: (place, digest, body) => content.add(place, digest, body),
    mount: async (place, digest, from) => {
      const member = await content.find(from, digest)
      return member !== undefined && (await content.link(place, digest, member.size))
    },
    touch: (place, digest) => renew(store, content, place, digest, now(), grace),
    putManifest,
    deleteTag: async (place, tag, { isImmutable }) => {
      const chains = tagsOf(place)
      const current = await chains.resolve(tag)
      if (current === undefined || (await recordOf(place, current)) === undefined) throw noManifest(place, tag)
      if (isImmutable(tag)) throw immutable(place, tag)
      await chains.move(tag, () => undefined)
    },
    deleteManifest: async (place, digest, { isImmutable }) => {
      const manifest = await recordOf(place, digest)
      if (manifest === undefined) throw noManifest(place, digest)
      for await (const [tag, target] of tagsOf(place).all())
        if (target === digest && isImmutable(tag)) throw immutable(place, tag)
      await removeManifest(place, manifest)
    },
    deleteBlob: async (place, digest) => {
      if ((await content.find(place, digest)) === undefined)
        throw new ChartferryError('BLOB_NOT_FOUND', `${place.name}: there is no blob ${digest}`)
      for await (const key of store.list(`${digestFolder(digest)}for/${placeSegment(place)}/`)) {
        if (await isCurrent(store, place, key))
          throw new ChartferryError('BLOB_IN_USE', `${place.name}: a manifest names ${digest}`, {
            hint: 'Delete the manifest first.',
          })
      }
      await content.unlink(place, digest)
    },
    collectGarbage: () => collectImages({ store, now, grace }),
  }
}

/** Whether the manifest that a content is noted for is there. */
async function isCurrent(store: BlobStore, place: ImagePlace, key: string): Promise<boolean> {
  return (await store.stat(`${placeFolder(place)}manifests/${key.slice(key.lastIndexOf('/') + 1)}`)) !== undefined
}

/** Half of the grace is enough: until then it is young. */
async function renew(
  store: BlobStore,
  content: ContentStore,
  place: ImagePlace,
  digest: ContentDigest,
  now: number,
  grace: number,
): Promise<void> {
  const member = await content.find(place, digest)
  if (member === undefined) return
  const stat = await store.stat(memberKey(digest, place))
  if (stat === undefined || now - stat.modified < grace / 2) return
  await content.touch(place, digest, member)
}

/** The records of a folder, some read side by side. */
async function* records<Value>(store: BlobStore, folder: string): AsyncGenerator<Value> {
  let keys: string[] = []
  const read = async (): Promise<Value[]> => {
    const found = await Promise.all(keys.map((key) => readRecord<Value>(store, key)))
    keys = []
    return found.filter((record) => record !== undefined)
  }
  for await (const key of store.list(folder)) {
    keys.push(key)
    if (keys.length === readsAtOnce) yield* await read()
  }
  yield* await read()
}

function referrerOf({ mediaType, digest, size, artifactType, annotations }: StoredManifest): Referrer {
  return {
    mediaType,
    digest,
    size,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

function refuseOther(place: ImagePlace, tag: string, current: ContentDigest | undefined, next: ContentDigest): void {
  if (current !== undefined && current !== next) throw immutable(place, tag)
}

function immutable({ name }: ImagePlace, tag: string): ChartferryError {
  return new ChartferryError('TAG_IMMUTABLE', `${name}:${tag} is there, and tags like it do not change here`, {
    hint: 'Push under another tag; `immutableTags` of the repository says which ones stay.',
  })
}

function noManifest({ name }: ImagePlace, reference: string): ChartferryError {
  return new ChartferryError('MANIFEST_NOT_FOUND', `${name}: there is no ${reference}`)
}
