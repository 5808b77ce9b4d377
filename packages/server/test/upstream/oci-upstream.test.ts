import { digestOf, readChartArchive } from '@chartferry/core'
import { openRegistries, type Registries } from '@chartferry/core/oci'
import { chartArtifact, pushChart } from '@chartferry/core/transfer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildChart, type ChartSpec } from '../../../../test/kit/charts.ts'
import { pushImage } from '../../../../test/kit/images.ts'
import { startRegistry, type TestRegistry } from '../../../../test/kit/registry.ts'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

let registry: TestRegistry
let client: Registries
let server: TestServer
let time: number
const day = 86_400_000
const signature = '-----BEGIN PGP SIGNED MESSAGE-----\n'

interface Entry {
  readonly version: string
  readonly digest: string
  readonly urls: readonly string[]
  readonly description?: string
}

async function push(spec: ChartSpec, provenance?: string, tag?: string): Promise<Uint8Array> {
  const bytes = await buildChart(spec)
  const archive = await readChartArchive(bytes, provenance === undefined ? {} : { provenance: Buffer.from(provenance) })
  const artifact = chartArtifact(archive, { created: '2026-01-02T03:04:05Z' })
  const repository = client.repository(`${registry.host}/charts/${spec.name}`)
  await pushChart(repository, { ...artifact, tag: tag ?? artifact.tag })
  return bytes
}

async function entries(path = '/oci/index.yaml'): Promise<Record<string, Entry[]>> {
  const answer = await server.ask(path)
  expect([answer.status, answer.body.toString().slice(0, answer.status === 200 ? 0 : 500)]).toEqual([200, ''])
  return (answer.json() as { entries: Record<string, Entry[]> }).entries
}

beforeEach(async () => {
  time = Date.UTC(2026, 5, 1)
  registry = await startRegistry()
  client = openRegistries()
  await push({ name: 'web', metadata: { description: 'One' } })
  await push({ name: 'web', version: '1.1.0+build.1' }, signature)
  await push({ name: 'api', version: '0.1.0' })
  server = await startServer({
    repositories: { oci: { url: `oci://${registry.host}/charts`, charts: ['web', 'api', 'none'] } },
    now: () => time,
  })
})
afterEach(async () => {
  await server.close()
  await client.close()
  await registry.close()
})

