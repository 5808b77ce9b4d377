// Where relocated charts get their images from: copied to a registry, looked for there, pulled through; and what
// registries, charts and configurations do meanwhile.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, readChartArchive } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { openRegistries } from '@chartferry/core/oci'
import { parseConfig, serve } from '@chartferry/server'
import { describe, expect, it } from 'vitest'
import type { ChartSpec } from '../../../../test/kit/charts.ts'
import { closesAfterEach } from '../../../../test/kit/closing.ts'
import { layerOf, pushImage, pushIndex } from '../../../../test/kit/images.ts'
import { startRegistry, type TestRegistry } from '../../../../test/kit/registry.ts'
import { type Answer, ask, startServer, type TestServer } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

const closeLater = closesAfterEach()
const registries = openRegistries({ plainHttp: true })

interface Field {
  readonly upstream: TestUpstream
  /** Has the images of the charts. */
  readonly origin: TestRegistry
  readonly target: TestRegistry
}

async function openField(options: Parameters<typeof startRegistry>[0] = {}): Promise<Field> {
  const [upstream, origin, target] = await Promise.all([startUpstream(), startRegistry(), startRegistry(options)])
  for (const opened of [upstream, origin, target]) closeLater(() => opened.close())
  return { upstream, origin, target }
}

/** A chart that runs one image. */
function chartOf(image: string, name = 'web'): ChartSpec {
  return {
    name,
    values: `image: ${image}\n`,
    templates: {
      'pod.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n',
    },
  }
}

/** A registry on this machine is reached where the configuration names it. */
async function start(
  { upstream, origin, target }: Field,
  relocation: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, unknown>> = {},
  data?: string,
): Promise<TestServer> {
  const server = await startServer({
    repositories: {
      up: upstream.url,
      corp: { kind: 'relocated', of: 'up', to: `${target.host}/mirror`, ...relocation },
    },
    settings: { images: { registries: { lab: { host: origin.host, plainHttp: true } } }, ...settings },
    ...(data === undefined ? {} : { data }),
  })
  closeLater(() => server.close())
  return server
}

async function urlOf(url: string, chart = 'web'): Promise<string> {
  const index = parseIndexFile((await ask(url, '/corp/index.yaml')).body.toString())
  return `/corp/${index.entries.get(chart)?.[0]?.urls[0]}`
}

const pull = async ({ url }: Pick<TestServer, 'url'>, chart?: string): Promise<Answer> =>
  ask(url, await urlOf(url, chart))

async function valuesOf(bytes: Uint8Array): Promise<string> {
  return new TextDecoder().decode((await readChartArchive(bytes)).chart.files.get('values.yaml'))
}

const layers = [layerOf('one', 20_000)]
const pushTo = (registry: TestRegistry, path: string, tag: string) =>
  pushImage(registries.repository(`${registry.host}/${path}`), { layers, tag })

