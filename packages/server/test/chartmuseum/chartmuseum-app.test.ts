import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { digestOf } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { afterEach, describe, expect, it } from 'vitest'
import {
  brokenForms,
  type ChartMuseumOptions,
  formOf,
  provenanceOf,
  startChartMuseum,
  type TestChartMuseum,
} from '../../../../test/kit/chartmuseum.ts'
import { buildArchive, buildChart } from '../../../../test/kit/charts.ts'

const running: TestChartMuseum[] = []
const start = async (flags?: readonly string[], options?: ChartMuseumOptions): Promise<TestChartMuseum> => {
  const chartmuseum = await startChartMuseum(flags, options)
  running.push(chartmuseum)
  return chartmuseum
}
afterEach(async () => {
  for (const chartmuseum of running.splice(0)) await chartmuseum.close()
})

const web = buildChart({
  name: 'web',
  values: 'a: 1\n',
  templates: { 'one.yaml': 'kind: One\n' },
  metadata: { description: 'A "web": é' },
})

const names = async (chartmuseum: TestChartMuseum, path = '/index.yaml'): Promise<string[]> =>
  [...parseIndexFile((await chartmuseum.ask(path)).body).entries].flatMap(([name, versions]) =>
    versions.map(({ version }) => `${name} ${version}`),
  )

