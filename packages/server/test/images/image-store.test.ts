// Pushed images in a store: what is acknowledged stays, whatever a collector and other servers do meanwhile.

import type { BlobStore } from '@chartferry/core/transfer'
import { openMemoryStore } from '@chartferry/core/transfer'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../../../test/kit/error-of.ts'
import { type ContentDigest, contentDigestOf } from '../../src/images/content-digest.ts'
import { digestFolder, markKey } from '../../src/images/image-keys.ts'
import type { ImageStore, StoredManifest } from '../../src/images/image-store.ts'
import { openImageStore } from '../../src/images/open-image-store.ts'
import { finishUpload } from '../../src/images/push-blob.ts'

const place = { hosted: 'local', name: 'local/team/web' }
const other = { hosted: 'local', name: 'local/team/other' }
const free = { isImmutable: () => false }
const type = 'application/vnd.oci.image.manifest.v1+json'
const day = 86_400_000

interface Clocked {
  readonly store: BlobStore
  readonly images: ImageStore
  time: number
}

function open(): Clocked {
  const clocked = { time: 1_800_000_000_000 } as Clocked & { time: number }
  const now = (): number => clocked.time
  const store = openMemoryStore({ now })
  return Object.assign(clocked, { store, images: openImageStore(store, { now }) })
}

async function pushBlob(images: ImageStore, text: string, to = place): Promise<ContentDigest> {
  const bytes = Buffer.from(text)
  const digest = contentDigestOf(bytes)
  await images.addBlob(to, digest, bytes)
  return digest
}

function manifestOf(texts: readonly string[], more: object = {}): Buffer {
  const descriptor = (text: string): object => ({
    mediaType: 'application/octet-stream',
    digest: contentDigestOf(Buffer.from(text)),
    size: Buffer.byteLength(text),
  })
  const [config = '', ...layers] = texts
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      config: descriptor(config),
      layers: layers.map(descriptor),
      ...more,
    }),
  )
}

async function pushImage(images: ImageStore, texts: readonly string[], tag: string): Promise<StoredManifest> {
  for (const text of texts) await pushBlob(images, text)
  return images.putManifest(place, { bytes: manifestOf(texts), contentType: type, tags: [tag] }, free)
}

async function tagsOf(images: ImageStore): Promise<string[]> {
  return (await Array.fromAsync(images.tags(place))).map(([tag]) => tag)
}

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function* broken(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
  throw new Error('the client has gone')
}

