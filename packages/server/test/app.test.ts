import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../test/kit/upstream.ts'

let upstream: TestUpstream
let server: TestServer
let archive: string

beforeAll(async () => {
  upstream = await startUpstream()
  await upstream.add({ name: 'web' }, { provenance: '-----BEGIN PGP SIGNED MESSAGE-----\n' })
  server = await startServer({ repositories: { local: { kind: 'hosted' }, up: upstream.url } })
  const index = (await server.ask('/up/index.yaml')).json() as { entries: { web: { urls: string[] }[] } }
  archive = `/up/${index.entries.web[0]?.urls[0]}`
})
afterAll(async () => {
  await server.close()
  await upstream.close()
})

describe('the application', () => {
  it('answers HEAD as GET, without the body', async () => {
    for (const path of [
      '/',
      '/healthz',
      '/readyz',
      '/up/index.yaml',
      '/up/index.json',
      '/local/index.yaml',
      archive,
      `${archive}.prov`,
      '/nothing/here',
    ]) {
      const get = await server.ask(path, { headers: { 'x-request-id': 'same' } })
      const get2 = await server.ask(path, { headers: { 'x-request-id': 'same' } })
      const head = await server.ask(path, { method: 'HEAD', headers: { 'x-request-id': 'same' } })
      expect(head.status).toBe(get2.status)
      const { date: _, ...expected } = get2.headers
      expect(head.headers).toMatchObject(expected)
      expect(head.headers['content-length']).toBe(String(get.body.length))
      expect(head.body).toHaveLength(0)
    }
  })

  it('sends gzip only to those who ask, with a validator of its own', async () => {
    const plain = await server.ask('/up/index.yaml')
    const zipped = await server.ask('/up/index.yaml', { headers: { 'accept-encoding': 'gzip' } })
    const refused = await server.ask('/up/index.yaml', { headers: { 'accept-encoding': 'gzip;q=0, br' } })
    expect(plain.headers).not.toHaveProperty('content-encoding')
    expect(refused.headers).not.toHaveProperty('content-encoding')
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true)
    expect(zipped.headers.etag).not.toBe(plain.headers.etag)
    expect(plain.headers.vary).toBe('Accept, Accept-Encoding')
    const etag = zipped.headers.etag ?? ''
    expect(
      (await server.ask('/up/index.yaml', { headers: { 'accept-encoding': 'gzip', 'if-none-match': etag } })).status,
    ).toBe(304)
  })

  it('calls the index YAML unless JSON is asked for', async () => {
    const types = [
      await server.ask('/up/index.yaml'),
      await server.ask('/up/index.yaml', { headers: { accept: 'application/json' } }),
      await server.ask('/up/index.json'),
    ].map(({ headers }) => headers['content-type'])
    expect(types).toEqual(['application/x-yaml', 'application/json; charset=utf-8', 'application/json; charset=utf-8'])
  })

  it('has a repository of a few charts inside each repository', async () => {
    for (const name of ['api', 'worker', 'odd+name']) await upstream.add({ name })
    const chartsOf = async (path: string): Promise<string[]> =>
      Object.keys(((await server.ask(path)).json() as { entries: object }).entries)
    expect(await chartsOf('/up/only/api/index.yaml')).toEqual(['api'])
    expect(await chartsOf('/up/only/worker,web,unknown,web/index.json')).toEqual(['web', 'worker'])
    expect(await chartsOf('/up/only/odd%2Bname/index.yaml')).toEqual(['odd+name'])
    const some = await server.ask('/up/only/web,api/index.yaml')
    const same = await server.ask('/up/only/api,web/index.yaml', { headers: { 'accept-encoding': 'gzip' } })
    expect(gunzipSync(same.body).equals(some.body)).toBe(true)
    const known = { 'if-none-match': some.headers.etag ?? '' }
    expect((await server.ask('/up/only/web,api/index.yaml', { headers: known })).status).toBe(304)
    const { entries } = some.json() as { entries: { api: { urls: string[] }[] } }
    const pulled = await server.ask(`/up/only/web,api/${entries.api[0]?.urls[0]}`)
    expect(pulled.body.equals(upstream.files.get('charts/api-1.0.0.tgz') ?? Buffer.alloc(0))).toBe(true)
  })

  it.each([
    ['/up/only/unknown/index.yaml', 'CHART_NOT_FOUND'],
    ['/up/only/,/index.yaml', 'CHART_NOT_FOUND'],
    ['/up/only/index.yaml', 'ROUTE_NOT_FOUND'],
    ['/up/only', 'ROUTE_NOT_FOUND'],
    ['/none/only/web/index.yaml', 'REPOSITORY_NOT_FOUND'],
  ])('says 404 to %s', async (path, code) => {
    const answer = await server.ask(path)
    expect(answer.status).toBe(404)
    expect(answer.json()).toMatchObject({ code })
  })

  it('answers conditions with 304, which keeps the validators', async () => {
    const { headers } = await server.ask(archive)
    for (const condition of [headers.etag ?? '', `W/${headers.etag}`, '"x", *', `"x", ${headers.etag}`, '*']) {
      const answer = await server.ask(archive, { headers: { 'if-none-match': condition } })
      if (condition === '"x", *') {
        expect(answer.status).toBe(200)
        continue
      }
      expect(answer.status).toBe(304)
      expect(answer.headers).toMatchObject({ etag: headers.etag, 'cache-control': headers['cache-control'] })
      expect(answer.body).toHaveLength(0)
    }
  })

  it('sends ranges of archives', async () => {
    const whole = await server.ask(archive)
    const size = whole.body.length
    const part = await server.ask(archive, { headers: { range: 'bytes=2-5' } })
    expect(part.status).toBe(206)
    expect(part.headers).toMatchObject({
      'content-range': `bytes 2-5/${size}`,
      'content-length': '4',
      'accept-ranges': 'bytes',
    })
    expect(part.body.equals(whole.body.subarray(2, 6))).toBe(true)
    const same = await server.ask(archive, { headers: { range: 'bytes=-3', 'if-range': whole.headers.etag ?? '' } })
    expect(same.body.equals(whole.body.subarray(-3))).toBe(true)
    const other = await server.ask(archive, { headers: { range: 'bytes=-3', 'if-range': '"other"' } })
    expect([other.status, other.body.length]).toEqual([200, size])
    const outside = await server.ask(archive, { headers: { range: `bytes=${size}-` } })
    expect([outside.status, outside.headers['content-range']]).toEqual([416, `bytes */${size}`])
  })

  it.each([
    '/up/../local/index.yaml',
    '/up/charts/../../../etc/passwd',
    '/up/charts/%2e%2e/%2e%2e/etc/passwd',
    '/up/charts/..%2f..%2fetc%2fpasswd',
    '/up/charts/..%5c..%5cetc',
    '/up/charts/a%00b.tgz',
    '/up//index.yaml',
    '//up/index.yaml',
    '/up/charts/a/b/c/d/e/f.tgz',
    '/%zz/index.yaml',
  ])('has nothing at %s', async (path) => {
    const asked = upstream.requests.length
    const answer = await server.ask(path)
    expect(answer.status).toBe(404)
    expect(answer.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' })
    expect(upstream.requests.length).toBe(asked)
  })

  it.each([
    ['DELETE', '/up/index.yaml', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
    ['GET', '/api/local/prov', 'POST'],
    ['OPTIONS', '/up/index.yaml', 'GET, HEAD'],
  ])('says that %s is not for %s', async (method, path, allow) => {
    const answer = await server.ask(path, { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe(allow)
    expect(answer.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED' })
  })

  it('forgives a slash at the end', async () => {
    expect((await server.ask('/up/index.yaml/')).status).toBe(200)
  })

  it('gives each request an identity, the client’s where it is harmless', async () => {
    expect((await server.ask('/healthz', { headers: { 'x-request-id': 'abc-1' } })).headers['x-request-id']).toBe(
      'abc-1',
    )
    for (const given of ['', 'a b', 'x'.repeat(200), '{"a":1}']) {
      const answer = await server.ask('/healthz', { headers: { 'x-request-id': given } })
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    }
  })

  it('writes one line a request, without the query', async () => {
    await server.ask('/up/index.yaml?token=secret', {
      headers: { 'x-request-id': 'logged', authorization: 'Basic c2VjcmV0' },
    })
    await server.ask('/healthz')
    const lines = server.log.filter(({ requestId }) => requestId === 'logged')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({
      method: 'GET',
      path: '/up/index.yaml',
      status: 200,
      cache: 'REVALIDATED',
      level: 'info',
    })
    expect(JSON.stringify(server.log)).not.toContain('secret')
    expect(JSON.stringify(server.log)).not.toContain('c2VjcmV0')
  })

  it('lists its repositories as text, or as JSON', async () => {
    const text = await server.ask('/', { headers: { host: 'charts.example.com' } })
    expect(text.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(text.body.toString()).toContain('helm repo add up http://charts.example.com/up')
    const json = await server.ask('/', { headers: { accept: 'application/json' } })
    expect(json.json()).toMatchObject({
      repositories: [
        { name: 'local', kind: 'hosted', state: '0 charts', url: `${server.url}/local` },
        { name: 'up', kind: 'proxy', source: upstream.url, url: `${server.url}/up` },
      ],
    })
  })

  it('says which repository is unknown', async () => {
    const answer = await server.ask('/unknown/index.yaml')
    expect(answer.status).toBe(404)
    expect(answer.json()).toEqual({
      error: 'no repository "unknown"',
      code: 'REPOSITORY_NOT_FOUND',
      hint: expect.stringMatching(/./),
      requestId: answer.headers['x-request-id'],
    })
  })
})
