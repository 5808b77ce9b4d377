import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart, buildTar, type TarEntry } from '../../../../../test/kit/charts.ts'
import { errorOf } from '../../../../../test/kit/error-of.ts'
import {
  haulChart,
  haulFile,
  haulImage,
  openRecording,
  packHaul,
  packWrap,
  type Recording,
} from '../../../../../test/kit/foreign.ts'
import { layerOf, pushImage, pushIndex, pushSignedIndex, type SignedIndex } from '../../../../../test/kit/images.ts'
import type { Digest } from '../../../src/digest.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { defaultLimits, type Limits } from '../../../src/limits.ts'
import type { ContentSource } from '../../../src/oci/content/content.ts'
import type { Descriptor } from '../../../src/oci/content/descriptor.ts'
import { readContent, readManifest } from '../../../src/oci/content/read-content.ts'
import type { ForeignBundle } from '../../../src/transfer/foreign/foreign-bundle.ts'
import { isForeignBundle, withForeignBundles } from '../../../src/transfer/foreign/with-foreign-bundles.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-foreign-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function open<Result>(
  name: string,
  bytes: Uint8Array,
  work: (bundle: ForeignBundle) => Promise<Result>,
  limits: Partial<Limits> = {},
): Promise<Result> {
  await writeFile(join(folder, name), bytes)
  const options = { limits: { ...defaultLimits, ...limits } }
  return withForeignBundles([join(folder, name)], join(folder, 'unpacked'), options, ([bundle]) =>
    work(bundle as ForeignBundle),
  )
}

const refused = async (name: string, bytes: Uint8Array, limits?: Partial<Limits>): Promise<string> => {
  const { code, message } = await errorOf(open(name, bytes, async () => {}, limits))
  expect(await readdir(folder)).not.toContain('unpacked')
  return `${code} ${message.replaceAll(folder, '')}`
}

/** The digests of everything below a manifest, its bytes compared with them. */
async function contentOf(source: ContentSource, descriptor: Descriptor): Promise<readonly Digest[]> {
  const { manifest } = await readManifest(source, descriptor)
  for (const blob of manifest.blobs) await readContent(source, blob, { maxBytes: 1 << 20 })
  const below = await Promise.all(manifest.manifests.map((child) => contentOf(source, child)))
  return [descriptor.digest, ...below.flat()]
}

const sourceOf = (bundle: ForeignBundle, repository: string, reference: string): ContentSource => {
  const source = bundle.find(repository, reference)
  if (source === undefined) throw new Error(`no ${repository}:${reference}`)
  return source
}

describe('isForeignBundle', () => {
  it.each([
    ['web-1.0.0.wrap.tgz', true],
    ['out/nginx-1.27.container.wrap.tgz', true],
    ['haul.tar.zst', true],
    ['haul.tar.zst.001', true],
    ['web-1.0.0.tgz', false],
    ['haul.tar.zst/web', false],
  ])('%s: %s', (path, expected) => expect(isForeignBundle(path)).toBe(expected))
})

