import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'

const portal = 'https://portal.example.com'
let server: TestServer
beforeAll(async () => {
  server = await startServer({ settings: { cors: { origins: [portal] } } })
})
afterAll(() => server.close())

describe('cors', () => {
  it('lets pages of the origins given read, also failures', async () => {
    for (const path of ['/local/index.yaml', '/nowhere/index.yaml']) {
      const { headers } = await server.ask(path, { headers: { origin: portal } })
      expect(headers['access-control-allow-origin']).toBe(portal)
      expect(headers.vary).toContain('Origin')
    }
  })

  it('answers the question before a request', async () => {
    const answer = await server.ask('/api/local/charts', {
      method: 'OPTIONS',
      headers: { origin: portal, 'access-control-request-method': 'POST' },
    })
    expect(answer.status).toBe(204)
    expect(answer.headers['access-control-allow-headers']).toContain('Authorization')
  })

  it('tells others nothing, but that the answer depends on who asks', async () => {
    const { headers } = await server.ask('/local/index.yaml', { headers: { origin: 'https://evil.example.com' } })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect(headers.vary).toContain('Origin')
  })

  it('lets pages of the origins given change something, and no others', async () => {
    const body = await buildChart({ name: 'web' })
    const push = async (origin: string): Promise<number> =>
      (await server.ask('/api/local/charts', { method: 'POST', headers: { origin }, body })).status
    expect(await push('https://evil.example.com')).toBe(403)
    expect(await push(portal)).toBe(201)
  })

  it('with * lets every page read, and none change anything', async () => {
    const open = await startServer({ settings: { cors: { origins: ['*'] }, access: { push: ['anyone'] } } })
    const { headers } = await open.ask('/local/index.yaml', { headers: { origin: 'https://any.example.com' } })
    expect(headers['access-control-allow-origin']).toBe('*')
    for (const origin of ['https://any.example.com', '*'])
      expect((await open.ask('/api/local/charts', { method: 'POST', headers: { origin } })).status).toBe(403)
    await open.close()
  })
})