describe('a registry as an upstream', () => {
  it('is looked at again at once where a tag has moved under an index that is fresh', async () => {
    await server.close()
    server = await startServer({
      repositories: { oci: { url: `oci://${registry.host}/charts`, charts: ['web'] } },
      settings: { freshFor: '1h', retryAfter: '1h' },
      now: () => time,
    })
    const { web: [, before] = [] } = await entries()
    const bytes = await push({ name: 'web', metadata: { description: 'Two' } })
    const refused = await server.ask(`/oci/${before?.urls[0]}`)
    expect(refused.json()).toMatchObject({ code: 'DIGEST_MISMATCH', error: expect.stringContaining('chart web 1.0.0') })
    const { web: [, after] = [] } = await entries()
    expect(after?.description).toBe('Two')
    expect((await server.ask(`/oci/${after?.urls[0]}`)).body.equals(bytes)).toBe(true)
  })

  it.each([
    ['a chart', '/v2/charts/api/', 403, 'api (status 403)', ['web']],
    ['a version', '/v2/charts/web/manifests/1.1.0_build.1', 412, 'web:1.1.0_build.1 (status 412)', ['api', 'web']],
  ])(
    'that refuses %s says so on the page and in a metric, and no other member of a group stands in for it',
    async (_, path, status, words, left) => {
      const other = await startUpstream([
        { name: 'api', version: '9.0.0' },
        { name: 'web', version: '9.0.0' },
        { name: 'free' },
      ])
      registry.intercept = (request, response) => {
        if (!request.url?.startsWith(path)) return false
        response.writeHead(status).end()
        return true
      }
      const made = (passNamesOn: boolean) => ({ kind: 'group', members: ['oci', 'other'], passNamesOn })
      await server.close()
      server = await startServer({
        repositories: {
          oci: { url: `oci://${registry.host}/charts`, charts: ['web', 'api'] },
          other: other.url,
          all: made(false),
          open: made(true),
        },
      })
      try {
        const all = await entries('/all/index.yaml')
        const refused = /^\w+/.exec(words)?.[0] ?? ''
        expect(Object.keys(await entries('/oci/index.yaml'))).toEqual(left)
        expect((all[refused] ?? []).map(({ version }) => version)).not.toContain('9.0.0')
        expect(all.free).toHaveLength(1)
        expect((await entries('/open/index.yaml'))[refused]?.map(({ version }) => version)).toContain('9.0.0')
        expect((await server.ask('/', { headers: { accept: 'text/html' } })).body.toString()).toContain(
          `refuses ${words}`,
        )
        expect((await server.ask('/metrics')).body.toString()).toContain(
          'chartferry_upstream_refused{repository="oci"} 1',
        )
        expect(server.log.map(({ what }) => what)).toContain(words.slice(0, words.indexOf(' (')))
        registry.intercept = undefined
        expect((await entries('/all/index.yaml'))[refused]?.map(({ version }) => version)).toContain('9.0.0')
        expect((await server.ask('/metrics')).body.toString()).toContain(
          'chartferry_upstream_refused{repository="oci"} 0',
        )
      } finally {
        await other.close()
      }
    },
  )

  it('is a chart repository with a true index', async () => {
    const { web = [], api = [] } = await entries()
    expect(web.map(({ version }) => version)).toEqual(['1.1.0+build.1', '1.0.0'])
    expect(api.map(({ version }) => version)).toEqual(['0.1.0'])
    expect(web[1]).toMatchObject({ description: 'One', created: '2026-01-02T03:04:05Z', apiVersion: 'v2' })
    const bytes = await buildChart({ name: 'web', version: '1.1.0+build.1' })
    expect(web[0]?.urls).toEqual([`charts/${digestOf(bytes).slice(7, 19)}/web-1.1.0+build.1.tgz`])
    expect(`sha256:${web[0]?.digest.replace('sha256:', '')}`).toBe(digestOf(bytes))
    const archive = await server.ask(`/oci/${web[0]?.urls[0]}`)
    expect([archive.status, archive.body.equals(bytes)]).toEqual([200, true])
    expect((await server.ask(`/oci/${web[0]?.urls[0]}.prov`)).body.toString()).toBe(signature)
    expect((await server.ask(`/oci/${web[1]?.urls[0]}.prov`)).status).toBe(404)
  })

  it('is asked for new tags alone, after a restart too', async () => {
    await entries()
    registry.forget()
    await entries()
    expect(registry.count(/manifests|blobs/)).toBe(0)
    const { data } = server
    const again = await startServer({
      repositories: { oci: { url: `oci://${registry.host}/charts`, charts: ['web'] } },
      data,
      now: () => time,
    })
    await push({ name: 'web', version: '1.2.0' })
    registry.forget()
    const answer = (await again.ask('/oci/index.yaml')).json() as { entries: Record<string, Entry[]> }
    await again.close()
    expect(answer.entries.web?.map(({ version }) => version)).toEqual(['1.2.0', '1.1.0+build.1', '1.0.0'])
    expect(registry.count(/GET .*manifests/)).toBe(1)
    expect(registry.count(/HEAD .*manifests/)).toBe(1)
    expect(registry.count(/blobs/)).toBe(1)
  })

  it('is looked at again after a day, and a tag that has moved is a version that changed', async () => {
    const before = (await entries()).web?.[1]?.digest
    await push({ name: 'web', values: 'other: true\n' })
    expect((await entries()).web?.[1]?.digest).toBe(before)
    time += day + 1
    const after = (await entries()).web?.[1]
    expect(after?.digest).not.toBe(before)
    expect((await server.ask('/api/oci/changes')).json()).toMatchObject({ changes: [{ version: '1.0.0' }] })
    expect((await server.ask(`/oci/${after?.urls[0]}`)).status).toBe(200)
  })

  it('leaves out tags that are no versions of a chart', async () => {
    await push({ name: 'web', version: '2.0.0' }, undefined, 'latest')
    await push({ name: 'web', version: '2.0.0' }, undefined, '2')
    await pushImage(client.repository(`${registry.host}/charts/web`), { layers: [Buffer.from('x')], tag: '3.0.0' })
    expect((await entries()).web?.map(({ version }) => version)).toEqual(['1.1.0+build.1', '1.0.0'])
    registry.forget()
    await entries()
    expect(registry.count(/manifests/)).toBe(0)
  })

  it('may refuse a new version: the others are served, and it is asked for again', async () => {
    const before = await entries()
    await push({ name: 'api', version: '0.2.0' })
    registry.intercept = (request, response) => {
      if (!/blobs/.test(request.url ?? '')) return false
      response.writeHead(500).end()
      return true
    }
    expect(await entries()).toEqual(before)
    registry.intercept = (_request, response) => {
      response.writeHead(500).end()
      return true
    }
    expect((await server.ask('/oci/index.yaml')).headers['x-cache']).toBe('STALE')
    registry.intercept = undefined
    expect((await entries()).api?.map(({ version }) => version)).toEqual(['0.2.0', '0.1.0'])
  })

  it('refuses an archive that is not what the index says', async () => {
    const { api = [] } = await entries()
    const digest = digestOf(await buildChart({ name: 'api', version: '0.1.0' }))
    registry.blobs.set(digest, Buffer.from('something else'.padEnd(registry.blobs.get(digest)?.length ?? 0)))
    expect((await server.ask(`/oci/${api[0]?.urls[0]}`)).status).toBe(502)
    expect((await server.files()).filter((name) => name.includes('pulled'))).toEqual([])
  })

  it('gets the credential of the repository', async () => {
    const closed = await startRegistry({ auth: 'bearer' })
    const known = openRegistries({
      credentials: { credentialFor: async () => ({ kind: 'basic', username: 'me', password: 'secret' }) },
    })
    const artifact = chartArtifact(await readChartArchive(await buildChart({ name: 'web' })))
    await pushChart(known.repository(`${closed.host}/web`), artifact)
    const other = await startServer({
      repositories: {
        own: { url: `oci://${closed.host}`, charts: ['web'], username: 'me', password: 'secret' },
        nobody: { url: `oci://${closed.host}`, charts: ['web'] },
      },
    })
    expect((await other.ask('/own/index.yaml')).status).toBe(200)
    const denied = await other.ask('/nobody/index.yaml')
    expect([denied.status, (denied.json() as { code: string }).code]).toEqual([502, 'UPSTREAM_DENIED'])
    expect(JSON.stringify(other.log)).not.toContain('secret')
    await other.close()
    await known.close()
    await closed.close()
  })

  it('needs the names of its charts where it does not list them', async () => {
    const other = await startServer({ repositories: { oci: `oci://${registry.host}/charts` } })
    const answer = await other.ask('/oci/index.yaml')
    expect(answer.status).toBe(404)
    expect(answer.json()).toMatchObject({ hint: 'Name the charts: `charts` of the repository.' })
    await other.close()
  })
})