describe('images: copy', () => {
  it('copies the images before the chart is served, once', async () => {
    const field = await openField()
    await pushTo(field.origin, 'team/web', 'v1')
    await field.upstream.add(chartOf(`${field.origin.host}/team/web:v1`))
    const server = await start(field, { images: 'copy' })
    const answer = await pull(server)
    expect(answer.status).toBe(200)
    expect(await valuesOf(answer.body)).toBe(`image: ${field.target.host}/mirror/team/web:v1\n`)
    expect(field.target.repositories.get('mirror/team/web')?.tags.get('v1')).toBe(
      field.origin.repositories.get('team/web')?.tags.get('v1'),
    )
    field.origin.forget()
    field.target.forget()
    expect((await pull(server)).status).toBe(200)
    expect(field.origin.requests.length + field.target.requests.length).toBe(0)
  })

  it('copies the platforms that are wanted, and the chart names the digests that came of it', async () => {
    const field = await openField()
    const team = registries.repository(`${field.origin.host}/team/web`)
    const [amd, arm] = [
      await pushImage(team, { layers, architecture: 'amd64' }),
      await pushImage(team, { layers: [layerOf('two', 9000)], architecture: 'arm64' }),
    ]
    const platform = (architecture: string) => ({ os: 'linux', architecture })
    const index = await pushIndex(
      team,
      [
        { ...amd, platform: platform('amd64') },
        { ...arm, platform: platform('arm64') },
      ],
      'v1',
    )
    await field.upstream.add(chartOf(`${field.origin.host}/team/web@${index.digest}`))
    const server = await start(field, { images: 'copy', platforms: ['linux/amd64'] })
    const answer = await pull(server)
    expect(answer.status).toBe(200)
    const [, digest = ''] = /@(sha256:\w+)/.exec(await valuesOf(answer.body)) ?? []
    expect(digest).not.toBe(index.digest)
    expect(field.target.repositories.get('mirror/team/web')?.manifests.has(digest)).toBe(true)
    expect((await server.ask('/api/corp/charts/web/1.0.0/relocation')).json()).toMatchObject({ status: 'proven' })
  })

  it('is 503 while the target is gone, and makes the chart when it is back', async () => {
    const field = await openField()
    await pushTo(field.origin, 'team/web', 'v1')
    await field.upstream.add(chartOf(`${field.origin.host}/team/web:v1`))
    const server = await start(field, { images: 'copy' })
    field.target.intercept = (request) => {
      request.socket.destroy()
      return true
    }
    const away = await pull(server)
    expect(away.status).toBe(503)
    expect(away.headers['retry-after']).toBe('1')
    expect(away.json()).toMatchObject({
      code: 'RELOCATION_FAILED',
      error: expect.stringContaining('REGISTRY_UNREACHABLE'),
    })
    field.target.intercept = undefined
    expect((await pull(server)).status).toBe(200)
  })

  it('is 502 with the words of the target where that refuses, and never the status that it gave', async () => {
    const field = await openField({ auth: 'basic' })
    await pushTo(field.origin, 'team/web', 'v1')
    await field.upstream.add(chartOf(`${field.origin.host}/team/web:v1`))
    const server = await start(field, { images: 'copy' })
    const refused = await pull(server)
    expect(refused.status).toBe(502)
    expect(refused.json()).toMatchObject({ code: 'RELOCATION_REFUSED', because: 'REGISTRY_DENIED' })
    const known = await start(field, { images: 'copy', registry: { username: 'me', password: 'secret' } })
    expect((await pull(known)).status).toBe(200)
  })

  it('is 502 where the target is full, and where an image is nowhere', async () => {
    const field = await openField()
    await pushTo(field.origin, 'team/web', 'v1')
    await field.upstream.add(chartOf(`${field.origin.host}/team/web:v1`))
    await field.upstream.add(chartOf(`${field.origin.host}/team/none:v1`, 'none'))
    const server = await start(field, { images: 'copy' })
    field.target.intercept = (request, response) => {
      if (request.method !== 'PUT' && request.method !== 'PATCH') return false
      const errors = [{ code: 'DENIED', message: 'the quota of the project is used up' }]
      response.writeHead(413, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }))
      return true
    }
    const full = await pull(server)
    expect(full.status).toBe(502)
    expect(full.json()).toMatchObject({
      code: 'RELOCATION_REFUSED',
      error: expect.stringContaining('the quota of the project is used up'),
    })
    field.target.intercept = undefined
    const none = await pull(server, 'none')
    expect(none.status).toBe(502)
    expect(none.json()).toMatchObject({ error: expect.stringContaining('team/none') })
    expect((await pull(server)).status).toBe(200)
  })

  it('sends nothing into private networks that a chart alone names', async () => {
    const field = await openField()
    await pushTo(field.origin, 'team/web', 'v1')
    // The host that the configuration names is trusted, this name of it is not.
    const port = field.origin.host.split(':')[1]
    await field.upstream.add(chartOf(`localhost:${port}/team/web:v1`))
    const server = await start(field, { images: 'copy' })
    field.origin.forget()
    expect((await pull(server)).status).toBeGreaterThanOrEqual(500)
    expect(field.origin.requests).toEqual([])
  })
})

describe('images: present', () => {
  it('refuses the chart with what is missing, until it is there', async () => {
    const field = await openField()
    await field.upstream.add(chartOf('quay.io/team/web:v1'))
    const server = await start(field, {})
    const refused = await pull(server)
    expect(refused.status).toBe(502)
    expect(refused.json()).toMatchObject({
      code: 'RELOCATION_REFUSED',
      because: 'IMAGES_MISSING',
      reasons: [`${field.target.host}/mirror/team/web:v1`],
    })
    await pushTo(field.target, 'mirror/team/web', 'v1')
    expect((await pull(server)).status).toBe(200)
  })
})

