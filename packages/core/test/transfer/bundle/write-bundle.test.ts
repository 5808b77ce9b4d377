import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileOf, fillPlaces, memoryPlaces, sampleChart, writeSample } from '../../../../../test/kit/bundles.ts'
import { layerOf, pushImage } from '../../../../../test/kit/images.ts'
import { digestHex, digestOf, isDigest } from '../../../src/digest.ts'
import { ChartferryError } from '../../../src/errors.ts'
import { readArchive } from '../../../src/helm/archive/read.ts'
import type { ContentSource } from '../../../src/oci/content/content.ts'
import { openBundle } from '../../../src/transfer/bundle/read-bundle.ts'
import { verifyBundleSignature } from '../../../src/transfer/bundle/signature.ts'
import { writeBundle } from '../../../src/transfer/bundle/write-bundle.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-bundle-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)

describe('writeBundle', () => {
  it('writes an OCI image layout whose blobs have the digests they are named by', async () => {
    const { signed } = await writeSample(at('a.ferry'))
    const tar = await readFile(at('a.ferry'))
    const files = new Map((await readArchive(gzipSync(tar))).map(({ path, data }) => [path, data]))
    const json = (path: string) => JSON.parse(Buffer.from(files.get(path) ?? []).toString())
    const blob = (digest: string) => `blobs/sha256/${isDigest(digest) ? digestHex(digest) : ''}`
    expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' })
    const blobs = [...files].filter(([path]) => path.startsWith('blobs/'))
    expect(blobs.map(([, data]) => blob(digestOf(data)))).toEqual(blobs.map(([path]) => path))

    const listed: { digest: string; annotations?: Record<string, string> }[] = json('index.json').manifests
    const named = (name: string) =>
      listed.find(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] === name)?.digest
    expect(named('quay.io/acme/web:1')).toBe(signed.index.digest)
    expect(named(`quay.io/acme/web:${signed.index.digest.replace(':', '-')}.sig`)).toBe(signed.signature.digest)
    expect(listed.map(({ digest }) => digest)).toEqual(
      expect.arrayContaining([signed.sbom.digest, signed.sbomSignature.digest]),
    )
    const { original } = await sampleChart()
    expect(json(blob(named('charts/web:1.0.0_build') ?? '')).layers[0].digest).toBe(original.digest)
  })

  it('writes the same bytes for the same content, and leaves nothing but the file', async () => {
    await writeSample(at('a.ferry'), { transfers: 1 })
    await writeSample(at('b.ferry'), { transfers: 8 })
    expect((await readFile(at('a.ferry'))).equals(await readFile(at('b.ferry')))).toBe(true)
    expect(await readdir(folder)).toEqual(['a.ferry', 'b.ferry'])
  })

  it('writes parts that are the same bytes one after the other', async () => {
    await writeSample(at('a.ferry'))
    const { written } = await writeSample(at('p.ferry'), { partBytes: 10_000 })
    const parts = await Promise.all(written.paths.map((path) => readFile(path)))
    expect(parts.length).toBeGreaterThan(3)
    expect(Buffer.concat(parts).equals(await readFile(at('a.ferry')))).toBe(true)
  })

  it('goes on where a run ended, inside a blob too', async () => {
    const places = memoryPlaces()
    const web = places.open('quay.io/acme/big')
    await pushImage(web, { layers: [layerOf('one', 3 << 20), layerOf('two', 3 << 20)], tag: '1' })
    let fetched = 0
    const counting = (end: number): ContentSource => ({
      ...web,
      fetch: async (descriptor, options) => {
        const body = await web.fetch(descriptor, options)
        async function* read() {
          for await (const whole of body)
            for (let start = 0; start < whole.length; start += 65_536) {
              const piece = whole.subarray(start, start + 65_536)
              if (fetched + piece.length > end) throw new ChartferryError('REGISTRY_DENIED', 'the cable was pulled')
              fetched += piece.length
              yield piece
            }
        }
        return Object.assign(read(), { destroy: () => body.destroy() })
      },
    })
    const images = [{ reference: 'quay.io/acme/big:1' }]
    const run = (end: number) =>
      writeBundle(at('a.ferry'), { charts: [], images }, { open: () => counting(end), transfers: 1 })
    await expect(run(5 << 20)).rejects.toThrow('the cable was pulled')
    expect(await readdir(folder)).toEqual(['a.ferry.partial'])
    const { size } = await run(Number.POSITIVE_INFINITY)
    expect(fetched).toBeLessThan(size + 700_000)
    const resumed = await readFile(at('a.ferry'))
    await writeBundle(at('b.ferry'), { charts: [], images }, { open: () => web })
    expect(resumed.equals(await readFile(at('b.ferry')))).toBe(true)
    expect(await readdir(folder)).toEqual(['a.ferry', 'b.ferry'])
  })

  it('takes from the earlier bundle of its name what it has, damaged blobs apart', async () => {
    const places = memoryPlaces()
    await pushImage(places.open('quay.io/acme/a'), { layers: [layerOf('one', 9000), layerOf('two', 9000)], tag: '1' })
    const images = [{ reference: 'quay.io/acme/a:1' }]
    const run = () => writeBundle(at('a.ferry'), { charts: [], images }, { open: places.open })
    const first = await run()
    expect(first.copied.bytes.fetched).toBeGreaterThan(18_000)
    const whole = await readFile(at('a.ferry'))
    expect((await run()).copied.bytes.fetched).toBe(0)
    const damaged = Buffer.from(whole)
    damaged[damaged.indexOf(layerOf('two', 9000)) + 100] = 0
    await writeFile(at('a.ferry'), damaged)
    expect((await run()).copied.bytes.fetched).toBe(layerOf('two', 9000).length)
    expect((await readFile(at('a.ferry'))).equals(whole)).toBe(true)
  })

  it('leaves to the base what the base has', async () => {
    const places = memoryPlaces()
    await fillPlaces(places, 100_000)
    const chart = await sampleChart()
    const images = chart.plan.images.map(({ from }) => ({ reference: from }))
    await writeBundle(at('base.ferry'), { charts: [chart], images }, { open: places.open })
    const base = await openBundle(at('base.ferry'))
    await pushImage(places.open('ghcr.io/acme/new'), {
      layers: [layerOf('shared', 1000), layerOf('new', 50_000)],
      tag: '3',
    })
    const more = [...images, { reference: 'ghcr.io/acme/new:3' }]
    const { size } = await writeBundle(
      at('delta.ferry'),
      { charts: [chart], images: more },
      { open: places.open, base },
    )
    expect(size).toBeLessThan(120_000)
    const alone = await openBundle(at('delta.ferry'))
    const [left] = alone.contents.base?.absent ?? []
    const blob = { mediaType: 'application/octet-stream', digest: left?.digest ?? 'sha256:', size: left?.size ?? 0 }
    await expect(alone.source.fetch(blob)).rejects.toMatchObject({ code: 'BUNDLE_BASE_MISSING' })
    const both = await openBundle(at('delta.ferry'), { base })
    expect(await both.source.has(blob)).toBe(true)
    await expect(openBundle(at('base.ferry'), { base })).rejects.toMatchObject({ code: 'BUNDLE_BASE_MISMATCH' })
    await Promise.all([base.close(), alone.close(), both.close()])
  })

  it.each(['ed25519', 'ec'] as const)('signs the table of contents with %s', async (kind) => {
    const pair = () =>
      kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')
    const { publicKey, privateKey } = pair()
    await writeSample(at('a.ferry'), { signingKey: privateKey })
    const bundle = await openBundle(at('a.ferry'))
    verifyBundleSignature(bundle, publicKey)
    expect(() => verifyBundleSignature(bundle, pair().publicKey)).toThrow('not made with the key')
    await bundle.close()
    await writeSample(at('b.ferry'))
    const unsigned = await openBundle(at('b.ferry'))
    expect(() => verifyBundleSignature(unsigned, publicKey)).toThrow('it is not signed')
    await unsigned.close()
  })

  it.each(['', 'ten bytes.', 'x'.repeat(1 << 20)])('refuses a file that grew since it was read: %#', async (text) => {
    const file = fileOf('kubectl', text)
    async function* open() {
      yield Buffer.from(text)
      yield Buffer.from('more')
      yield Buffer.from('and more')
    }
    await expect(writeBundle(at('a.ferry'), { charts: [], files: [{ ...file, open }] })).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    })
    expect(await readdir(folder)).not.toContain('a.ferry')
  })

  it('says where it cannot write, and what has another digest than promised', async () => {
    await writeFile(at('a.ferry'), '')
    await expect(writeBundle(join(at('a.ferry'), 'b.ferry'), { charts: [] })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('b.ferry'),
    })
    const file = { ...fileOf('kubectl', 'one'), digest: digestOf('two') }
    await expect(writeBundle(at('c.ferry'), { charts: [], files: [file] })).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    })
    expect(await readdir(folder)).not.toContain('c.ferry')
  })
})
