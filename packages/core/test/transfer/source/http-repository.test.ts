import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { startUpstream, type TestUpstream } from '../../../../../test/kit/upstream.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { openMemoryContent } from '../../../src/oci/content/memory.ts'
import { type HttpClient, openHttpClient } from '../../../src/oci/http/http-client.ts'
import { chartArtifact, pushChart } from '../../../src/transfer/chart-artifact.ts'
import { httpArchive, httpRepository } from '../../../src/transfer/source/http-repository.ts'

let upstream: TestUpstream
let client: HttpClient

beforeEach(async () => {
  upstream = await startUpstream()
  client = openHttpClient({ environment: {}, attempts: 1 })
})
afterEach(async () => {
  await client.close()
  await upstream.close()
})

describe('httpRepository', () => {
  it('resolves a range and fetches the archive with its provenance', async () => {
    await upstream.add({ name: 'web', version: '1.0.0' })
    const bytes = await upstream.add({ name: 'web', version: '1.2.0' }, { provenance: 'signed' })
    const source = httpRepository(upstream.url, { client })
    const id = await source.resolve({ name: 'web', version: '^1' })
    expect(id).toEqual({ name: 'web', version: '1.2.0' })
    const archive = await source.fetch(id)
    expect(Buffer.from(archive.bytes).equals(bytes)).toBe(true)
    expect(Buffer.from(archive.provenance ?? []).toString()).toBe('signed')
    expect(archive.fileName).toBe('web-1.2.0.tgz')
  })

  it('lists every version, and reads the index once', async () => {
    await upstream.add({ name: 'web', version: '1.0.0' })
    await upstream.add({ name: 'db', version: '2.0.0' })
    const source = httpRepository(upstream.url, { client })
    expect(await Array.fromAsync(source.list())).toHaveLength(2)
    await source.resolve({ name: 'db' })
    expect(upstream.count('index.yaml')).toBe(1)
  })

  it.each([
    ['a chart that is not there', { name: 'none' }, 'CHART_NOT_FOUND'],
    ['a version that is not there', { name: 'web', version: '^9' }, 'VERSION_NOT_FOUND'],
  ])('refuses %s', async (_, query, code) => {
    await upstream.add({ name: 'web' })
    await expect(httpRepository(upstream.url, { client }).resolve(query)).rejects.toMatchObject({ code })
  })

  it('refuses bytes other than the index promises', async () => {
    await upstream.add({ name: 'web' })
    upstream.corrupt('charts/web-1.0.0.tgz')
    const source = httpRepository(upstream.url, { client })
    await expect(source.fetch({ name: 'web', version: '1.0.0' })).rejects.toMatchObject({
      code: 'DIGEST_MISMATCH',
      message: expect.stringContaining('chart web 1.0.0'),
    })
    expect(upstream.count('index.yaml')).toBe(2)
  })

  it('reads the index again, once, when versions were released again under their names', async () => {
    await upstream.add({ name: 'web' })
    await upstream.add({ name: 'db' })
    const source = httpRepository(upstream.url, { client })
    await source.resolve({ name: 'web' })
    const again = await startUpstream()
    const bytes = await again.add({ name: 'web', metadata: { description: 'Again' } })
    await again.add({ name: 'db', metadata: { description: 'Again' } })
    for (const [path, file] of again.files) upstream.files.set(path, file)
    await again.close()
    const [web, db] = await Promise.all(['web', 'db'].map((name) => source.fetch({ name, version: '1.0.0' })))
    expect(Buffer.from(web?.bytes ?? []).equals(bytes)).toBe(true)
    expect(db).toBeDefined()
    expect(upstream.count('index.yaml')).toBe(2)
  })

  it('sends the credential to the repository, and to no other origin', async () => {
    const elsewhere = await startUpstream()
    const bytes = await elsewhere.add({ name: 'web' })
    await upstream.add({ name: 'web' }, { bytes, entry: { urls: [`${elsewhere.url}/charts/web-1.0.0.tgz`] } })
    const credential = { kind: 'basic', username: 'me', password: 'secret' } as const
    await httpRepository(upstream.url, { client, credential }).fetch({ name: 'web', version: '1.0.0' })
    expect(upstream.requests.every(({ headers }) => headers.authorization?.startsWith('Basic '))).toBe(true)
    expect(elsewhere.requests.some(({ headers }) => headers.authorization !== undefined)).toBe(false)
    await elsewhere.close()
  })

  it.each([
    [404, 'REPOSITORY_NOT_FOUND'],
    [401, 'UPSTREAM_DENIED'],
    [500, 'UPSTREAM_UNREACHABLE'],
  ])('says what an answer of %i means', async (status, code) => {
    upstream.fail(status)
    await expect(httpRepository(upstream.url, { client }).resolve({ name: 'web' })).rejects.toMatchObject({ code })
  })
})

describe('httpArchive', () => {
  it('fetches one archive by its URL', async () => {
    const bytes = await upstream.add({ name: 'web' })
    const source = httpArchive(`${upstream.url}/charts/web-1.0.0.tgz`, { client })
    const id = await source.resolve({ name: 'whatever' })
    expect(id).toEqual({ name: 'web', version: '1.0.0' })
    expect(Buffer.from((await source.fetch(id)).bytes).equals(bytes)).toBe(true)
  })

  it('refuses a URL with nothing behind it', async () => {
    const source = httpArchive(`${upstream.url}/charts/none.tgz`, { client })
    await expect(source.resolve({ name: '' })).rejects.toMatchObject({ code: 'CHART_NOT_FOUND' })
  })
})

describe('an index file whose URLs are oci://', () => {
  it.each([
    ['the tag of the version', (name: string) => `oci://${name}`],
    ['a tag as helm writes it', (name: string) => `oci://${name}:1.0.0_b.1`],
    ['a version with its plus', (name: string) => `oci://${name}:1.0.0+b.1`],
  ])('is fetched from the registry by %s', async (_, urlOf) => {
    const place = openMemoryContent('registry.corp/charts/web')
    const bytes = await buildChart({ name: 'web', version: '1.0.0+b.1' })
    await pushChart(place, chartArtifact(await readChartArchive(bytes)))
    await upstream.add({ name: 'web', version: '1.0.0+b.1' }, { bytes, entry: { urls: [urlOf(place.name)] } })
    const source = httpRepository(upstream.url, { client, openRegistry: () => place })
    const archive = await source.fetch(await source.resolve({ name: 'web', version: '1.0.x' }))
    expect(Buffer.from(archive.bytes).equals(Buffer.from(bytes))).toBe(true)
  })

  it('is fetched by its digest, and not where the tag beside it stands for another', async () => {
    const place = openMemoryContent('registry.corp/charts/web')
    const bytes = await buildChart({ name: 'web' })
    const { digest } = await pushChart(place, chartArtifact(await readChartArchive(bytes)))
    const later = await readChartArchive(await buildChart({ name: 'web', values: 'later: true' }))
    await pushChart(place, chartArtifact(later))
    await upstream.add({ name: 'web' }, { bytes, entry: { urls: [`oci://${place.name}@${digest}`] } })
    await upstream.add({ name: 'moved' }, { bytes, entry: { urls: [`oci://${place.name}:1.0.0@${digest}`] } })
    const source = httpRepository(upstream.url, { client, openRegistry: () => place })
    const archive = await source.fetch({ name: 'web', version: '1.0.0' })
    expect(Buffer.from(archive.bytes).equals(Buffer.from(bytes))).toBe(true)
    await expect(source.fetch({ name: 'moved', version: '1.0.0' })).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' })
  })
})
