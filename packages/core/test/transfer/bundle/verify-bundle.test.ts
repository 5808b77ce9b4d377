import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fillPlaces, memoryPlaces, sampleChart, writeSample } from '../../../../../test/kit/bundles.ts'
import { describeBundle } from '../../../src/transfer/bundle/describe-bundle.ts'
import { diffBundles } from '../../../src/transfer/bundle/diff-bundles.ts'
import { openBundle } from '../../../src/transfer/bundle/read-bundle.ts'
import { type VerifiedBundle, verifyBundle } from '../../../src/transfer/bundle/verify-bundle.ts'
import { writeBundle } from '../../../src/transfer/bundle/write-bundle.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-bundle-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)

async function verify(path: string): Promise<VerifiedBundle> {
  const bundle = await openBundle(path)
  try {
    return await verifyBundle(bundle)
  } finally {
    await bundle.close()
  }
}

describe('verifyBundle', () => {
  it('finds nothing wrong with a bundle as it was written', async () => {
    const { written } = await writeSample(at('a.ferry'))
    expect(await verify(at('a.ferry'))).toMatchObject({
      blobs: written.contents.entries.length,
      absent: 0,
      missing: [],
    })
  })

  it('notices any bit that is flipped, and any end that is cut off', async () => {
    await writeSample(at('a.ferry'))
    const whole = await readFile(at('a.ferry'))
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(7), fc.boolean(), async (place, bit, isCut) => {
        const bytes = Buffer.from(isCut ? whole.subarray(0, place) : whole)
        if (!isCut) bytes[place] = (bytes[place] ?? 0) ^ (1 << bit)
        await writeFile(at('b.ferry'), bytes)
        await expect(verify(at('b.ferry'))).rejects.toMatchObject({ code: 'BUNDLE_INVALID' })
      }),
      { numRuns: 40 },
    )
  })

  it('says which images of a chart are not inside', async () => {
    const chart = await sampleChart()
    const places = memoryPlaces()
    await fillPlaces(places)
    const images = [{ reference: 'ghcr.io/acme/tool:2' }]
    await writeBundle(at('a.ferry'), { charts: [chart], images }, { open: places.open })
    expect((await verify(at('a.ferry'))).missing).toEqual([
      { chart: 'web-1.0.0+build', image: 'quay.io/acme/web:1', rendered: true },
    ])
  })
})

describe('describeBundle', () => {
  it('knows platforms, sizes and what belongs to an image', async () => {
    const { signed } = await writeSample(at('a.ferry'))
    const bundle = await openBundle(at('a.ferry'))
    const { charts, images, files, missing } = await describeBundle(bundle)
    await bundle.close()
    expect(charts).toMatchObject([{ name: 'web', hasProvenance: true, proof: { status: 'proven' } }])
    expect(images).toMatchObject([
      { name: 'ghcr.io/acme/tool:2', platforms: ['linux/amd64'], attached: 0 },
      { name: 'quay.io/acme/web:1', digest: signed.index.digest, attached: 3 },
    ])
    expect(images[1]?.platforms).toHaveLength(5)
    expect(files).toMatchObject([{ name: 'kubectl', size: 10 }])
    expect(missing).toEqual([])
  })
})

describe('diffBundles', () => {
  it('names what is new and what is gone', async () => {
    const { written } = await writeSample(at('a.ferry'))
    const { contents } = await writeBundle(at('b.ferry'), { charts: [await sampleChart()] })
    const { changes, added, removed } = diffBundles(contents, written.contents)
    expect(changes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'image ghcr.io/acme/tool:2',
      'image quay.io/acme/web:1',
      'file kubectl',
    ])
    expect(added).toBeGreaterThan(10_000)
    expect(removed).toBe(0)
    expect(diffBundles(contents, contents).changes).toEqual([])
  })
})
