import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer({
    settings: {
      auth: { users: { alice: { password: 'secret-of-alice' }, bob: { password: 'b' } } },
      access: { push: ['alice'] },
    },
  })
})
afterAll(() => server.close())

const basic = (name: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})
const lines = (id: string): unknown[] => server.log.filter(({ audit, requestId }) => audit === true && requestId === id)

describe('the audit log', () => {
  it('has a line for each change: who, what, where', async () => {
    await server.ask('/api/local/charts', {
      method: 'POST',
      headers: { ...basic('alice', 'secret-of-alice'), 'x-request-id': 'push' },
      body: await buildChart({ name: 'web' }),
    })
    expect(lines('push')).toEqual([
      expect.objectContaining({
        who: 'alice',
        client: '127.0.0.1',
        action: 'push',
        repository: 'local',
        changed: ['web 1.0.0'],
        status: 201,
        msg: 'done',
      }),
    ])
  })

  it('has a line for each refusal, with the reason that the client is not told, and no secret', async () => {
    for (const [id, headers] of [
      ['forbidden', basic('bob', 'b')],
      ['wrong', basic('alice', 'wrong-secret-of-alice')],
      ['missing', {}],
    ] as const)
      await server.ask('/api/local/charts', { method: 'POST', headers: { ...headers, 'x-request-id': id } })
    await server.ask('/local/index.yaml', { headers: { 'x-request-id': 'reading' } })
    expect(lines('forbidden')).toMatchObject([{ who: 'bob', status: 403, code: 'FORBIDDEN', msg: 'refused' }])
    expect(lines('wrong')).toMatchObject([{ who: null, status: 401, reason: 'name or password' }])
    expect(lines('missing')).toMatchObject([{ who: null, status: 401 }])
    expect(lines('reading')).toMatchObject([{ action: 'pull', status: 401 }])
    expect(JSON.stringify(server.log)).not.toContain('secret-of-alice')
  })

  it('has none for reading, and none for health', async () => {
    const headers = { ...basic('bob', 'b'), 'x-request-id': 'read' }
    expect((await server.ask('/local/index.yaml', { headers })).status).toBe(200)
    expect(lines('read')).toEqual([])
    expect(server.log).toContainEqual(expect.objectContaining({ requestId: 'read', who: 'bob', msg: 'request' }))
  })
})