describe('a manifest', () => {
  it('is there by tag and by digest once it was pushed, in its own repository', async () => {
    const { images } = open()
    const pushed = await pushImage(images, ['config', 'layer'], 'v1')
    expect(await images.manifest(place, 'v1')).toMatchObject({ digest: pushed.digest, mediaType: type })
    expect(await images.manifest(place, pushed.digest)).toMatchObject({ digest: pushed.digest })
    expect(await images.manifest(other, pushed.digest)).toBeUndefined()
    expect(await images.blob(other, contentDigestOf(Buffer.from('layer')))).toBeUndefined()
    expect((await Array.fromAsync(images.places('local'))).map(({ name }) => name)).toEqual([place.name])
  })

  it('is refused when it names what the repository has not, also where another one has it', async () => {
    const { images } = open()
    await pushBlob(images, 'config')
    await pushBlob(images, 'layer', other)
    const refused = images.putManifest(
      place,
      { bytes: manifestOf(['config', 'layer']), contentType: type, tags: ['v1'] },
      free,
    )
    expect((await errorOf(refused)).code).toBe('MANIFEST_BLOB_MISSING')
    expect(await images.manifest(place, 'v1')).toBeUndefined()
  })

  it.each([
    ['no JSON', 'nothing', 'MANIFEST_INVALID'],
    ['an array', '[]', 'MANIFEST_INVALID'],
    ['schema 1', '{"schemaVersion":1}', 'MANIFEST_INVALID'],
    ['a digest that is none', '{"schemaVersion":2,"layers":[{"digest":"sha256:x","size":1}]}', 'MANIFEST_INVALID'],
    [
      'a size that is none',
      `{"schemaVersion":2,"layers":[{"digest":"sha256:${'0'.repeat(64)}","size":-1}]}`,
      'MANIFEST_INVALID',
    ],
    ['another type than it is sent as', `{"schemaVersion":2,"mediaType":"a/b","layers":[]}`, 'MANIFEST_INVALID'],
  ])('is refused when it is %s', async (_, text, code) => {
    const { images } = open()
    const refused = images.putManifest(place, { bytes: Buffer.from(text), contentType: type, tags: ['v1'] }, free)
    expect((await errorOf(refused)).code).toBe(code)
  })

  it('is refused under another digest, and taken under its own of sha512', async () => {
    const { images } = open()
    await pushBlob(images, 'config')
    const bytes = manifestOf(['config'])
    const wrong = contentDigestOf(Buffer.from('something else'))
    const refused = images.putManifest(place, { bytes, contentType: type, digest: wrong, tags: [] }, free)
    expect((await errorOf(refused)).code).toBe('PUSH_INVALID')
    const digest = contentDigestOf(bytes, `sha512:${'0'.repeat(128)}`)
    expect((await images.putManifest(place, { bytes, contentType: type, digest, tags: [] }, free)).digest).toBe(digest)
  })

  it('goes with its tags, and is no referrer any more', async () => {
    const { images } = open()
    const subject = await pushImage(images, ['config', 'layer'], 'v1')
    const bytes = manifestOf(['config'], {
      subject: { mediaType: type, digest: subject.digest, size: subject.size },
      artifactType: 'a/sbom',
    })
    const referrer = await images.putManifest(place, { bytes, contentType: type, tags: ['sbom', 'also'] }, free)
    expect(await images.referrers(place, subject.digest)).toMatchObject([
      { digest: referrer.digest, artifactType: 'a/sbom' },
    ])
    await images.deleteManifest(place, referrer.digest, free)
    expect([await images.referrers(place, subject.digest), await tagsOf(images)]).toEqual([[], ['v1']])
    expect((await errorOf(images.deleteManifest(place, referrer.digest, free))).code).toBe('MANIFEST_NOT_FOUND')
  })
})

describe('a tag', () => {
  it('moves, is taken away, and comes back', async () => {
    const { images } = open()
    const [one, two] = [await pushImage(images, ['c', 'one'], 'v1'), await pushImage(images, ['c', 'two'], 'v1')]
    expect((await images.manifest(place, 'v1'))?.digest).toBe(two.digest)
    await images.deleteTag(place, 'v1', free)
    expect([await images.manifest(place, 'v1'), await tagsOf(images)]).toEqual([undefined, []])
    expect(await images.manifest(place, one.digest)).toBeDefined()
    await pushImage(images, ['c', 'one'], 'v1')
    expect((await images.manifest(place, 'v1'))?.digest).toBe(one.digest)
  })

  it('that does not change takes the same manifest again, and no other one', async () => {
    const { images } = open()
    const rules = { isImmutable: (tag: string) => tag.startsWith('v') }
    const one = await pushImage(images, ['c', 'one'], 'v1')
    await pushBlob(images, 'two')
    const again = { bytes: manifestOf(['c', 'one']), contentType: type, tags: ['v1'] }
    expect((await images.putManifest(place, again, rules)).digest).toBe(one.digest)
    const another = { bytes: manifestOf(['c', 'two']), contentType: type, tags: ['v1'] }
    for (const refused of [
      images.putManifest(place, another, rules),
      images.deleteTag(place, 'v1', rules),
      images.deleteManifest(place, one.digest, rules),
    ])
      expect((await errorOf(refused)).code).toBe('TAG_IMMUTABLE')
  })

  it('given by sixteen at once stands for one of theirs', async () => {
    const { images } = open()
    const texts = Array.from({ length: 16 }, (_, at) => `layer ${at}`)
    const pushed = await Promise.all(texts.map((text) => pushImage(images, ['c', text], 'v1')))
    const found = await images.manifest(place, 'v1')
    expect(pushed.map(({ digest }) => digest)).toContain(found?.digest)
  })
})

