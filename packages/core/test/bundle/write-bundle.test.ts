import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { readArchive } from '../../src/archive/read.ts'
import { writeBundle } from '../../src/bundle/write-bundle.ts'
import { readChartArchive } from '../../src/chart/chart-archive.ts'
import { digestHex, digestOf, isDigest } from '../../src/digest.ts'
import { relocate } from '../../src/relocate.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function bundle(name: string) {
  const provenance = new TextEncoder().encode('signed')
  const bytes = await buildChart({ name: 'web', version: '1.0.0+build', values: 'webImage: quay.io/acme/web:1\n' })
  const original = await readChartArchive(bytes, { provenance })
  const { plan } = await relocate(original, { to: 'reg.corp:5000/m' })
  const path = join(folder, name)
  await writeBundle(path, [{ original, plan }])
  return { original, plan, tar: await readFile(path) }
}

describe('writeBundle', () => {
  it('writes an OCI image layout whose blobs have the digests they are named by', async () => {
    const { original, plan, tar } = await bundle('a.ferry')
    const files = new Map((await readArchive(gzipSync(tar))).map(({ path, data }) => [path, data]))
    const json = (path: string) => JSON.parse(Buffer.from(files.get(path) ?? []).toString())
    const blob = (digest: string) => `blobs/sha256/${isDigest(digest) ? digestHex(digest) : ''}`
    expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' })
    const blobs = [...files].filter(([path]) => path.startsWith('blobs/'))
    expect(blobs.map(([, data]) => blob(digestOf(data)))).toEqual(blobs.map(([path]) => path))

    const [chart, artifact] = json('index.json').manifests
    expect(chart.annotations).toEqual({ 'org.opencontainers.image.ref.name': 'web:1.0.0_build' })
    const [content, provenance] = json(blob(chart.digest)).layers
    expect(content.digest).toBe(original.digest)
    expect(Buffer.from(files.get(blob(provenance.digest)) ?? []).toString()).toBe('signed')
    const manifest = json(blob(artifact.digest))
    expect(manifest.subject.digest).toBe(chart.digest)
    expect(json(blob(manifest.layers[0].digest))).toEqual(plan)
  })

  it('writes the same bytes for the same charts', async () => {
    const [first, second] = [await bundle('a.ferry'), await bundle('b.ferry')]
    expect(first.tar.equals(second.tar)).toBe(true)
    expect(() => gunzipSync(first.tar)).toThrow()
  })

  it('leaves nothing but the file', async () => {
    await bundle('a.ferry')
    expect(await readdir(folder)).toEqual(['a.ferry'])
  })

  it('says where it cannot write', async () => {
    await bundle('a.ferry')
    const inside = join(folder, 'a.ferry', 'b.ferry')
    await expect(writeBundle(inside, [])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(inside),
    })
  })
})
