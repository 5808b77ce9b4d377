import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { memoryPlaces, sampleChart, writeSample } from '../../../../../test/kit/bundles.ts'
import { pushImage, pushSignedIndex } from '../../../../../test/kit/images.ts'
import { isChartferryError } from '../../../src/errors.ts'
import { openMemoryContent } from '../../../src/oci/content/memory.ts'
import { readContent } from '../../../src/oci/content/read-content.ts'
import { copyImages } from '../../../src/oci/copy/copy.ts'
import { type BundleContents, bundleFormat } from '../../../src/transfer/bundle/contents.ts'
import { headerOf } from '../../../src/transfer/bundle/header.ts'
import { findParts } from '../../../src/transfer/bundle/part-files.ts'
import { type Bundle, openBundle } from '../../../src/transfer/bundle/read-bundle.ts'
import { parseRenderedWith } from '../../../src/transfer/bundle/rendered-with.ts'
import { placeFiles, tarHeader } from '../../../src/transfer/bundle/tar-form.ts'
import { writeBundle } from '../../../src/transfer/bundle/write-bundle.ts'

let folder: string
let bundle: Bundle | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-bundle-'))
})
afterEach(async () => {
  await bundle?.close()
  bundle = undefined
  await rm(folder, { recursive: true, force: true })
})
const at = (name: string): string => join(folder, name)

async function open(...paths: readonly string[]): Promise<Bundle> {
  bundle = await openBundle(paths)
  return bundle
}

async function codeOf(paths: string | readonly string[]): Promise<string> {
  try {
    await (await openBundle(paths)).close()
    return 'opened'
  } catch (thrown) {
    return isChartferryError(thrown) ? thrown.code : String(thrown)
  }
}