describe('ChartMuseum’s routes', () => {
  it('takes a chart and gives it back everywhere', async () => {
    const chartmuseum = await start()
    const bytes = await web
    const pushed = await chartmuseum.push(bytes)
    expect([pushed.status, pushed.json()]).toEqual([201, { saved: true }])
    const entry = { name: 'web', version: '1.0.0', digest: digestOf(bytes).slice(7), urls: ['charts/web-1.0.0.tgz'] }
    expect((await chartmuseum.ask('/api/charts')).json()).toMatchObject({ web: [entry] })
    expect((await chartmuseum.ask('/api/charts/web')).json()).toMatchObject([entry])
    for (const version of ['1.0.0', 'latest', '^1.0.0', '1.x'])
      expect((await chartmuseum.ask(`/api/charts/web/${encodeURIComponent(version)}`)).json()).toMatchObject(entry)
    expect((await chartmuseum.ask('/api/charts/web/1.0.0/templates')).json()).toEqual({
      templates: [{ name: 'templates/one.yaml', data: Buffer.from('kind: One\n').toString('base64') }],
      values: { a: 1 },
    })
    const values = await chartmuseum.ask('/api/charts/web/1.0.0/values')
    expect([values.body.toString(), values.headers['content-type']]).toEqual(['a: 1\n', 'application/yaml'])
    const archive = await chartmuseum.ask('/charts/web-1.0.0.tgz')
    expect([archive.body.equals(bytes), archive.headers['content-type']]).toEqual([true, 'application/x-tar'])
    const index = await chartmuseum.ask('/index.yaml')
    expect(index.headers['content-type']).toBe('application/x-yaml')
    expect(index.body.toString()).toMatch(/^apiVersion: "?v1"?\n[\s\S]*serverInfo: \{\}\n/)
    for (const path of [
      '/index.yaml',
      '/charts/web-1.0.0.tgz',
      '/api/charts',
      '/api/charts/web',
      '/api/charts/web/1.0.0',
    ]) {
      const [get, head] = [await chartmuseum.ask(path), await chartmuseum.ask(path, { method: 'HEAD' })]
      expect([head.status, head.headers['content-length'], head.body.length]).toEqual([
        200,
        get.headers['content-length'],
        0,
      ])
    }
  })

  it('answers the root, the version, health and nothing else', async () => {
    const chartmuseum = await start()
    expect((await chartmuseum.ask('/')).headers['content-type']).toMatch(/^text\/html/)
    expect((await chartmuseum.ask('/info')).json()).toEqual({ version: expect.stringMatching(/^v\d/) })
    expect((await chartmuseum.ask('/health')).json()).toEqual({ healthy: true })
    for (const path of [
      '/nothing',
      '/metrics',
      '/static/x',
      '/artifacthub-repo.yml',
      '/api',
      '/charts',
      '/a/index.yaml',
      '/charts/../x.tgz',
      '/charts/%2e%2e%2fx.tgz',
    ]) {
      const answer = await chartmuseum.ask(path)
      expect([path, answer.status, answer.json()]).toMatchObject([path, 404, { error: expect.any(String) }])
    }
    expect((await chartmuseum.ask('/charts/x.zip')).json()).toMatchObject({ error: 'unsupported file extension' })
    expect((await chartmuseum.ask('/index.yaml', { method: 'POST' })).json()).toMatchObject({ error: 'not found' })
  })

  it('deletes a version with its provenance', async () => {
    const chartmuseum = await start()
    await chartmuseum.push(await web)
    await chartmuseum.push(provenanceOf('web', '1.0.0'), '/api/prov')
    const gone = await chartmuseum.ask('/api/charts/web/1.0.0', { method: 'DELETE' })
    expect([gone.status, gone.json()]).toEqual([200, { deleted: true }])
    for (const path of [
      '/api/charts/web',
      '/api/charts/web/1.0.0',
      '/charts/web-1.0.0.tgz',
      '/charts/web-1.0.0.tgz.prov',
    ])
      expect((await chartmuseum.ask(path)).status).toBe(404)
    expect(await names(chartmuseum)).toEqual([])
    const again = await chartmuseum.ask('/api/charts/web/1.0.0', { method: 'DELETE' })
    expect(again.status).toBe(404)
    expect(again.body.toString()).not.toContain(chartmuseum.folder)
  })

  it('replaces what is there only where it is told to', async () => {
    const [one, two] = [await web, await buildChart({ name: 'web', values: 'a: 2\n' })]
    const plain = await start()
    await plain.push(one)
    const refused = await plain.push(two)
    expect([refused.status, refused.json()]).toMatchObject([409, { error: 'file already exists' }])
    const form = await plain.ask('/api/charts', { method: 'POST', ...formOf({ chart: two }) })
    expect([form.status, form.json()]).toMatchObject([409, { error: 'chart already exists' }])
    expect((await plain.push(two, '/api/charts?force')).status).toBe(201)
    expect((await plain.ask('/charts/web-1.0.0.tgz')).body.equals(two)).toBe(true)
    const strict = await start(['--disable-force-overwrite'])
    await strict.push(one)
    expect((await strict.push(two, '/api/charts?force')).status).toBe(409)
    const loose = await start(['--allow-overwrite'])
    await loose.push(one)
    expect((await loose.push(two)).status).toBe(201)
  })

  it('takes forms: an archive, its provenance, both at once, under other names', async () => {
    const chartmuseum = await start(['--chart-post-form-field-name=mychart', '--prov-post-form-field-name=myprov'])
    const post = (files: Parameters<typeof formOf>[0]): ReturnType<TestChartMuseum['ask']> =>
      chartmuseum.ask('/api/charts', { method: 'POST', ...formOf(files) })
    expect((await post({ chart: await web, prov: provenanceOf('web', '1.0.0') })).status).toBe(201)
    expect((await chartmuseum.ask('/charts/web-1.0.0.tgz.prov')).status).toBe(200)
    expect(
      (await post({ mychart: await buildChart({ name: 'other' }), myprov: provenanceOf('other', '1.0.0') })).status,
    ).toBe(201)
    expect((await post({ prov: provenanceOf('lone', '1.0.0') })).status).toBe(201)
    expect(await names(chartmuseum)).toEqual(['other 1.0.0', 'web 1.0.0'])
    const none = await post({ file: await web })
    expect([none.status, none.json()]).toMatchObject([
      400,
      { error: 'no package or provenance file found in form fields mychart and myprov' },
    ])
    // One bad part, and nothing of the form is kept.
    expect((await post({ chart: await buildChart({ name: 'third' }), prov: 'no provenance' })).status).toBe(400)
    expect(await names(chartmuseum)).toEqual(['other 1.0.0', 'web 1.0.0'])
  })

  it('keeps to depth, in paths and in storage', async () => {
    const chartmuseum = await start(['--depth=2'])
    await chartmuseum.push(await web, '/api/org/repo/charts')
    expect(await names(chartmuseum, '/org/repo/index.yaml')).toEqual(['web 1.0.0'])
    expect(await names(chartmuseum, '/org/other/index.yaml')).toEqual([])
    expect((await chartmuseum.ask('/index.yaml')).status).toBe(404)
    expect((await chartmuseum.ask('/org/repo/charts/web-1.0.0.tgz')).status).toBe(200)
    // A tenant may be called api.
    await chartmuseum.push(await web, '/api/api/repo/charts')
    expect(await names(chartmuseum, '/api/repo/index.yaml')).toEqual(['web 1.0.0'])
    const dynamic = await start(['--depth-dynamic'])
    for (const path of ['', '/a', '/a/b', '/a/b/c']) {
      await dynamic.push(await web, `/api${path}/charts`)
      expect(await names(dynamic, `${path}/index.yaml`)).toEqual(['web 1.0.0'])
      expect((await dynamic.ask(`${path}/charts/web-1.0.0.tgz`)).status).toBe(200)
      expect((await dynamic.ask(`/api${path}/charts/web/1.0.0`)).status).toBe(200)
    }
  })

  it('keeps to a context path, and publishes it', async () => {
    const chartmuseum = await start(['--context-path=/helm/v1', '--chart-url=https://charts.test', '--depth=1'])
    await chartmuseum.push(await web, '/helm/v1/api/org/charts')
    const index = parseIndexFile((await chartmuseum.ask('/helm/v1/org/index.yaml')).body)
    expect(index.serverInfo).toEqual({ contextPath: '/helm/v1' })
    expect(index.entries.get('web')?.[0]?.urls).toEqual(['https://charts.test/helm/v1/org/charts/web-1.0.0.tgz'])
    expect((await chartmuseum.ask('/helm/v1/api/org/charts/web/1.0.0/values')).status).toBe(200)
    expect((await chartmuseum.ask('/helm/v1/health')).status).toBe(200)
    for (const path of ['/health', '/org/index.yaml', '/helm/v12/org/index.yaml'])
      expect((await chartmuseum.ask(path)).status).toBe(404)
  })

  it('pages through charts', async () => {
    const chartmuseum = await start()
    for (const name of ['c', 'a', 'b']) await chartmuseum.push(await buildChart({ name }))
    const page = async (query: string): Promise<unknown> => (await chartmuseum.ask(`/api/charts?${query}`)).json()
    expect(Object.keys((await page('limit=2')) as object)).toEqual(['a', 'b'])
    expect(Object.keys((await page('offset=1&limit=1')) as object)).toEqual(['b'])
    expect(Object.keys((await page('offset=1')) as object)).toEqual(['b', 'c'])
    expect(await page('offset=9&limit=9')).toEqual({})
    expect(await page('offset=-1')).toMatchObject({ error: 'offset is not a valid non-negative integer' })
    expect(await page('limit=0')).toMatchObject({ error: 'limit is not a valid positive integer' })
  })

  it('keeps to the limits', async () => {
    const chartmuseum = await start(['--max-storage-objects=1'])
    await chartmuseum.push(await web)
    const full = await chartmuseum.push(await buildChart({ name: 'other' }))
    expect([full.status, full.json()]).toMatchObject([507, { error: 'repo has reached storage limit' }])
    expect((await chartmuseum.push(await web, '/api/charts?force')).status).toBe(201)
    const few = await start(['--per-chart-limit=2'])
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await few.push(await buildChart({ name: 'web', version }))
    expect(await names(few)).toEqual(['web 1.2.0', 'web 1.1.0'])
    const small = await start(['--max-upload-size=100'])
    for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
      const large = await small.ask('/api/charts', { method: 'POST', body: await web, headers })
      expect([large.status, large.json()]).toMatchObject([413, { error: 'request too large' }])
    }
  })

  it('leaves out what is switched off', async () => {
    const chartmuseum = await start(['--disable-api'])
    for (const method of ['GET', 'POST']) expect((await chartmuseum.ask('/api/charts', { method })).status).toBe(404)
    expect((await chartmuseum.ask('/index.yaml')).status).toBe(200)
    const kept = await start(['--disable-delete'])
    await kept.push(await web)
    expect((await kept.ask('/api/charts/web/1.0.0', { method: 'DELETE' })).status).toBe(404)
    expect(await names(kept)).toEqual(['web 1.0.0'])
  })

  it('shows pages, identity, metrics and origins where they are wanted', async () => {
    const chartmuseum = await start([
      '--artifact-hub-repo-id=some-id',
      '--enable-metrics',
      '--cors-alloworigin=*',
      '--json-index',
    ])
    await mkdir(join(chartmuseum.folder, 'static'), { recursive: true })
    await writeFile(join(chartmuseum.folder, 'index.html'), '<p>mine</p>')
    await writeFile(join(chartmuseum.folder, 'static', 'a.css'), 'a{}')
    await chartmuseum.push(await web)
    expect((await chartmuseum.ask('/artifacthub-repo.yml')).body.toString()).toBe('repositoryID: some-id\n')
    const listing = await chartmuseum.ask('/api/charts')
    expect(listing.headers['access-control-allow-origin']).toBe('*')
    const preflight = await chartmuseum.ask('/api/charts', { method: 'OPTIONS' })
    expect([preflight.status, preflight.headers['access-control-allow-methods']]).toEqual([204, 'GET, POST'])
    const index = await chartmuseum.ask('/index.yaml')
    expect([index.headers['content-type'], Object.keys(JSON.parse(index.body.toString()) as object)]).toEqual([
      'application/x-yaml',
      ['apiVersion', 'generated', 'serverInfo', 'entries'],
    ])
    const metrics = (await chartmuseum.ask('/metrics')).body.toString()
    expect(metrics).toMatch(/^chartmuseum_charts_served_total\{repo=""\} 1$/m)
    expect(metrics).toMatch(/^chartmuseum_chart_versions_served_total\{repo=""\} 1$/m)
    expect(metrics).toMatch(/^chartmuseum_requests_total\{code="201",method="POST",url="\/api\/:repo\/charts",.*\} 1$/m)
    expect(metrics).toContain('chartmuseum_request_duration_seconds_bucket')
    const templates = await start([`--web-template-path=${chartmuseum.folder}`])
    expect((await templates.ask('/')).body.toString()).toBe('<p>mine</p>')
    expect((await templates.ask('/static/a.css')).body.toString()).toBe('a{}')
    for (const path of ['/static/../index.html', '/static/%2e%2e/index.html', '/static/%2e%2e%2findex.html', '/static'])
      expect((await templates.ask(path)).status).toBe(404)
  })

  const hostile: readonly (readonly [string, () => Promise<Uint8Array | string>])[] = [
    ['text', async () => 'hello'],
    ['nothing', async () => ''],
    ['a chart named with a path', () => buildChart({ name: 'web', metadata: { name: '../../etc/cron.d/web' } })],
    ['a version with a path', () => buildChart({ name: 'web', version: '1.0.0/../../x' })],
    ['a symlink out', () => buildArchive([{ name: 'web/Chart.yaml', type: '2', link: '/etc/passwd' }])],
    [
      'a symlink beside a sound chart',
      () =>
        buildArchive([
          { name: 'web/Chart.yaml', data: 'apiVersion: v2\nname: web\nversion: 1.0.0\n' },
          { name: 'web/templates', type: '2', link: '/etc' },
        ]),
    ],
    [
      '60,000 members',
      () =>
        buildArchive([
          { name: 'web/Chart.yaml', data: 'apiVersion: v2\nname: web\nversion: 1.0.0\n' },
          ...Array.from({ length: 60_000 }, (_, at) => ({ name: `web/f${at}` })),
        ]),
    ],
  ]

  it.each(hostile)('refuses %s, in ChartMuseum’s form, and keeps nothing', async (_title, body) => {
    const chartmuseum = await start()
    const bytes = await body()
    for (const answer of [
      await chartmuseum.push(bytes),
      await chartmuseum.ask('/api/charts', { method: 'POST', ...formOf({ chart: bytes }) }),
    ]) {
      expect([400, 413]).toContain(answer.status)
      expect(answer.json()).toMatchObject({ error: expect.stringMatching(/./) })
    }
    expect(await names(chartmuseum)).toEqual([])
  })

  it.each(brokenForms)('refuses a form with %s', async (_title, type, body) => {
    const chartmuseum = await start()
    const answer = await chartmuseum.ask('/api/charts', { method: 'POST', headers: { 'content-type': type }, body })
    expect([answer.status, answer.json()]).toMatchObject([
      400,
      { error: expect.stringMatching(/no package or provenance/) },
    ])
  })

  it('gives up an upload that takes longer than --read-timeout', async () => {
    const chartmuseum = await start(['--read-timeout=1'])
    const socket = connect(Number(new URL(chartmuseum.url).port), '127.0.0.1')
    socket.write('POST /api/charts HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nslow')
    const answer = Buffer.concat((await socket.toArray()) as Buffer[]).toString()
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(await names(chartmuseum)).toEqual([])
  }, 60_000)
})