describe('images: pull-through', () => {
  it('names images as this server has them, and refuses those of registries that it does not', async () => {
    const field = await openField()
    await pushTo(field.origin, 'team/web', 'v1')
    await field.upstream.add(chartOf(`${field.origin.host}/team/web:v1`))
    await field.upstream.add(chartOf('quay.io/team/web:v1', 'foreign'))
    const images = { registries: { lab: { host: field.origin.host, plainHttp: true } } }
    const server = await startServer({
      repositories: { up: field.upstream.url, corp: { kind: 'relocated', of: 'up', to: 'self' } },
      settings: { publicUrl: 'http://charts.corp:8080', images },
    })
    closeLater(() => server.close())
    const answer = await pull(server)
    expect(await valuesOf(answer.body)).toBe('image: charts.corp:8080/lab/team/web:v1\n')
    expect((await server.ask('/v2/lab/team/web/manifests/v1')).status).toBe(200)
    expect((await pull(server, 'foreign')).json()).toMatchObject({
      because: 'IMAGES_MISSING',
      hint: expect.stringContaining('images.registries'),
    })
  })
})

describe('charts that exceed their bounds', () => {
  it.each([
    [{ within: '1ms' }, 'takes longer than 0.001 s'],
    [{ memory: '8MiB' }, 'needs more than the 8 MiB of memory'],
  ])('are refused with %j, and the server goes on', async (relocation, words) => {
    const field = await openField()
    const growing = '{{- $l := list }}{{- range $i := until 20000 }}{{- $l = append $l $i }}{{- end }}{{ len $l }}'
    await field.upstream.add({ name: 'web', values: 'a: 1\n', templates: { 'grow.yaml': growing } })
    const server = await start(field, {}, { relocation })
    const answer = await pull(server)
    expect(answer.status).toBe(502)
    expect(answer.json()).toMatchObject({ because: 'RENDER_FAILED', error: expect.stringContaining(words) })
    expect((await server.ask('/healthz')).status).toBe(200)
  })

  it('and what is no chart at all are refused in words', async () => {
    const field = await openField()
    await field.upstream.add(chartOf('quay.io/team/web:v1'), { bytes: Buffer.from('1f8b0800', 'hex') })
    const server = await start(field, {})
    expect((await pull(server)).json()).toMatchObject({ code: 'RELOCATION_REFUSED', because: 'ARCHIVE_INVALID' })
  })
})

describe('rules that are edited under load', () => {
  it('give new paths new bytes, and old paths the old ones', async () => {
    const field = await openField()
    await field.upstream.add(chartOf('quay.io/team/web:v1'))
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-rules-'))
    closeLater(() => rm(folder, { recursive: true, force: true }))
    const rules = join(folder, 'rules.yaml')
    const ruleTo = (path: string): Promise<void> =>
      writeFile(rules, `rules:\n  - { match: 'quay.io/**', to: 'other.corp:5000/${path}' }\n`)
    await ruleTo('old')
    const load = () =>
      parseConfig('', {
        file: join(folder, 'server.yaml'),
        environment: {},
        overrides: {
          listen: '127.0.0.1:0',
          data: join(folder, 'data'),
          freshFor: '0s',
          images: { registries: { 'quay.io': {} } },
          repositories: {
            up: { url: field.upstream.url },
            corp: { kind: 'relocated', of: 'up', to: 'mirror.corp:5000', images: 'pull-through', rules },
          },
        },
      })
    const server = await serve({ load, lookEvery: 0, environment: {}, logTo: { write: () => {} } })
    closeLater(() => server.close())
    const old = await urlOf(server.url)
    const before = await ask(server.url, old)
    expect(await valuesOf(before.body)).toContain('other.corp:5000/old/team/web:v1')
    const load200 = Array.from({ length: 40 }, () => ask(server.url, old))
    await ruleTo('new')
    await server.reload()
    const fresh = await urlOf(server.url)
    const asked = await Promise.all([...load200, ...Array.from({ length: 40 }, () => ask(server.url, fresh))])
    const digests = asked.map(({ status, body }) => `${status} ${digestOf(body)}`)
    expect(new Set(digests.slice(0, 40))).toEqual(new Set([`200 ${digestOf(before.body)}`]))
    expect(new Set(digests.slice(40)).size).toBe(1)
    expect(await valuesOf(asked.at(-1)?.body ?? Buffer.alloc(0))).toContain('other.corp:5000/new/team/web:v1')
    expect((await ask(server.url, old)).body.equals(before.body)).toBe(true)
  })
})