describe('an upload', () => {
  it('goes on where it was, on another server, and is a blob in the end', async () => {
    const { store, images, time } = open()
    const session = await images.uploads.begin(place)
    await expect(images.uploads.append(place, session, broken('one '), { limit: 100 })).rejects.toThrow('has gone')
    const second = openImageStore(store, { now: () => time })
    expect(await second.uploads.state(place, session)).toEqual({ size: 4 })
    const digest = contentDigestOf(Buffer.from('one two three'))
    await second.uploads.append(place, session, pieces('two', ' '), { start: 4, limit: 100 })
    await finishUpload(images, place, session, { digest, body: pieces('three'), hasBody: true, limit: 100 })
    expect(await images.blob(place, digest)).toMatchObject({ size: 13 })
    expect((await errorOf(images.uploads.state(place, session))).code).toBe('UPLOAD_NOT_FOUND')
    // The answer was lost: the client asks once more.
    await second.uploads.state(place, session).catch(() => {})
    await finishUpload(second, place, session, { digest, body: pieces(), hasBody: false, limit: 100 })
  })

  it('takes each part once, whoever sends it', async () => {
    const { images } = open()
    const session = await images.uploads.begin(place)
    const sent = await Promise.allSettled(
      ['aaaa', 'bb'].map((text) => images.uploads.append(place, session, pieces(text), { start: 0, limit: 100 })),
    )
    expect(sent.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const { size } = await images.uploads.state(place, session)
    expect([2, 4]).toContain(size)
    const misplaced = await errorOf(images.uploads.append(place, session, pieces('x'), { start: 9, limit: 100 }))
    expect([misplaced.code, misplaced.details.size]).toEqual(['UPLOAD_MISPLACED', size])
  })

  it.each([
    ['with another digest', 'three', 'PUSH_INVALID'],
    ['that is too large', 'x'.repeat(200), 'UPLOAD_TOO_LARGE'],
  ])('%s is refused, and nothing is kept', async (_, text, code) => {
    const { images } = open()
    const session = await images.uploads.begin(place)
    await images.uploads.append(place, session, pieces('one '), { limit: 100 })
    const digest = contentDigestOf(Buffer.from('one two'))
    const end = finishUpload(images, place, session, { digest, body: pieces(text), hasBody: true, limit: 100 })
    expect((await errorOf(end)).code).toBe(code)
    expect(await images.blob(place, digest)).toBeUndefined()
  })

  it('of another repository, or with a name of no upload, is not there', async () => {
    const { images } = open()
    const session = await images.uploads.begin(place)
    for (const state of [images.uploads.state(other, session), images.uploads.state(place, '../../x')])
      expect((await errorOf(state)).code).toBe('UPLOAD_NOT_FOUND')
  })

  it('that nobody goes on with is swept after a day', async () => {
    const clocked = open()
    const session = await clocked.images.uploads.begin(place)
    await clocked.images.uploads.append(place, session, pieces('one'), { limit: 100 })
    clocked.time += day - 1
    expect(await clocked.images.collectGarbage()).toBe(0)
    clocked.time += 2
    expect(await clocked.images.collectGarbage()).toBe(1)
    expect((await errorOf(clocked.images.uploads.state(place, session))).code).toBe('UPLOAD_NOT_FOUND')
    expect(await Array.fromAsync(clocked.store.list('images/'))).toEqual([])
  })
})

describe('the collector', () => {
  it('takes what no manifest names any more, once it is a day old', async () => {
    const clocked = open()
    const { images, store } = clocked
    const kept = await pushImage(images, ['c', 'kept'], 'v1')
    const gone = await pushImage(images, ['c', 'gone'], 'v2')
    await images.deleteManifest(place, gone.digest, free)
    expect(await images.collectGarbage()).toBe(0)
    clocked.time += 2 * day
    // The manifest, its layer and its tag; the config is the other one's, too.
    expect(await images.collectGarbage()).toBe(3)
    expect(await images.manifest(place, 'v1')).toMatchObject({ digest: kept.digest })
    for (const { digest } of kept.named) expect(await images.open(digest)).toBeDefined()
    expect(await Array.fromAsync(store.list(digestFolder(gone.digest)))).toEqual([])
    expect(await images.collectGarbage()).toBe(0)
  })

  it('leaves a blob that somebody has just asked for, and takes it when nobody named it for a day', async () => {
    const clocked = open()
    const digest = await pushBlob(clocked.images, 'old')
    clocked.time += 2 * day
    await clocked.images.touch(place, digest)
    expect(await clocked.images.collectGarbage()).toBe(0)
    expect(await clocked.images.blob(place, digest)).toBeDefined()
    clocked.time += 2 * day
    expect(await clocked.images.collectGarbage()).toBe(1)
    expect(await clocked.images.blob(place, digest)).toBeUndefined()
  })

  it('leaves what another repository took over', async () => {
    const clocked = open()
    const { images } = clocked
    const digest = await pushBlob(images, 'config')
    expect(await images.mount(other, digest, place)).toBe(true)
    await images.putManifest(other, { bytes: manifestOf(['config']), contentType: type, tags: ['v1'] }, free)
    clocked.time += 2 * day
    await images.collectGarbage()
    expect([await images.blob(place, digest), await images.open(digest)]).toEqual([undefined, expect.anything()])
    expect(await images.mount(place, contentDigestOf(Buffer.from('nothing')), other)).toBe(false)
  })

  it('never takes what is pushed while it runs: each step of the one between two steps of the other', async () => {
    for (let step = 0; step < 40; step++) {
      const clocked = open()
      const first = await pushImage(clocked.images, ['c', 'layer'], 'v1')
      await clocked.images.deleteManifest(place, first.digest, free)
      clocked.time += 2 * day
      // The collector stands still before its step of this number until the push has been acknowledged, or waits.
      const { store, reached, go } = pausing(clocked.store, step)
      const now = (): number => clocked.time
      const collecting = openImageStore(store, { now }).collectGarbage()
      await Promise.race([reached, collecting])
      const pushing = pushImage(clocked.images, ['c', 'layer'], 'v2')
      // A push that waits for a mark goes on when the collector does.
      await Promise.race([pushing.catch(() => {}), markIsThere(clocked.store, first.digest), collecting])
      go()
      await collecting
      const pushed = await pushing
      clocked.time += 2 * day
      await clocked.images.collectGarbage()
      expect(await clocked.images.manifest(place, 'v2')).toMatchObject({ digest: pushed.digest })
      for (const { digest } of [pushed, ...pushed.named]) expect(await clocked.images.open(digest)).toBeDefined()
    }
  })
})

/** A store whose user stands still before one of its changes. */
function pausing(
  store: BlobStore,
  step: number,
): { readonly store: BlobStore; readonly reached: Promise<void>; readonly go: () => void } {
  const reached = Promise.withResolvers<void>()
  const going = Promise.withResolvers<void>()
  let left = step
  const pause = async (): Promise<void> => {
    if (left-- !== 0) return
    reached.resolve()
    await going.promise
  }
  return {
    reached: reached.promise,
    go: () => going.resolve(),
    store: {
      ...store,
      stat: async (key) => {
        await pause()
        return store.stat(key)
      },
      create: async (key, body) => {
        await pause()
        return store.create(key, body)
      },
      delete: async (key) => {
        await pause()
        return store.delete(key)
      },
    },
  }
}

/** Resolves at the next turn when the collector holds a mark, which a push would wait for; never otherwise. */
async function markIsThere(store: BlobStore, digest: ContentDigest): Promise<void> {
  const marks = [digest, contentDigestOf(Buffer.from('c')), contentDigestOf(Buffer.from('layer'))]
  const found = await Promise.all(marks.map((each) => store.stat(markKey(each))))
  if (found.every((stat) => stat === undefined)) await new Promise<never>(() => {})
}
