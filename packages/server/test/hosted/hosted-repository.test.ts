import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { digestOf } from '@chartferry/core'
import { parseIndexFile } from '@chartferry/core/helm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { brokenForms } from '../../../../test/kit/chartmuseum.ts'
import { buildArchive, buildChart } from '../../../../test/kit/charts.ts'
import { startS3 } from '../../../../test/kit/s3.ts'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'
import { describeWithTools } from '../../../../test/kit/tools.ts'

let server: TestServer
beforeEach(async () => {
  server = await startServer()
})
afterEach(() => server.close())

const push = (body: Uint8Array | string, path = '/api/local/charts'): ReturnType<TestServer['ask']> =>
  server.ask(path, { method: 'POST', body })

describe('a hosted repository', () => {
  it('serves what was pushed, byte for byte', async () => {
    const bytes = await buildChart({
      name: 'web',
      version: '1.0.0+b',
      metadata: { description: 'A web', keywords: ['x'] },
    })
    expect(await push(bytes)).toMatchObject({ status: 201 })
    const index = parseIndexFile((await server.ask('/local/index.yaml')).body)
    const [version] = index.entries.get('web') ?? []
    expect(version).toMatchObject({
      version: '1.0.0+b',
      digest: digestOf(bytes),
      urls: ['charts/web-1.0.0+b.tgz'],
      fields: { description: 'A web', keywords: ['x'] },
    })
    for (const path of ['/local/charts/web-1.0.0+b.tgz', '/local/charts/web-1.0.0%2Bb.tgz']) {
      const answer = await server.ask(path)
      expect(answer.body.equals(bytes)).toBe(true)
      expect(answer.headers).toMatchObject({
        'content-type': 'application/gzip',
        etag: `"${digestOf(bytes).slice(7)}"`,
        'cache-control': 'public, max-age=300',
      })
    }
  })

  it('refuses a version that is there, and keeps the first bytes', async () => {
    const first = await buildChart({ name: 'web', values: 'a: 1\n' })
    await push(first)
    const second = await push(await buildChart({ name: 'web', values: 'a: 2\n' }))
    expect(second.status).toBe(409)
    expect(second.json()).toMatchObject({ code: 'VERSION_EXISTS' })
    expect((await server.ask('/local/charts/web-1.0.0.tgz')).body.equals(first)).toBe(true)
  })

  it('replaces and bounds as its settings say', async () => {
    const bytes = await buildChart({ name: 'web' })
    const space = 3 * bytes.length
    const bounded = await startServer({
      repositories: {
        forced: { kind: 'hosted', overwrite: 'force' },
        always: { kind: 'hosted', overwrite: 'always' },
        two: { kind: 'hosted', versionsPerChart: 2 },
        files: { kind: 'hosted', mostFiles: 2 },
        space: { kind: 'hosted', space },
        free: { kind: 'hosted' },
      },
    })
    const to = async (repository: string, version = '1.0.0', values = ''): Promise<number> =>
      (
        await bounded.ask(`/api/${repository}`, {
          method: 'POST',
          body: await buildChart({ name: 'web', version, values }),
        })
      ).status
    const listed = async (repository: string): Promise<string[]> =>
      (parseIndexFile((await bounded.ask(`/${repository}/index.yaml`)).body).entries.get('web') ?? []).map(
        ({ version }) => version,
      )
    for (const repository of ['forced', 'always', 'free']) expect(await to(`${repository}/charts`)).toBe(201)
    const second = 'second: true\n'
    expect(await to('free/charts?force', '1.0.0', second)).toBe(409)
    expect(await to('forced/charts', '1.0.0', second)).toBe(409)
    expect(await to('forced/charts?force', '1.0.0', second)).toBe(201)
    expect(await to('always/charts', '1.0.0', second)).toBe(201)
    const versions = ['1.0.0', '1.1.0', '1.2.0', '1.3.0', '1.4.0', '1.5.0']
    const outcomes = async (repository: string): Promise<number[]> => {
      const statuses: number[] = []
      for (const version of versions) statuses.push(await to(`${repository}/charts`, version))
      return statuses
    }
    expect(await outcomes('two')).toEqual([201, 201, 201, 201, 201, 201])
    expect(await listed('two')).toEqual(['1.5.0', '1.4.0'])
    expect(await outcomes('files')).toEqual([201, 201, 507, 507, 507, 507])
    expect(await listed('files')).toEqual(['1.1.0', '1.0.0'])
    expect(new Set(await outcomes('space'))).toEqual(new Set([201, 507]))
    const kept = await listed('space')
    let bytesKept = 0
    for (const version of kept) bytesKept += (await bounded.ask(`/space/charts/web-${version}.tgz`)).body.length
    expect(bytesKept).toBeLessThanOrEqual(space)
    expect(kept.length).toBeGreaterThan(1)
    // There is room again for what is not larger than what goes.
    expect((await bounded.ask(`/api/space/charts/web/${kept[0]}`, { method: 'DELETE' })).status).toBe(200)
    expect(await to('space/charts', kept[0])).toBe(201)
    await bounded.close()
  })

  it('loses nothing when many push at once, and lets one of equal versions win', async () => {
    const charts = await Promise.all(
      Array.from({ length: 20 }, (_, patch) => buildChart({ name: 'web', version: `1.0.${patch}` })),
    )
    const rivals = await Promise.all(
      Array.from({ length: 16 }, (_, index) => buildChart({ name: 'rival', values: `writer: ${index}\n` })),
    )
    const answers = await Promise.all([...charts, ...rivals].map((bytes) => push(bytes)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(21)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(15)
    const index = parseIndexFile((await server.ask('/local/index.yaml')).body)
    expect(index.entries.get('web')).toHaveLength(20)
    const winner = rivals[answers.slice(20).findIndex(({ status }) => status === 201)]
    expect((await server.ask('/local/charts/rival-1.0.0.tgz')).body.equals(winner ?? Buffer.alloc(0))).toBe(true)
    expect(index.entries.get('rival')?.[0]?.digest).toBe(digestOf(winner ?? ''))
  })

  it('shows a new ETag after a push, and 304 before', async () => {
    const before = await server.ask('/local/index.yaml')
    const etag = before.headers.etag ?? ''
    expect((await server.ask('/local/index.yaml', { headers: { 'if-none-match': etag } })).status).toBe(304)
    await push(await buildChart({ name: 'web' }))
    const after = await server.ask('/local/index.yaml', { headers: { 'if-none-match': etag } })
    expect(after.status).toBe(200)
    expect(after.headers.etag).not.toBe(etag)
  })

  it('has validators for the list of charts, whole and in part', async () => {
    for (const name of ['a', 'b', 'c']) await push(await buildChart({ name }))
    for (const path of ['/api/local/charts', '/api/local/charts?offset=1&limit=1']) {
      const first = await server.ask(path)
      const etag = first.headers.etag ?? ''
      expect(first.headers['cache-control']).toContain('no-cache')
      expect(await server.ask(path, { headers: { 'if-none-match': etag } })).toMatchObject({ status: 304 })
      const compressed = await server.ask(path, { headers: { 'accept-encoding': 'gzip' } })
      expect(compressed.headers['content-encoding']).toBe('gzip')
      expect(gunzipSync(compressed.body).equals(first.body)).toBe(true)
      expect(compressed.headers.etag).not.toBe(etag)
      const part = await server.ask(path, { headers: { range: 'bytes=2-9' } })
      expect(part.status).toBe(206)
      expect(part.body.equals(first.body.subarray(2, 10))).toBe(true)
    }
    const before = (await server.ask('/api/local/charts')).headers.etag ?? ''
    await push(await buildChart({ name: 'd' }))
    expect((await server.ask('/api/local/charts', { headers: { 'if-none-match': before } })).status).toBe(200)
  })

  it('keeps provenance under the name that it says itself', async () => {
    await push(await buildChart({ name: 'web' }))
    const text =
      '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: web\nversion: 1.0.0\n\n...\nfiles:\n  web-1.0.0.tgz: sha256:00\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n'
    expect((await server.ask('/local/charts/web-1.0.0.tgz.prov')).status).toBe(404)
    expect((await push(text, '/api/local/prov')).status).toBe(201)
    expect((await push(text, '/api/local/prov')).status).toBe(409)
    const answer = await server.ask('/local/charts/web-1.0.0.tgz.prov')
    expect(answer.body.toString()).toBe(text)
    expect(answer.headers['content-type']).toBe('application/pgp-signature')
  })

  const refused: readonly (readonly [string, () => Promise<Uint8Array | string>, number, string])[] = [
    ['text', async () => 'hello', 400, 'ARCHIVE_INVALID'],
    ['nothing', async () => '', 400, 'ARCHIVE_INVALID'],
    [
      'an archive without Chart.yaml',
      () => buildArchive([{ name: 'web/values.yaml', data: '' }]),
      400,
      'CHART_INVALID',
    ],
    ['a chart named ..', () => buildChart({ name: 'web', metadata: { name: '..' } }), 400, 'PATH_UNSAFE'],
    ['a chart named with a slash', () => buildChart({ name: 'web', metadata: { name: 'a/b' } }), 400, 'PATH_UNSAFE'],
    [
      'a chart with a blank in its name',
      () => buildChart({ name: 'web', metadata: { name: 'a b' } }),
      400,
      'CHART_INVALID',
    ],
    ['a version that is none', () => buildChart({ name: 'web', version: 'latest' }), 400, 'CHART_INVALID'],
    [
      'a symlink beside a sound chart',
      () =>
        buildArchive([
          { name: 'web/Chart.yaml', data: 'apiVersion: v2\nname: web\nversion: 1.0.0\n' },
          { name: 'web/templates', type: '2', link: '/etc' },
        ]),
      400,
      'PATH_UNSAFE',
    ],
    [
      '60,000 members',
      () =>
        buildArchive([
          { name: 'web/Chart.yaml', data: 'apiVersion: v2\nname: web\nversion: 1.0.0\n' },
          ...Array.from({ length: 60_000 }, (_, at) => ({ name: `web/f${at}` })),
        ]),
      413,
      'TOO_MANY_ENTRIES',
    ],
    ['a version with a path', () => buildChart({ name: 'web', version: '1.0.0/../../x' }), 400, 'CHART_INVALID'],
    [
      'an archive with a symlink out',
      () => buildArchive([{ name: 'web/Chart.yaml', type: '2', link: '/etc/passwd' }]),
      400,
      'PATH_UNSAFE',
    ],
  ]

  it.each(brokenForms)('refuses a form with %s and keeps nothing', async (_title, type, body) => {
    const answer = await server.ask('/api/local/charts', { method: 'POST', headers: { 'content-type': type }, body })
    expect([answer.status, answer.json()]).toMatchObject([400, { code: 'UPLOAD_INVALID' }])
    expect(await server.files()).toEqual([])
  })

  it('gives up an upload that takes longer than requestTimeout, and keeps nothing', async () => {
    const slow = await startServer({ settings: { requestTimeout: '1s' } })
    const socket = connect(Number(new URL(slow.url).port), '127.0.0.1')
    socket.write('POST /api/local/charts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nslow')
    expect(Buffer.concat((await socket.toArray()) as Buffer[]).toString()).toMatch(/^HTTP\/1\.1 408 /)
    expect(await slow.files()).toEqual([])
    await slow.close()
  }, 60_000)

  it.each(refused)('refuses %s and keeps nothing', async (_title, body, status, code) => {
    const answer = await push(await body())
    expect(answer.json()).toMatchObject({
      code,
      hint: expect.stringMatching(/./),
      requestId: expect.stringMatching(/./),
    })
    expect(answer.status).toBe(status)
    expect(await server.files()).toEqual([])
  })

  it('refuses what is larger than the limit, said or not, and keeps nothing', async () => {
    const small = await startServer({ settings: { limits: { archiveBytes: 1000 } } })
    const body = Buffer.alloc(2000)
    const said = await small.ask('/api/local/charts', { method: 'POST', body })
    const chunked = await small.ask('/api/local/charts', {
      method: 'POST',
      body,
      headers: { 'transfer-encoding': 'chunked' },
    })
    for (const answer of [said, chunked]) {
      expect(answer.status).toBe(413)
      expect(answer.json()).toMatchObject({ code: 'UPLOAD_TOO_LARGE' })
    }
    expect(await small.files()).toEqual([])
    await small.close()
  })

  it('takes no pushes for other repositories', async () => {
    const answer = await push(await buildChart({ name: 'web' }), '/api/other/charts')
    expect(answer.status).toBe(404)
    expect(answer.json()).toMatchObject({ code: 'REPOSITORY_NOT_FOUND' })
  })

  it('shows pushes of another process on the same data', async () => {
    const other = await startServer({ data: server.data })
    await other.ask('/api/local/charts', { method: 'POST', body: await buildChart({ name: 'web' }) })
    const isThere = async (): Promise<boolean> =>
      parseIndexFile((await server.ask('/local/index.yaml')).body).entries.has('web')
    expect((await server.ask('/local/charts/web-1.0.0.tgz')).status).toBe(200)
    while (!(await isThere())) await wait(20)
    await other.close()
  })

  it('stores an archive under its digest', async () => {
    const bytes = await buildChart({ name: 'web' })
    await push(bytes)
    const hex = digestOf(bytes).slice(7)
    expect(await server.files()).toEqual(['hosted/local/log/000000000001', `pushed/sha256/${hex.slice(0, 2)}/${hex}`])
    expect((await readFile(join(server.data, 'pushed', 'sha256', hex.slice(0, 2), hex))).equals(bytes)).toBe(true)
  })
})

describeWithTools('hosted repositories in a bucket', ['versitygw'], () => {
  it('are shared by servers, and lost by none', async () => {
    const s3 = await startS3()
    const { credentials, ...bucket } = s3.options
    process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId
    process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey
    const settings = { s3: { ...bucket, prefix: 'some/folder', pollEvery: '0s' } }
    const [one, two] = await Promise.all([startServer({ settings }), startServer({ settings })])
    const bytes = await buildChart({ name: 'web' })
    expect(await one.ask('/api/local/charts', { method: 'POST', body: bytes })).toMatchObject({ status: 201 })
    expect(parseIndexFile((await two.ask('/local/index.yaml')).body).entries.has('web')).toBe(true)
    expect((await two.ask('/local/charts/web-1.0.0.tgz')).body.equals(bytes)).toBe(true)
    expect((await one.ask('/readyz')).status).toBe(200)
    expect(await one.files()).toEqual([])
    await s3.close()
    // What was there is served on, and nothing is promised that cannot be kept.
    const stale = await one.ask('/local/index.yaml')
    expect([stale.status, stale.headers['x-cache']]).toEqual([200, 'STALE'])
    const other = await buildChart({ name: 'web', version: '2.0.0' })
    const lost = await one.ask('/api/local/charts', { method: 'POST', body: other })
    expect([lost.status, lost.json()]).toMatchObject([503, { code: 'STORE_UNAVAILABLE' }])
    while ((await one.ask('/readyz')).status !== 503);
    await Promise.all([one.close(), two.close()])
  })
})