describe('openBundle', () => {
  it('gives charts with provenance, plan and proof', async () => {
    await writeSample(at('a.ferry'))
    const { original, plan, proof } = await sampleChart()
    const { charts, ...opened } = await open(at('a.ferry'))
    const id = await charts.resolve({ name: 'web' })
    expect(id).toEqual({ name: 'web', version: '1.0.0+build' })
    expect(await charts.fetch(id)).toMatchObject({ digest: original.digest, provenance: Buffer.from('signed') })
    expect(await opened.plan(id)).toEqual(plan)
    expect(await opened.proof(id)).toEqual(proof)
    await expect(charts.resolve({ name: 'other' })).rejects.toMatchObject({ code: 'CHART_NOT_FOUND' })
    await expect(charts.resolve({ name: 'web', version: '>2' })).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' })
  })

  it('gives the values that a chart was rendered with, to whoever holds the file alone', async () => {
    const chart = await sampleChart()
    const values = {
      files: [{ name: '/home/me/secret.yaml', text: 'password: "1"\n' }],
      set: ['a=1'],
      setString: ['b=2'],
      setJson: ['j=1'],
      setLiteral: ['l=x'],
      setFile: [{ key: 'c', text: 'three' }],
    }
    const context = { kubeVersion: '1.30.0', alsoKubeVersions: ['1.31.0'], apiVersions: ['acme/v1'] }
    const { open: openPlace } = memoryPlaces()
    await pushImage(openPlace('quay.io/acme/web'), { layers: [], tag: '1' })
    const input = {
      charts: [{ ...chart, renderedWith: { values, context } }],
      images: [{ reference: 'quay.io/acme/web:1' }],
    }
    await writeBundle(at('a.ferry'), input, { open: openPlace })
    const opened = await open(at('a.ferry'))
    const [{ manifest, plan, ...id } = { name: '', version: '', manifest: undefined }] = opened.contents.charts
    expect(await opened.renderedWith(id)).toEqual({
      values: { ...values, files: [{ name: 'secret.yaml', text: 'password: "1"\n' }] },
      context,
    })
    const repository = opened.repository('quay.io/acme/web')
    const seen: unknown[] = []
    if (manifest !== undefined) for await (const each of repository?.referrers(manifest) ?? []) seen.push(each)
    expect(seen).toEqual([])
    await expect(repository?.resolve(plan?.digest ?? '')).rejects.toMatchObject({ code: 'MANIFEST_NOT_FOUND' })
    expect(await opened.source.resolve(plan?.digest ?? '')).toEqual(plan)
  })

  it.each(['no JSON', '[]', '{"files": [1]}', '{"files": [], "setFile": [], "set": [1], "setString": []}'])(
    'refuses %j as values',
    (text) => expect(() => parseRenderedWith(text, 'a.ferry')).toThrow(/a\.ferry: they do not have the form of values/),
  )

  it('gives each repository as a source that copies whole: platforms, signatures, referrers', async () => {
    const { signed } = await writeSample(at('a.ferry'))
    const opened = await open(at('a.ferry'))
    expect(opened.repositories()).toEqual(['ghcr.io/acme/tool', 'quay.io/acme/web'])
    expect(opened.repository('quay.io/acme/other')).toBeUndefined()
    const source = opened.repository('quay.io/acme/web')
    if (source === undefined) throw new Error('there is no such repository')
    expect(await source.resolve('1')).toEqual(signed.index)
    expect(await source.resolve(signed.sbom.digest)).toEqual(signed.sbom)
    await expect(source.resolve('2')).rejects.toMatchObject({ code: 'MANIFEST_NOT_FOUND' })
    const sink = openMemoryContent()
    const { images } = await copyImages([{ source, from: '1', sink, tag: 'v1' }])
    expect(images[0]).toMatchObject({ target: signed.index, referrers: 3 })
    const referrers = []
    for await (const referrer of sink.referrers(signed.index)) referrers.push(referrer)
    expect(referrers).toMatchObject([{ digest: signed.sbom.digest, artifactType: 'application/spdx+json' }])
  })

  it('gives files, and parts of blobs', async () => {
    await writeSample(at('a.ferry'))
    const { contents, source, ...opened } = await open(at('a.ferry'))
    const [file] = contents.files
    if (file === undefined) throw new Error('there is no file')
    const pieces = []
    for await (const piece of await opened.openFile(file)) pieces.push(piece)
    expect(Buffer.concat(pieces).toString()).toBe('a program\n')
    const descriptor = { mediaType: 'text/plain', digest: file.digest, size: file.size }
    const rest = []
    for await (const piece of await source.fetch(descriptor, { offset: 2 })) rest.push(piece)
    expect(Buffer.concat(rest).toString()).toBe('program\n')
  })

  it('says what the digest of an image without some platforms has become, and gives nothing under the old one', async () => {
    const place = openMemoryContent('quay.io/acme/web')

    const { index } = await pushSignedIndex(place, '1')
    await writeBundle(
      at('a.ferry'),
      { charts: [], images: [{ reference: `quay.io/acme/web@${index.digest}` }] },
      { open: () => place, platforms: [{ os: 'linux', architecture: 'arm64' }] },
    )
    const opened = await open(at('a.ferry'))
    const held = opened.contents.images[0]?.manifest.digest ?? ''
    expect([...opened.changedDigests]).toEqual([[index.digest, held]])
    const source = opened.repository('quay.io/acme/web')
    expect((await source?.resolve(held))?.digest).toBe(held)
    await expect(source?.resolve(index.digest)).rejects.toMatchObject({ code: 'MANIFEST_NOT_FOUND' })
  })

  it('opens parts as they are, and says which is missing', async () => {
    const { written } = await writeSample(at('a.ferry'), { partBytes: 10_000 })
    expect(await findParts(at('a.ferry'))).toEqual(written.paths)
    expect(await findParts(at('a.ferry.001'))).toEqual(written.paths)
    await open(...written.paths)
    const [first = '', second = '', ...rest] = written.paths
    expect(await codeOf([second, first, ...rest])).toBe('BUNDLE_INVALID')
    expect(await codeOf([first, ...rest.toReversed(), second])).toBe('BUNDLE_INVALID')
    expect(await codeOf(written.paths.slice(0, -1))).toBe('BUNDLE_PART_MISSING')
    await rename(second, at('elsewhere'))
    await expect(findParts(at('a.ferry'))).rejects.toMatchObject({
      code: 'BUNDLE_PART_MISSING',
      message: expect.stringContaining('a.ferry.002'),
    })
  })

  it('refuses a bundle that is cut off anywhere', async () => {
    const { size } = (await writeSample(at('a.ferry'))).written
    const whole = await readFile(at('a.ferry'))
    for (let length = 0; length < size; length += 997) {
      await writeFile(at('b.ferry'), whole.subarray(0, length))
      expect(await codeOf(at('b.ferry')), `${length} bytes`).toBe('BUNDLE_INVALID')
    }
    await writeFile(at('b.ferry'), Buffer.concat([whole, Buffer.alloc(512)]))
    expect(await codeOf(at('b.ferry'))).toBe('BUNDLE_INVALID')
  })

  it('refuses what is none, a newer format, and a table of contents that lies', async () => {
    const write = (files: readonly { readonly path: string; readonly data: Uint8Array }[], name: string) => {
      const places = placeFiles(files.map(({ path, data }) => ({ path, size: data.length })))
      const end = (places.at(-1)?.offset ?? 0) + 512 + Math.ceil((files.at(-1)?.data.length ?? 0) / 512) * 512
      const tar = Buffer.alloc(end + 1024)
      for (const [position, { offset, path, size }] of places.entries()) {
        tar.set(tarHeader(path, size), offset)
        tar.set(files[position]?.data ?? [], offset + 512)
      }
      return writeFile(at(name), tar)
    }
    await writeFile(at('text'), 'hello '.repeat(1000))
    expect(await codeOf(at('text'))).toBe('BUNDLE_INVALID')
    expect(await codeOf(at('nothing'))).toBe('FILE_NOT_FOUND')
    const layout = openMemoryContent()
    await pushImage(layout, { layers: [] })
    const index = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [] }))
    await write(
      [
        { path: 'oci-layout', data: Buffer.from('{}') },
        { path: 'index.json', data: index },
      ],
      'layout',
    )
    expect(await codeOf(at('layout'))).toBe('BUNDLE_INVALID')

    const contents: BundleContents = {
      format: bundleFormat,
      charts: [],
      images: [],
      attached: [],
      files: [],
      entries: [],
    }
    const header = (changed: object) => {
      const bytes = Buffer.from(JSON.stringify({ ...contents, ...changed }))
      return headerOf(bytes, contents, undefined)
    }
    await write(header({}), 'empty')
    expect(await codeOf(at('empty'))).toBe('opened')
    await write(header({ format: 'chartferry.bundle/v2' }), 'newer')
    expect(await codeOf(at('newer'))).toBe('BUNDLE_UNSUPPORTED')
    const digest = `sha256:${'a'.repeat(64)}`
    const manifest = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 2 }
    const lies = [
      { images: [{ name: 'quay.io/acme/web:1', manifest }] },
      {
        entries: [
          { digest, size: 1 },
          { digest, size: 1 },
        ],
      },
      { entries: [{ digest, size: -1 }] },
      { files: [{ name: '../x', digest, size: 2, manifest }], entries: [manifest] },
      { images: {} },
    ]
    for (const lie of lies) {
      await write(header(lie), 'lie')
      expect(await codeOf(at('lie')), JSON.stringify(lie)).toBe('BUNDLE_INVALID')
    }
    const changed = header({}).map((file) =>
      file.path === 'index.json' ? { ...file, data: Buffer.from(`${Buffer.from(file.data).toString()} `) } : file,
    )
    await write(changed, 'index')
    expect(await codeOf(at('index'))).toBe('BUNDLE_INVALID')
  })

  it('does not believe the bytes of a blob that was changed', async () => {
    const { written } = await writeSample(at('a.ferry'))
    const bytes = await readFile(at('a.ferry'))
    const target = written.contents.entries.at(-1)
    const place = bytes.length - 1024 - Math.ceil((target?.size ?? 0) / 512) * 512
    bytes[place + 3] = (bytes[place + 3] ?? 0) ^ 4
    await writeFile(at('b.ferry'), bytes)
    const { source } = await open(at('b.ferry'))
    const descriptor = { mediaType: 'x', digest: target?.digest ?? 'sha256:', size: target?.size ?? 0 }
    await expect(readContent(source, descriptor, { maxBytes: 1 << 20 })).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
    })
  })
})
