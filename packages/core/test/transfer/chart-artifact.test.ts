import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { layerOf, noise, pushImage, pushIndex } from '../../../../test/kit/images.ts'
import { readChartArchive } from '../../src/helm/chart/chart-archive.ts'
import { openMemoryContent } from '../../src/oci/content/memory.ts'
import { chartArtifact, chartTypes, pullChart, pushChart } from '../../src/transfer/chart-artifact.ts'
import { ociRepositorySink } from '../../src/transfer/sink/oci-repository.ts'
import { ociRepository } from '../../src/transfer/source/oci-repository.ts'

const build = async (version: string, provenance?: string): ReturnType<typeof readChartArchive> =>
  readChartArchive(
    await buildChart({ name: 'web', version }),
    provenance === undefined ? {} : { provenance: Buffer.from(provenance) },
  )

describe('chartArtifact', () => {
  it('gives the manifest of helm push: its types, its tag, its provenance as a layer', async () => {
    const { manifest, blobs, tag } = chartArtifact(await build('1.0.0+build.1', 'signed'), {
      created: '2026-01-01T00:00:00Z',
    })
    expect(tag).toBe('1.0.0_build.1')
    const document = JSON.parse(Buffer.from(manifest.bytes).toString()) as Record<string, unknown>
    expect(document).toMatchObject({
      schemaVersion: 2,
      config: { mediaType: chartTypes.config },
      layers: [{ mediaType: chartTypes.chart }, { mediaType: chartTypes.provenance, size: 6 }],
      annotations: {
        'org.opencontainers.image.created': '2026-01-01T00:00:00Z',
        'org.opencontainers.image.title': 'web',
        'org.opencontainers.image.version': '1.0.0+build.1',
      },
    })
    expect(JSON.parse(Buffer.from(blobs[0]?.bytes ?? []).toString())).toMatchObject({
      name: 'web',
      version: '1.0.0+build.1',
    })
  })

  it('gives the same bytes for the same chart', async () => {
    const [first, second] = [chartArtifact(await build('1.0.0')), chartArtifact(await build('1.0.0'))]
    expect(first.manifest.descriptor).toEqual(second.manifest.descriptor)
  })
})

describe('pullChart', () => {
  it('gives back what was pushed, provenance too', async () => {
    const place = openMemoryContent()
    const archive = await build('1.0.0', 'signed')
    await pushChart(place, chartArtifact(archive))
    const pulled = await pullChart(place, '1.0.0')
    expect(Buffer.from(pulled.bytes).equals(archive.bytes)).toBe(true)
    expect(Buffer.from(pulled.provenance ?? []).toString()).toBe('signed')
    expect(pulled.fileName).toBe('web-1.0.0.tgz')
  })

  it('refuses an image', async () => {
    const place = openMemoryContent()
    await pushImage(place, { layers: [noise('x', 10)], tag: 'v1' })
    await expect(pullChart(place, 'v1')).rejects.toMatchObject({ code: 'CHART_INVALID' })
  })
})

describe('ociRepository and ociRepositorySink', () => {
  it('choose the newest version of a range among tags, some of which are no versions', async () => {
    const place = openMemoryContent('registry.example/charts/web')
    const sink = ociRepositorySink(() => place)
    for (const version of ['1.0.0', '1.10.0', '1.9.0+b.1', '2.0.0-rc.1']) await sink.put(await build(version))
    await pushImage(place, { layers: [], tag: `sha256-${'a'.repeat(64)}.sig` })
    const source = ociRepository(place)
    expect(await source.resolve({ name: 'web' })).toEqual({ name: 'web', version: '1.10.0' })
    expect(await source.resolve({ name: 'web', version: '~1.9' })).toEqual({ name: 'web', version: '1.9.0+b.1' })
    expect((await source.fetch({ name: 'web', version: '1.9.0+b.1' })).chart.metadata.version).toBe('1.9.0+b.1')
    expect(await sink.has({ name: 'web', version: '1.9.0+b.1' })).toBe(true)
    expect(await sink.has({ name: 'web', version: '3.0.0' })).toBe(false)
    await expect(source.resolve({ name: 'web', version: '>3' })).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' })
    await expect(source.fetch({ name: 'web', version: '3.0.0' })).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' })
    const listed: string[] = []
    for await (const { version } of source.list()) listed.push(version)
    expect(listed.sort()).toEqual(['1.0.0', '1.10.0', '1.9.0+b.1', '2.0.0-rc.1'])
  })
})

describe('a chart in an index beside an image', () => {
  const inIndex = async (artifactType: string | undefined): Promise<string> => {
    const place = openMemoryContent('registry.corp/charts/web')
    const image = await pushImage(place, { layers: [layerOf('image', 100)] })
    const archive = await readChartArchive(await buildChart({ name: 'web' }))
    const chart = await pushChart(place, chartArtifact(archive))
    await pushIndex(place, [image, artifactType === undefined ? chart : { ...chart, artifactType }], '2.0.0')
    return (await pullChart(place, '2.0.0')).digest
  }

  it.each([undefined, chartTypes.config])('is found where its artifact type is %s', async (artifactType) => {
    expect(await inIndex(artifactType)).toMatch(/^sha256:/)
  })

  it('is none where the index has images alone', async () => {
    const place = openMemoryContent('registry.corp/app')
    await pushIndex(place, [await pushImage(place, { layers: [layerOf('image', 100)] })], '1')
    await expect(pullChart(place, '1')).rejects.toMatchObject({ code: 'CHART_INVALID' })
  })
})