describe('an index that names charts in registries', () => {
  let upstream: TestUpstream
  let mixed: TestServer

  beforeEach(async () => {
    upstream = await startUpstream()
    const own = (name: string) => `oci://${registry.host}/charts/${name}`
    await upstream.add({ name: 'web' }, { entry: { urls: [`${own('web')}:1.0.0`] } })
    await upstream.add({ name: 'api', version: '0.1.0' }, { entry: { urls: ['gone.tgz', `${own('api')}:0.1.0`] } })
    await upstream.add({ name: 'odd' }, { entry: { urls: [`${own('odd')}-0.1.40.tgz`] } })
    mixed = await startServer({
      repositories: { up: { url: upstream.url, private: true }, guarded: upstream.url },
    })
  })
  afterEach(async () => {
    await mixed.close()
    await upstream.close()
  })

  it('has them fetched by the proxy, also where HTTP failed; what is no place in a registry stays as it is', async () => {
    const index = (await mixed.ask('/up/index.yaml')).json() as { entries: Record<string, Entry[]> }
    expect(index.entries.odd?.[0]?.urls[0]).toMatch(/^oci:/)
    // `web` of the registry has a description, so its bytes are not those that the index means.
    const api = await mixed.ask(`/up/${index.entries.api?.[0]?.urls[0]}`)
    expect([api.status, api.headers['content-type']]).toEqual([200, 'application/gzip'])
    expect(index.entries.web?.[0]?.urls[0]).toMatch(/^charts\/[0-9a-f]{12}\/web-1\.0\.0\.tgz$/)
    expect((await mixed.ask(`/up/${index.entries.web?.[0]?.urls[0]}`)).status).toBe(502)
  })

  it('has a digest fetched, and nothing where tag and digest contradict each other', async () => {
    const bytes = await push({ name: 'pinned' })
    const place = `${registry.host}/charts/pinned`
    const { digest } = await client.repository(place).resolve('1.0.0')
    await push({ name: 'pinned', metadata: { description: 'Another' } })
    const add = (version: string, urls: readonly string[]) =>
      upstream.add({ name: 'pinned', version }, { bytes, entry: { urls } })
    await add('1.0.0', [`oci://${place}@${digest}`])
    await add('1.0.1', [`oci://${place}:1.0.0@${digest}`])
    const index = (await mixed.ask('/up/index.yaml')).json() as { entries: Record<string, Entry[]> }
    const ask = (version: string) => {
      const entry = index.entries.pinned?.find((candidate) => candidate.version === version)
      return mixed.ask(`/up/${entry?.urls[0]}`)
    }
    const found = await ask('1.0.0')
    expect([found.status, found.body.equals(bytes)]).toEqual([200, true])
    const refused = await ask('1.0.1')
    expect([refused.status, refused.body.toString()]).toEqual([502, expect.stringContaining('contradict each other')])
  })

  it('leads nobody into private networks', async () => {
    const index = (await mixed.ask('/guarded/index.yaml')).json() as { entries: Record<string, Entry[]> }
    registry.forget()
    const answer = await mixed.ask(`/guarded/${index.entries.web?.[0]?.urls[0]}`)
    expect([answer.status, JSON.stringify(answer.json())]).toEqual([
      502,
      expect.stringContaining('address not allowed'),
    ])
    expect(registry.requests).toEqual([])
  })
})
