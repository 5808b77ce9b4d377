import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { closesAfterEach } from '../../../../test/kit/closing.ts'
import { type Listening, listen } from '../../../../test/kit/listen.ts'
import { ask, startServer, type TestServer, type TestServerOptions } from '../../../../test/kit/server.ts'
import { startUpstream } from '../../../../test/kit/upstream.ts'
import { openApp } from '../../src/assemble/open-app.ts'
import { openMetrics } from '../../src/metrics/metrics.ts'
import { noteAnswered, setCaller } from '../../src/routes/caller.ts'
import { sendFile } from '../../src/routes/send-file.ts'

const closeLater = closesAfterEach()

interface Counted extends Listening {
  /** How often the application itself was asked. */
  asked(): number
}

/** An application that has one file, which anyone may have or nobody but the one who asks. */
async function serveFile({ isPublic = true } = {}): Promise<Counted> {
  let asked = 0
  const bytes = Buffer.from('the index')
  const listening = await listen(
    openApp({
      routes: [
        {
          name: 'index',
          path: '/:repository/index.yaml',
          methods: {
            GET: {
              needs: 'pull',
              run: async (ctx) => {
                asked += 1
                noteAnswered(ctx, { repository: 'local', kind: 'index', cache: undefined })
                await sendFile(ctx, {
                  size: bytes.length,
                  etag: '"one"',
                  type: 'application/x-yaml',
                  cacheControl: 'public, no-cache',
                  open: async (range) => (range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)),
                })
              },
            },
            POST: {
              needs: 'push',
              run: (ctx) => {
                ctx.status = 204
              },
            },
          },
        },
      ],
      guard: async (ctx) => setCaller(ctx, { isLoopback: true }, isPublic),
      audit: () => {},
      origins: [],
      isTrustedProxy: () => false,
      metrics: openMetrics(),
      log: pino({ level: 'silent' }),
      pseudonym: 'test',
    }),
  )
  closeLater(() => listening.close())
  return { ...listening, asked: () => asked }
}

describe('the same question a moment later', () => {
  const path = '/local/index.yaml'

  it('is answered as before, with an identity of its own, and does not reach the application', async () => {
    const server = await serveFile()
    const first = await ask(server.url, path)
    const again = await ask(server.url, path)
    expect(server.asked()).toBe(1)
    const { date: _, 'x-request-id': firstId, ...headers } = first.headers
    expect(again.headers).toMatchObject(headers)
    expect(again.headers['x-request-id']).not.toBe(firstId)
    expect(Object.keys(again.headers).sort()).toEqual(Object.keys(first.headers).sort())
    expect(again.body).toEqual(first.body)
  })

  it('is answered 304 to those who asked with its validator, and to nobody else', async () => {
    const server = await serveFile()
    const headers = { 'if-none-match': '"one"' }
    const answers = [await ask(server.url, path, { headers }), await ask(server.url, path, { headers })]
    expect(answers.map(({ status, body }) => [status, body.length])).toEqual([
      [304, 0],
      [304, 0],
    ])
    expect(server.asked()).toBe(1)
    expect((await ask(server.url, path)).status).toBe(200)
    expect((await ask(server.url, path, { headers: { 'if-none-match': '"two"' } })).status).toBe(200)
  })

  it.each<[string, Readonly<Record<string, string>>]>([
    ['a part', { range: 'bytes=0-2' }],
    ['credentials', { authorization: 'Basic bm9ib2R5Om5vbmU=' }],
    ['a proxy on the way', { via: '1.1 other' }],
    ["another site's page", { origin: 'https://elsewhere.example' }],
    ['another form', { accept: 'application/json' }],
  ])('is another question with %s', async (_, headers) => {
    const server = await serveFile()
    await ask(server.url, path)
    await ask(server.url, path, { headers })
    expect(server.asked()).toBe(2)
  })

  it('reaches the application when not everybody may have the answer', async () => {
    const server = await serveFile({ isPublic: false })
    await ask(server.url, path)
    await ask(server.url, path)
    expect(server.asked()).toBe(2)
  })

  it('reaches the application when something was changed meanwhile', async () => {
    const server = await serveFile()
    await ask(server.url, path)
    await ask(server.url, path, { method: 'POST' })
    await ask(server.url, path)
    expect(server.asked()).toBe(2)
  })
})

describe('a server that is asked the same', () => {
  async function start(options: TestServerOptions): Promise<TestServer> {
    const server = await startServer(options)
    closeLater(() => server.close())
    return server
  }

  it('shows what was pushed as soon as the push is acknowledged, in groups too', async () => {
    const server = await start({
      repositories: { local: { kind: 'hosted' }, all: { kind: 'group', members: ['local'] } },
    })
    for (const version of ['1.0.0', '1.0.1', '1.0.2']) {
      for (const name of ['local', 'all']) await server.ask(`/${name}/index.yaml`)
      const body = await buildChart({ name: 'web', version })
      expect((await server.ask('/api/local/charts', { method: 'POST', body })).status).toBe(201)
      for (const name of ['local', 'all'])
        expect((await server.ask(`/${name}/index.yaml`)).body.toString()).toContain(`"${version}"`)
    }
  })

  it('logs and counts each request, and takes it from what the client may send', async () => {
    const upstream = await startUpstream()
    closeLater(() => upstream.close())
    await upstream.add({ name: 'web' })
    const server = await start({
      repositories: { up: upstream.url },
      settings: { freshFor: '1h', adminListen: '127.0.0.1:0', rateLimit: { requests: 20, per: '1h' } },
    })
    const statuses: number[] = []
    for (let at = 0; at < 22; at++) statuses.push((await server.ask('/up/index.yaml')).status)
    expect(statuses).toEqual([...Array<number>(20).fill(200), 429, 429])
    const lines = server.log.filter(({ msg, status }) => msg === 'request' && status === 200)
    expect(lines).toHaveLength(20)
    expect(lines.at(-1)).toMatchObject({ method: 'GET', path: '/up/index.yaml', cache: 'HIT', client: '127.0.0.1' })
    expect(Object.keys(lines.at(-1) ?? {}).sort()).toEqual(Object.keys(lines[1] ?? {}).sort())
    const metrics = (await ask(server.running.adminUrl ?? server.url, '/metrics')).body.toString()
    expect(metrics).toContain('chartferry_requests_total{method="GET",route="index",status="200"} 20')
    expect(metrics).toContain('chartferry_answers_total{repository="up",kind="index",outcome="HIT"} 19')
  })
})
