import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, readChartArchive, relocate } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { closesAfterEach } from '../../../../test/kit/closing.ts'
import { startServer, type TestServer, type TestServerOptions } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

const closeLater = closesAfterEach()
const pod = (image: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: ${image}}]}\n`
const web = {
  name: 'web',
  values: 'image: quay.io/acme/web:1\n',
  templates: { 'pod.yaml': pod('"{{ .Values.image }}"') },
}
/** No value that could be made up makes it render: `large` does. */
const demanding = {
  name: 'demanding',
  values: 'image: quay.io/acme/web:1\nsize: small\n',
  templates: {
    'pod.yaml': pod(
      '"{{ if ne (sha256sum .Values.size) "d35c416a85b807e9b5384915d6ebb4a9f7352713efd89857b45a242f473728a9" }}{{ fail "say which: size" }}{{ end }}{{ .Values.image }}"',
    ),
  },
}

async function upstreamWith(...charts: Parameters<TestUpstream['add']>[0][]): Promise<TestUpstream> {
  const upstream = await startUpstream(charts)
  closeLater(() => upstream.close())
  return upstream
}

/** A server with the upstream as `up` and its relocated view as `corp`; nothing is asked of the target. */
async function serverFor(
  upstream: TestUpstream,
  relocation: Readonly<Record<string, unknown>> = {},
  options: TestServerOptions = {},
): Promise<TestServer> {
  const server = await startServer({
    ...options,
    repositories: {
      up: upstream.url,
      corp: { kind: 'relocated', of: 'up', to: 'mirror.corp.example:5000', images: 'pull-through', ...relocation },
      ...options.repositories,
    },
    settings: { images: { registries: { 'quay.io': {} } }, ...options.settings },
  })
  closeLater(() => server.close())
  return server
}

interface Listed {
  readonly url: string
  readonly digest: string | undefined
  readonly annotations: unknown
}

async function listed(server: TestServer, chart: string, repository = 'corp'): Promise<Listed> {
  const index = parseIndexFile((await server.ask(`/${repository}/index.yaml`)).body.toString())
  const entry = index.entries.get(chart)?.[0]
  return { url: entry?.urls[0] ?? '', digest: entry?.digest, annotations: entry?.fields.annotations }
}

async function valuesOf(bytes: Uint8Array): Promise<string> {
  return new TextDecoder().decode((await readChartArchive(bytes)).chart.files.get('values.yaml'))
}

describe('a relocated repository', () => {
  it('lists the versions of the original, and a digest once an archive is made', async () => {
    const upstream = await upstreamWith(web)
    const server = await serverFor(upstream)
    const before = await listed(server, 'web')
    expect(before.digest).toBeUndefined()
    expect(before.url).toMatch(/^charts\/[0-9a-f]{12}\/[0-9a-f]{12}\/web-1\.0\.0\.tgz$/)
    const answer = await server.ask(`/corp/${before.url}`)
    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'x-chartferry-proof': 'proven',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect(await valuesOf(answer.body)).toBe('image: mirror.corp.example:5000/quay.io/acme/web:1\n')
    expect(await listed(server, 'web')).toEqual({ ...before, digest: digestOf(answer.body) })
    expect((await server.ask(`/corp/${before.url}.prov`)).status).toBe(404)
    expect((await server.ask('/corp/charts/000000000000/web-1.0.0.tgz')).status).toBe(404)
  })

  it('gives two servers that share a store one archive, whoever is asked first', async () => {
    const upstream = await upstreamWith(web)
    const one = await serverFor(upstream)
    const other = await serverFor(upstream, {}, { data: one.data })
    const { url } = await listed(one, 'web')
    const [first, second] = await Promise.all([one.ask(`/corp/${url}`), other.ask(`/corp/${url}`)])
    expect(first?.status).toBe(200)
    expect(first?.body.equals(second?.body ?? Buffer.alloc(0))).toBe(true)
    const records = (await one.files()).filter((file) => /relocated\/[0-9a-f]{64}\/made\//.test(file))
    expect(records).toHaveLength(1)
    expect((await listed(other, 'web')).digest).toBe(digestOf(first?.body ?? ''))
  })

  it('serves what others have made, and makes nothing, where it must not render', async () => {
    const upstream = await upstreamWith(web)
    const maker = await serverFor(upstream)
    const server = await serverFor(upstream, {}, { data: maker.data, settings: { relocation: { render: false } } })
    const { url } = await listed(server, 'web')
    const early = await server.ask(`/corp/${url}`)
    expect(early).toMatchObject({ status: 503, headers: { 'retry-after': '5' } })
    expect(early.json()).toMatchObject({ code: 'RELOCATION_PENDING' })
    const made = await maker.ask(`/corp/${url}`)
    const served = await server.ask(`/corp/${url}`)
    expect(served.status).toBe(200)
    expect(served.body.equals(made.body)).toBe(true)
  })

  it('makes new archives for new rules, and goes on serving those that it gave', async () => {
    const upstream = await upstreamWith(web)
    const first = await serverFor(upstream)
    const { url: old } = await listed(first, 'web')
    const before = await first.ask(`/corp/${old}`)
    const manifest = await first.ask('/v2/corp/web/manifests/1.0.0')
    const digest = manifest.headers['docker-content-digest'] ?? ''
    const second = await serverFor(upstream, { to: 'other.corp.example' }, { data: first.data })
    const { url, digest: none } = await listed(second, 'web')
    expect(url).not.toBe(old)
    expect(none).toBeUndefined()
    expect(await valuesOf((await second.ask(`/corp/${url}`)).body)).toContain('other.corp.example/quay.io/acme/web:1')
    expect((await second.ask(`/corp/${old}`)).body.equals(before.body)).toBe(true)
    expect((await second.ask(`/v2/corp/web/manifests/${digest}`)).body.equals(manifest.body)).toBe(true)
    expect((await second.ask('/v2/corp/web/manifests/1.0.0')).headers['docker-content-digest']).not.toBe(digest)
  })

  it('is a registry, too: tags are listed, and manifests made when they are asked for', async () => {
    const upstream = await upstreamWith(web)
    const server = await serverFor(upstream)
    expect((await server.ask('/v2/corp/web/tags/list')).json()).toMatchObject({ tags: ['1.0.0'] })
    const manifest = (await server.ask('/v2/corp/web/manifests/1.0.0')).json() as {
      layers: readonly { digest: string }[]
    }
    const { url } = await listed(server, 'web')
    const archive = (await server.ask(`/corp/${url}`)).body
    expect(manifest.layers[0]?.digest).toBe(digestOf(archive))
    expect((await server.ask(`/v2/corp/web/blobs/${manifest.layers[0]?.digest}`)).body.equals(archive)).toBe(true)
  })

  it('tells the plan, the proof and the edits', async () => {
    const upstream = await upstreamWith(web)
    const server = await serverFor(upstream)
    const answer = await server.ask('/api/corp/charts/web/1.0.0/relocation')
    expect(answer.json()).toMatchObject({
      name: 'web',
      version: '1.0.0',
      status: 'proven',
      source: { digest: digestOf(upstream.files.get('charts/web-1.0.0.tgz') ?? '') },
      archive: { digest: (await listed(server, 'web')).digest },
      by: { chartferry: expect.stringMatching(/^\d/), renderer: expect.stringMatching(/^(helm|engine) v/) },
      plan: { images: [{ from: 'quay.io/acme/web:1', to: 'mirror.corp.example:5000/quay.io/acme/web:1' }] },
      edits: [{ file: 'values.yaml', line: 1, path: ['image'] }],
      proof: { status: 'proven', moved: 1 },
    })
    expect((await server.ask('/api/up/charts/web/1.0.0/relocation')).json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' })
    expect((await server.ask('/api/corp/charts/web/9.0.0/relocation')).json()).toMatchObject({
      code: 'VERSION_NOT_FOUND',
    })
  })

  it('refuses what cannot be proven, in words, for all servers of this version', async () => {
    const upstream = await upstreamWith(demanding)
    const server = await serverFor(upstream)
    const { url } = await listed(server, 'demanding')
    const answer = await server.ask(`/corp/${url}`)
    expect(answer.status).toBe(502)
    expect(answer.json()).toMatchObject({
      code: 'RELOCATION_REFUSED',
      because: 'RENDER_FAILED',
      error: expect.stringContaining('say which: size'),
      hint: expect.stringContaining('values: { CHART: FILE }'),
    })
    const other = await serverFor(upstream, {}, { data: server.data, settings: { relocation: { render: false } } })
    expect((await other.ask(`/corp/${url}`)).json()).toMatchObject({ code: expect.stringMatching(/^RELOCATION_/) })
    expect((await listed(server, 'demanding')).digest).toBeUndefined()
  })

  it('serves it marked where that is wanted, and says so in the chart, the index and the answer', async () => {
    const upstream = await upstreamWith(demanding)
    const server = await serverFor(upstream, { unproven: 'mark' })
    const { url } = await listed(server, 'demanding')
    const answer = await server.ask(`/corp/${url}`)
    expect(answer.status).toBe(200)
    expect(answer.headers['x-chartferry-proof']).toBe('unverified')
    const { chart } = await readChartArchive(answer.body)
    expect(chart.metadata.annotations).toMatchObject({ 'io.chartferry.proof': 'unverified' })
    expect((await listed(server, 'demanding')).annotations).toEqual({ 'io.chartferry.proof': 'unproven' })
    // Nothing was rendered: the page claims nothing of what changed.
    const page = (await server.ask('/corp/chart/demanding/1.0.0/images')).body.toString()
    expect(page).toContain('<p>Unverified: nothing could render the chart')
    expect(page).not.toContain('nothing else changed')
  })

  it('serves libraries, which nothing can render by themselves', async () => {
    const upstream = await upstreamWith({ name: 'common', metadata: { type: 'library' } })
    const server = await serverFor(upstream)
    const answer = await server.ask(`/corp/${(await listed(server, 'common')).url}`)
    expect(answer).toMatchObject({ status: 200, headers: { 'x-chartferry-proof': 'unverified' } })
  })

  it('renders a chart with the values of its name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-values-'))
    closeLater(() => rm(folder, { recursive: true }))
    const file = join(folder, 'demanding.yaml')
    await writeFile(file, 'size: middling\n')
    const upstream = await upstreamWith(demanding, web)
    const server = await serverFor(upstream, { values: { demanding: file } })
    const refused = await server.ask(`/corp/${(await listed(server, 'demanding')).url}`)
    expect(refused.status).toBe(502)
    await writeFile(file, 'size: large\n')
    const again = await serverFor(upstream, { values: { demanding: file } }, { data: server.data })
    expect((await listed(again, 'web')).url).toBe((await listed(server, 'web')).url)
    expect((await again.ask(`/corp/${(await listed(again, 'demanding')).url}`)).status).toBe(200)
  })

  it('serves a repository relocated under its own name, hosted ones and groups, too', async () => {
    const upstream = await upstreamWith(web)
    const relocate = { to: 'mirror.corp.example', images: 'pull-through' }
    const server = await serverFor(
      upstream,
      {},
      {
        repositories: {
          own: { url: upstream.url, relocate },
          local: { kind: 'hosted', relocate },
          plain: { kind: 'hosted' },
          all: { kind: 'group', members: ['up', 'plain'], relocate },
          both: { kind: 'group', members: ['corp', 'local'] },
        },
      },
    )
    for (const [repository, name] of [
      ['local', 'mine'],
      ['plain', 'theirs'],
    ] as const)
      await server.ask(`/api/${repository}/charts`, { method: 'POST', body: await buildChart({ ...web, name }) })
    for (const [repository, chart] of [
      ['own', 'web'],
      ['local', 'mine'],
      ['all', 'web'],
      ['all', 'theirs'],
      ['both', 'web'],
      ['both', 'mine'],
    ] as const) {
      const { url } = await listed(server, chart, repository)
      const answer = await server.ask(`/${repository}/${url}`)
      expect(answer.status, `${repository} ${chart}`).toBe(200)
      expect(await valuesOf(answer.body)).toMatch(/^image: mirror\.corp\.example(:5000)?\/quay\.io\/acme\/web:1\n$/)
      expect((await listed(server, chart, repository)).digest).toBe(digestOf(answer.body))
    }
    expect((await server.ask('/')).body.toString()).toMatch(/corp +relocated +up → mirror\.corp\.example:5000/)
  })

  it('gives a version that was pushed anew its new archive, and one that was deleted none', async () => {
    const server = await startServer({
      repositories: {
        local: { kind: 'hosted', overwrite: 'always' },
        corp: { kind: 'relocated', of: 'local', to: 'mirror.corp.example', images: 'pull-through' },
      },
      settings: { images: { registries: { 'quay.io': {} } } },
    })
    closeLater(() => server.close())
    const push = async (image: string): Promise<void> => {
      const body = await buildChart({ ...web, values: `image: quay.io/acme/${image}\n` })
      expect((await server.ask('/api/local/charts', { method: 'POST', body })).status).toBe(201)
    }
    await push('web:1')
    const { url } = await listed(server, 'web')
    expect(await valuesOf((await server.ask(`/corp/${url}`)).body)).toContain('web:1')
    await push('web:2')
    expect((await listed(server, 'web')).digest).toBeUndefined()
    expect(await valuesOf((await server.ask(`/corp/${url}`)).body)).toContain('web:2')
    await server.ask('/api/local/charts/web/1.0.0', { method: 'DELETE' })
    expect((await server.ask(`/corp/${url}`)).status).toBe(404)
  })

  it('relocates nothing that a filter hides', async () => {
    const upstream = await upstreamWith(web, { ...web, name: 'hidden' })
    const open = await serverFor(upstream)
    const { url } = await listed(open, 'hidden')
    expect((await open.ask(`/corp/${url}`)).status).toBe(200)
    const server = await serverFor(
      upstream,
      {},
      { data: open.data, repositories: { up: { url: upstream.url, filter: { deny: ['hidden'] } } } },
    )
    expect((await listed(server, 'hidden')).url).toBe('')
    expect((await server.ask(`/corp/${url}`)).status).toBe(404)
    expect((await server.ask(`/corp/${(await listed(server, 'web')).url}`)).status).toBe(200)
  })

  it('goes on serving what it made when the upstream has gone', async () => {
    const upstream = await upstreamWith(web)
    const server = await serverFor(upstream)
    const { url } = await listed(server, 'web')
    const made = await server.ask(`/corp/${url}`)
    await upstream.stop()
    expect((await server.ask(`/corp/${url}`)).body.equals(made.body)).toBe(true)
    expect((await listed(server, 'web')).digest).toBe(digestOf(made.body))
  })

  it('makes the newest version of each chart before anybody asks', async () => {
    const upstream = await upstreamWith(web, { ...web, version: '2.0.0-rc.1' }, { ...web, name: 'api' })
    const server = await serverFor(upstream, { warm: 1 })
    for (const chart of ['web', 'api']) {
      // The index lists the prerelease first.
      const digests = async (): Promise<readonly (string | undefined)[]> =>
        parseIndexFile((await server.ask('/corp/index.yaml')).body.toString())
          .entries.get(chart)
          ?.map(({ digest }) => digest) ?? []
      await expect.poll(async () => (await digests()).at(-1), { timeout: 20_000 }).toMatch(/^sha256:/)
      if (chart === 'web') expect((await digests())[0]).toBeUndefined()
    }
  })

  it('shows the images from and to, the changed values and the proof on the page', async () => {
    const upstream = await upstreamWith(web, demanding)
    const server = await serverFor(upstream)
    const whenKnown = async (path: string): Promise<string> => {
      for (;;) {
        const page = await server.ask(path, { headers: { accept: 'text/html' } })
        if (page.headers.refresh === undefined) return page.body.toString()
      }
    }
    const page = await whenKnown('/corp/chart/web/1.0.0/images')
    expect(page).toContain('<code>quay.io/acme/web:1</code>')
    expect(page).toContain('<code>mirror.corp.example:5000/quay.io/acme/web:1</code>')
    expect(page).toMatch(
      /<p>The chart is proven by (helm|engine) v\S+: 1 of 1 images by .*: 1 image moved, 0 left, nothing else changed\.<\/p>/,
    )
    expect(await whenKnown('/corp/chart/demanding/1.0.0/images')).toContain('say which: size')
  })
})

describe('the bytes of a relocated repository', () => {
  it('are those that the library makes by the same options', async () => {
    const chart = { ...web, values: '# ours\nimage:   "quay.io/acme/web:1"  # the image\n' }
    const upstream = await upstreamWith(chart)
    const server = await serverFor(upstream)
    const { url } = await listed(server, 'web')
    const original = await readChartArchive(upstream.files.get('charts/web-1.0.0.tgz') ?? new Uint8Array())
    const { archive } = await relocate(original, { to: 'mirror.corp.example:5000', mode: 'host-path' })
    expect((await server.ask(`/corp/${url}`)).body.equals(Buffer.from(archive.bytes))).toBe(true)
  })
})