describe('a haul', () => {
  let place: Recording
  let signed: SignedIndex
  let haul: Buffer
  beforeAll(async () => {
    place = openRecording()
    signed = await pushSignedIndex(place, '1')
    const tool = await pushImage(place, { layers: [layerOf('tool', 3000)] })
    const chart = await readChartArchive(await buildChart({ name: 'web', values: 'image: quay.io/acme/web:1\n' }))
    haul = packHaul(place, [
      haulImage('quay.io/acme/web:1', signed.index, 'imageIndex'),
      haulImage('index.docker.io/library/tool:2', tool, 'image', 'other.example/renamed:9'),
      haulImage('quay.io/acme/web:1', signed.signature, 'sigs'),
      haulImage('quay.io/acme/web:1', signed.sbom, `referrers/${signed.sbom.digest.slice(7)}`),
      await haulChart(place, chart),
      await haulFile(place, 'kubectl', 'a program\n'),
    ])
  })

  it('gives charts, files, and images under the names that charts and people have for them', () =>
    open('haul.tar.zst', haul, async ({ charts, files, images, warnings }) => {
      expect(charts.map(({ fileName }) => fileName)).toEqual(['web-1.0.0.tgz'])
      expect(images).toEqual(['quay.io/acme/web:1', 'docker.io/library/tool:2', 'other.example/renamed:9'])
      expect(files.map(({ name, size }) => [name, size])).toEqual([['kubectl', 10]])
      const pieces: Uint8Array[] = []
      for await (const piece of files[0]?.open() ?? []) pieces.push(piece)
      expect(Buffer.concat(pieces).toString()).toBe('a program\n')
      expect(warnings).toEqual([])
    }))

  it('gives an image byte for byte, its signature under the tag of cosign, and what refers to it', () =>
    open('haul.tar.zst', haul, async (bundle) => {
      const source = sourceOf(bundle, 'quay.io/acme/web', '1')
      expect(await source.resolve('1')).toEqual(signed.index)
      expect(await contentOf(source, signed.index)).toHaveLength(7)
      expect((await source.resolve(`${signed.index.digest.replace(':', '-')}.sig`)).digest).toBe(
        signed.signature.digest,
      )
      const referrers: string[] = []
      for await (const { digest } of source.referrers(signed.index)) referrers.push(digest)
      expect(referrers).toEqual([signed.sbom.digest])
      expect(bundle.find('quay.io/acme/web', '2')).toBeUndefined()
      expect(bundle.find('quay.io/acme/other', '1')).toBeUndefined()
    }))

  it('may be cut into parts, not compressed, or of the early kind', async () => {
    for (const [number, start] of [0, 5000].entries())
      await writeFile(
        join(folder, `cut.tar.zst.00${number + 1}`),
        haul.subarray(start, number === 0 ? 5000 : undefined),
      )
    const first = join(folder, 'cut.tar.zst.001')
    const names = await withForeignBundles([first], join(folder, 'unpacked'), {}, async ([each]) => each?.images)
    expect(names).toHaveLength(3)
    const index = JSON.stringify({
      manifests: [
        {
          ...signed.index,
          annotations: {
            kind: 'dev.cosignproject.cosign/imageIndex',
            'io.containerd.image.name': `quay.io/acme/web@${signed.index.digest}`,
          },
        },
      ],
    })
    const blobs = [...place.contents].map(([digest, data]) => ({ name: `./blobs/sha256/${digest.slice(7)}`, data }))
    await open('early.tar.zst', buildTar([...blobs, { name: './index.json', data: index }]), async (bundle) => {
      const [name = ''] = bundle.images
      expect(name).toBe(`quay.io/acme/web@${signed.index.digest}`)
      expect(bundle.find('quay.io/acme/web', signed.index.digest)).toBeDefined()
    })
  })
})

describe('a wrap', () => {
  const chart = {
    'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
    'values.yaml': 'image: quay.io/acme/web:1\n',
  }

  it('gives the chart, and an index of ours where an image has several platforms', async () => {
    const place = openRecording()
    const { children } = await pushSignedIndex(place, '1')
    const [amd64, arm64] = children as readonly [Descriptor, Descriptor]
    const manifests = { 'linux/amd64': amd64, 'linux/arm64/v8': arm64 }
    const images = [{ image: 'quay.io/acme/web:1', manifests }]
    const wrap = packWrap(place, { top: 'web-1.0.0', chart, images })
    const read = () =>
      open('web-1.0.0.wrap.tgz', wrap, async (bundle) => {
        const source = sourceOf(bundle, 'quay.io/acme/web', '1')
        const index = await source.resolve('1')
        expect(await contentOf(source, index)).toEqual([index.digest, amd64.digest, arm64.digest])
        const { manifest } = await readManifest(source, index)
        expect(manifest.manifests.map(({ platform }) => platform)).toEqual([
          { os: 'linux', architecture: 'amd64' },
          { os: 'linux', architecture: 'arm64', variant: 'v8' },
        ])
        expect(bundle.warnings).toEqual([expect.stringContaining(`the new index is ${index.digest}`)])
        return [index.digest, bundle.charts[0]?.digest]
      })
    const first = await read()
    expect(await read()).toEqual(first)
  })

  it('keeps the digest of an image of one platform, with a signature that speaks of it and none that does not', async () => {
    const place = openRecording()
    const tool = await pushImage(place, { layers: [layerOf('tool', 3000)] })
    const sign = (digest: string) =>
      pushImage(place, {
        layers: [Buffer.from(JSON.stringify({ critical: { image: { 'docker-manifest-digest': digest } } }))],
      })
    const images = [{ image: 'acme/tool:2', manifests: { 'linux/amd64': tool } }]
    const other = `sha256:${'0'.repeat(64)}`
    const signatures = { 'web/tool/2.sig': await sign(tool.digest), 'web/other/1.sig': await sign(other) }
    const wrap = packWrap(place, { top: 'tool', chart: {}, images, signatures })
    await open('tool.container.wrap.tgz', wrap, async (bundle) => {
      expect([bundle.charts, bundle.images]).toEqual([[], ['docker.io/acme/tool:2']])
      const source = sourceOf(bundle, 'docker.io/acme/tool', '2')
      expect((await source.resolve('2')).digest).toBe(tool.digest)
      expect((await source.resolve(`${tool.digest.replace(':', '-')}.sig`)).digest).toBe(
        signatures['web/tool/2.sig'].digest,
      )
      expect(bundle.warnings).toEqual([expect.stringMatching(new RegExp(`it signs ${other}.*left out`))])
    })
  })

  it('is refused where it lacks an image, holds two in one layout, or is no wrap', async () => {
    const place = openRecording()
    const tool = await pushImage(place, { layers: [layerOf('tool', 3000)] })
    const index = await pushIndex(place, [tool])
    const top = 'web-1.0.0'
    const lock = `kind: ImagesLock\nimages:\n  - image: acme/tool:2\n    digests: [{digest: "${tool.digest}", arch: linux/amd64}]\n`
    const layout = `${top}/images/${tool.digest.slice(7)}.layout`
    const wrap = (...entries: readonly TarEntry[]) =>
      gzipSync(buildTar([{ name: `${top}/Images.lock`, data: lock }, ...entries]))
    expect(await refused('a.wrap.tgz', wrap())).toMatch(/^BUNDLE_INVALID .*no index\.json/)
    const two = { name: `${layout}/index.json`, data: JSON.stringify({ manifests: [tool, index] }) }
    expect(await refused('a.wrap.tgz', wrap(two))).toMatch(/^BUNDLE_INVALID .*does not hold one image/)
    const one = { name: `${layout}/index.json`, data: JSON.stringify({ manifests: [tool] }) }
    expect(await refused('a.wrap.tgz', wrap(one))).toMatch(/^BLOB_NOT_FOUND/)
    const early = { name: `${top}/images/${tool.digest.slice(7)}.tar`, data: 'x' }
    expect(await refused('a.wrap.tgz', wrap(early))).toMatch(/^BUNDLE_INVALID .*early version of dt/)
    expect(await refused('a.wrap.tgz', await buildChart({ name: 'web' }))).toMatch(/^BUNDLE_INVALID .*it is no wrap/)
    const bad = gzipSync(buildTar([{ name: `${top}/Images.lock`, data: 'kind: Other\n' }]))
    expect(await refused('a.wrap.tgz', bad)).toMatch(/^BUNDLE_INVALID .*no list of images/)
  })
})

