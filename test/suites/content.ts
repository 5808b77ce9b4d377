// What every place for content must do; each implementation runs it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOf } from '../../packages/core/src/digest.ts'
import { type ErrorCode, isChartferryError } from '../../packages/core/src/errors.ts'
import type { ContentRepository, ContentStream } from '../../packages/core/src/oci/content/content.ts'
import type { Descriptor } from '../../packages/core/src/oci/content/descriptor.ts'
import { readContent, readManifest } from '../../packages/core/src/oci/content/read-content.ts'
import { describeBytes, noise, pushImage, pushIndex } from '../kit/images.ts'

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  return promise.then(
    () => undefined,
    (thrown: unknown) => (isChartferryError(thrown) ? thrown.code : undefined),
  )
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

async function* pieces(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

async function bytesOf(stream: ContentStream): Promise<Buffer> {
  return Buffer.concat(await all(stream))
}

/** Declares the suite for places that `open` gives; each test gets a new and empty one. */
export function contentSuite(
  name: string,
  open: () => Promise<{ readonly place: ContentRepository; close(): Promise<void> }>,
): void {
  describe(`${name} as a place for content`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let place: ContentRepository
    beforeEach(async () => {
      opened = await open()
      place = opened.place
    })
    afterEach(() => opened.close())
    const layer = noise('layer', 300_000)
    const blob = describeBytes('application/vnd.oci.image.layer.v1.tar+gzip', layer)

    it('gives back a blob that was pushed at once or in pieces, from any offset', async () => {
      expect(await place.has(blob)).toBe(false)
      await place.push(blob, pieces(layer.subarray(0, 7), layer.subarray(7, 100_000), layer.subarray(100_000)))
      expect(await place.has(blob)).toBe(true)
      expect(digestOf(await bytesOf(await place.fetch(blob)))).toBe(blob.digest)
      expect((await bytesOf(await place.fetch(blob, { offset: 299_990 }))).equals(layer.subarray(299_990))).toBe(true)
      const other = describeBytes(blob.mediaType, Buffer.from('small'))
      await place.push(other, Buffer.from('small'))
      expect(Buffer.from(await readContent(place, other, { maxBytes: 5 })).toString()).toBe('small')
    })

    it('holds an empty blob', async () => {
      const empty = describeBytes(blob.mediaType, Buffer.alloc(0))
      await place.push(empty, pieces())
      expect((await bytesOf(await place.fetch(empty))).length).toBe(0)
    })

    it('refuses wrong bytes under a digest, and has nothing there afterwards', async () => {
      const wrong = Buffer.from(layer)
      wrong[5] = (wrong[5] ?? 0) ^ 1
      expect(await codeOf(place.push(blob, pieces(wrong)))).toBe('DIGEST_MISMATCH')
      expect(await place.has(blob)).toBe(false)
      await place.push(blob, layer)
      expect(await place.has(blob)).toBe(true)
    })

    it('throws what the body throws', async () => {
      const broken = async function* (): AsyncGenerator<Uint8Array> {
        yield layer.subarray(0, 10)
        throw new Error('the body broke')
      }
      await expect(place.push(blob, broken())).rejects.toThrow('the body broke')
      expect(await place.has(blob)).toBe(false)
    })

    it('says what is missing', async () => {
      const missing: Descriptor = { ...blob, digest: digestOf('missing') }
      expect(await codeOf(place.fetch(missing))).toBe('BLOB_NOT_FOUND')
      expect(await codeOf(place.resolve('none'))).toBe('MANIFEST_NOT_FOUND')
      expect(await codeOf(place.resolve(digestOf('none')))).toBe('MANIFEST_NOT_FOUND')
    })

    it('resolves tags and digests, and moves tags', async () => {
      const first = await pushImage(place, { layers: [layer], tag: 'a' })
      const second = await pushImage(place, { layers: [layer, noise('x', 10)], docker: true })
      expect(await place.resolve('a')).toEqual(first)
      expect(await place.resolve(second.digest)).toEqual(second)
      await place.tag(second, 'a')
      await place.tag(first, 'b')
      expect(await place.resolve('a')).toEqual(second)
      expect((await all(place.tags())).sort()).toEqual(['a', 'b'])
    })

    it('keeps an index byte for byte', async () => {
      const image = await pushImage(place, { layers: [layer] })
      const index = await pushIndex(place, [{ ...image, platform: { os: 'linux', architecture: 'amd64' } }], 'multi')
      const { bytes, manifest } = await readManifest(place, await place.resolve('multi'))
      expect(digestOf(bytes)).toBe(index.digest)
      expect(manifest.manifests).toEqual([{ ...image, platform: { os: 'linux', architecture: 'amd64' } }])
    })

    it('finds what refers to a manifest, by type, and nothing else', async () => {
      const image = await pushImage(place, { layers: [layer], tag: 'a' })
      const other = await pushImage(place, { layers: [noise('other', 10)], tag: 'b' })
      const first = await pushImage(place, {
        layers: [noise('1', 10)],
        artifactType: 'application/x-one',
        subject: image,
        annotations: { n: '1' },
      })
      const second = await pushImage(place, {
        layers: [noise('2', 10)],
        artifactType: 'application/x-two',
        subject: image,
      })
      await place.attach(image, [first])
      await place.attach(image, [second, first])
      const found = (await all(place.referrers(image))).sort((a, b) =>
        (a.artifactType ?? '') < (b.artifactType ?? '') ? -1 : 1,
      )
      expect(found.map(({ digest, artifactType }) => [digest, artifactType])).toEqual([
        [first.digest, 'application/x-one'],
        [second.digest, 'application/x-two'],
      ])
      expect(found[0]?.annotations).toMatchObject({ n: '1' })
      expect(await all(place.referrers(other))).toEqual([])
    })

    it('lets preflight pass, and leaves nothing of it', async () => {
      await place.preflight?.()
      const image = await pushImage(place, { layers: [layer], tag: 'a' })
      expect(await place.resolve('a')).toEqual(image)
    })
  })
}
