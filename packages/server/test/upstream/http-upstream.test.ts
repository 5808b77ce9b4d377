import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../../../../test/kit/free-port.ts'
import { startServer, type TestServer, type TestServerOptions } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

let upstream: TestUpstream
let time: number
const started: TestServer[] = []

async function start(options: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const made = await startServer({ repositories: { up: upstream.url }, now: () => time, ...options })
  started.push(made)
  return made
}

beforeEach(async () => {
  time = Date.UTC(2026, 0, 1)
  upstream = await startUpstream([{ name: 'web' }])
})
afterEach(async () => {
  for (const one of started.splice(0)) await one.close()
  await upstream.close()
})

describe('an upstream that fails', () => {
  it('is left alone after three times, and tried again by one request later', async () => {
    const server = await start({ settings: { retryAfter: '30s' } })
    upstream.fail(500)
    for (let attempt = 1; attempt <= 3; attempt++) expect((await server.ask('/up/index.yaml')).status).toBe(502)
    const refused = await server.ask('/up/index.yaml')
    expect(refused.status).toBe(503)
    expect(refused.headers['retry-after']).toBe('30')
    expect(refused.json()).toMatchObject({ code: 'UPSTREAM_PAUSED' })
    expect(upstream.count('index.yaml')).toBe(3)
    expect((await server.running.repositories())[0]?.state).toBe('unreachable (status 500) · will retry')
    time += 30_000
    upstream.fail(undefined)
    const answers = await Promise.all([1, 2, 3].map(() => server.ask('/up/index.yaml')))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(server.log.map(({ msg }) => msg)).toContain('upstream is back')
  })

  it('is left alone as long as it asks for', async () => {
    const server = await start({ settings: { retryAfter: '30s' } })
    upstream.fail(429, '', { 'retry-after': '120' })
    expect((await server.ask('/up/index.yaml')).status).toBe(502)
    upstream.fail(undefined)
    expect((await server.ask('/up/index.yaml')).headers['retry-after']).toBe('120')
    time += 120_000
    expect((await server.ask('/up/index.yaml')).status).toBe(200)
  })
})

describe('Via', () => {
  it('tells the upstream who asks, and on whose behalf', async () => {
    const server = await start()
    await server.ask('/up/index.yaml', { headers: { via: '1.1 front' } })
    expect(upstream.requests[0]?.headers.via).toMatch(/^1\.1 front, 1\.1 chartferry-[0-9a-f]{12}$/)
  })

  it('stops two servers that are each other’s upstream', async () => {
    const [a, b] = [await freePort(), await freePort()]
    const ends = { settings: { listen: `127.0.0.1:${a}`, upstreamTimeout: '5s' } }
    const first = await start({ ...ends, repositories: { up: `http://127.0.0.1:${b}/up` } })
    await start({
      settings: { ...ends.settings, listen: `127.0.0.1:${b}` },
      repositories: { up: `http://127.0.0.1:${a}/up` },
    })
    const answer = await first.ask('/up/index.yaml')
    expect(answer.status).toBe(502)
    expect(first.log.find(({ code }) => code === 'LOOP_DETECTED')).toMatchObject({ level: 'error' })
    expect(first.log.filter(({ msg }) => msg === 'request').map(({ status }) => status)).toContain(508)
  })
})