describe('an archive of another tool', () => {
  const haul = (...entries: readonly TarEntry[]) => zstdCompressSync(buildTar(entries))
  const index = { name: 'index.json', data: '{"manifests": []}' }

  it('is refused where a blob has other bytes than its name says', async () => {
    const name = `blobs/sha256/${'1'.repeat(64)}`
    expect(await refused('a.tar.zst', haul({ name, data: 'other' }, index))).toMatch(/^DIGEST_MISMATCH .*blobs\/sha256/)
  })

  it('is refused where an entry leaves the folder, or is a link', async () => {
    expect(await refused('a.tar.zst', haul({ name: '../x', data: 'x' }))).toMatch(/^PATH_UNSAFE/)
    expect(await refused('a.tar.zst', haul({ name: 'a/../../x', data: 'x' }))).toMatch(/^PATH_UNSAFE/)
    expect(await refused('a.tar.zst', haul({ name: 'a', type: '2', link: '/etc' }))).toMatch(/^PATH_UNSAFE/)
  })

  it('is refused above the limits', async () => {
    const many = [index, { name: 'a', data: 'x' }, { name: 'b', data: 'x' }]
    expect(await refused('a.tar.zst', haul(...many), { layoutEntries: 2 })).toMatch(/^TOO_MANY_ENTRIES/)
    expect(await refused('a.tar.zst', haul(...many), { unpackedBytes: 5 })).toMatch(/^ARCHIVE_TOO_LARGE/)
    const bomb = haul({ name: `blobs/sha256/${'1'.repeat(64)}`, data: Buffer.alloc(8 << 20) })
    expect(await refused('a.tar.zst', bomb)).toMatch(/^ARCHIVE_TOO_LARGE .*times its size/)
  })

  it('is refused where it is cut off at any place, damaged, empty or something else', async () => {
    const place = openRecording()
    const image = await pushImage(place, { layers: [layerOf('a', 3000)] })
    for (const [name, bytes] of [
      ['a.tar.zst', packHaul(place, [haulImage('acme/a:1', image)])],
      [
        'a.wrap.tgz',
        packWrap(place, { top: 'a', chart: {}, images: [{ image: 'acme/a:1', manifests: { 'linux/amd64': image } }] }),
      ],
    ] as const) {
      for (let at = 0; at < bytes.length - 1; at += 211)
        expect(await refused(name, bytes.subarray(0, at)), `${name} cut at ${at}`).toMatch(/^(ARCHIVE|BUNDLE)_INVALID/)
    }
    expect(await refused('a.tar.zst', Buffer.from('no archive at all'))).toMatch(/^ARCHIVE_INVALID/)
    expect(await refused('a.tar.zst', haul({ name: 'a', data: 'x' }))).toMatch(/^BUNDLE_INVALID .*no index\.json/)
  })
})
