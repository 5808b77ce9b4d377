import { afterEach, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'

let server: TestServer
afterEach(() => server.close())

describe('a server that knows nobody', () => {
  const push = async (headers: Record<string, string>): Promise<number> =>
    (await server.ask('/api/local/charts', { method: 'POST', headers, body: await buildChart({ name: 'web' }) })).status

  it('takes changes from its own machine alone, and from no page of a browser', async () => {
    server = await startServer()
    expect(await push({ 'x-forwarded-for': '203.0.113.7' })).toBe(403)
    expect(await push({ forwarded: 'for=203.0.113.7' })).toBe(403)
    expect(await push({ via: '1.1 proxy' })).toBe(403)
    expect(await push({ origin: 'https://evil.example.com' })).toBe(403)
    expect(await push({ origin: 'http://127.0.0.1:1' })).toBe(403)
    expect(await push({ origin: server.url, 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await push({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await push({ origin: 'null' })).toBe(403)
    expect(await push({})).toBe(201)
    const refused = await server.ask('/api/local/charts', { method: 'POST', headers: { via: '1.1 proxy' } })
    expect(refused.json()).toMatchObject({ code: 'FORBIDDEN', hint: expect.stringContaining('configure `auth`') })
    expect(refused.headers).not.toHaveProperty('www-authenticate')
  })

  it('takes them from anyone where that is configured', async () => {
    server = await startServer({ settings: { access: { push: ['anyone'] } } })
    expect(await push({ 'x-forwarded-for': '203.0.113.7' })).toBe(201)
  })

  it('does not look at credentials', async () => {
    server = await startServer()
    const answer = await server.ask('/local/index.yaml', { headers: { authorization: 'Basic YTpi' } })
    expect(answer.status).toBe(200)
  })
})
