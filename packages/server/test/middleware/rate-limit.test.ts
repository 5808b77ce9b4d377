import { isChartferryError } from '@chartferry/core'
import { afterEach, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'
import { rateLimit } from '../../src/middleware/rate-limit.ts'

describe('rateLimit', () => {
  let time = 0
  const limit = rateLimit({ requests: 3, per: 3000, now: () => time })
  const refusedFor = (address: string): unknown => {
    try {
      limit(address)
      return undefined
    } catch (thrown) {
      return isChartferryError(thrown, 'TOO_MANY_REQUESTS') && thrown.details.retryAfter
    }
  }

  it('lets a client send its number at once, and one more as time passes', () => {
    expect([1, 2, 3].map(() => refusedFor('a'))).toEqual([undefined, undefined, undefined])
    expect(refusedFor('a')).toBe(1000)
    time += 400
    expect(refusedFor('a')).toBeCloseTo(600)
    time += 600
    expect(refusedFor('a')).toBeUndefined()
    time += 60_000
    expect([1, 2, 3, 4].map(() => refusedFor('a') === undefined)).toEqual([true, true, true, false])
  })

  it('counts each client alone, and a /64 of IPv6 as one', () => {
    expect(refusedFor('b')).toBeUndefined()
    for (const last of [1, 2, 3]) expect(refusedFor(`2001:db8:0:7::${last}`)).toBeUndefined()
    expect(refusedFor('2001:db8:0:7:ffff::1')).not.toBeUndefined()
    expect(refusedFor('2001:db8::7:0:0:0:1')).not.toBeUndefined()
    expect(refusedFor('2001:db8:0:8::1')).toBeUndefined()
    expect(refusedFor('::1')).toBeUndefined()
  })
})

describe('a server with a limit', () => {
  let server: TestServer
  afterEach(() => server.close())

  it('says 429 and when to come again, but answers those who ask for its health', async () => {
    server = await startServer({
      settings: { rateLimit: { requests: 2, per: '1h' }, trustedProxies: ['127.0.0.1'] },
    })
    const ask = (client: string, path = '/local/index.yaml'): ReturnType<TestServer['ask']> =>
      server.ask(path, { headers: { 'x-forwarded-for': client } })
    expect([(await ask('192.0.2.1')).status, (await ask('192.0.2.1', '/nowhere/at/all')).status]).toEqual([200, 404])
    const refused = await ask('192.0.2.1')
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1800'])
    expect(refused.json()).toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    expect((await ask('192.0.2.2')).status).toBe(200)
    expect((await ask('192.0.2.1', '/healthz')).status).toBe(200)
  })
})
