import { Keyv } from 'keyv'
import { describe, expect, it } from 'vitest'
import { closesAfterEach } from '../../../../test/kit/closing.ts'
import { prepareRedis, type TestRedis } from '../../../../test/kit/redis.ts'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'
import { describeWithTools } from '../../../../test/kit/tools.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'
import { openFreshness } from '../../src/assemble/open-freshness.ts'
import { freshness } from '../../src/cache/freshness.ts'

const closeLater = closesAfterEach()

describe('freshness', () => {
  /** A store that answers when it is told to, or never. */
  const silent = (): { keyv: Keyv; asked: () => number } => {
    let asked = 0
    const keyv = new Keyv()
    keyv.get = (): Promise<never> => {
      asked++
      return new Promise(() => {})
    }
    return { keyv, asked: () => asked }
  }

  it('gives back what was noted, in whole milliseconds', async () => {
    const noted: (number | undefined)[] = []
    const keyv = new Keyv()
    const set = keyv.set.bind(keyv)
    keyv.set = (key: string, value: unknown, ttl?: number) => {
      noted.push(ttl)
      return set(key, value, ttl)
    }
    const markers = freshness(keyv)
    await markers.note('a', 'x', 90_000.4)
    await markers.note('b', 'x', 0.2)
    await markers.note('c', 'x', 0)
    expect(await markers.get('a')).toBe('x')
    expect(noted).toEqual([90_000, 1])
  })

  it('waits for a store that is silent once, and then not for a while', async () => {
    let time = 0
    const { keyv, asked } = silent()
    const told: string[] = []
    const markers = freshness(keyv, { within: 10, rest: 1000, now: () => time, warn: (message) => told.push(message) })
    for (let at = 0; at < 5; at++) expect(await markers.get('a')).toBeUndefined()
    expect(asked()).toBe(1)
    time += 1001
    await Promise.all([markers.get('a'), markers.get('a'), markers.get('a')])
    expect(asked()).toBe(2)
    expect(told).toHaveLength(1)
  })
})

describeWithTools('markers in Redis', ['redis-server'], ({ 'redis-server': command }) => {
  async function open(isThere: boolean): Promise<{
    readonly redis: TestRedis
    readonly upstream: TestUpstream
    readonly server: TestServer
  }> {
    const redis = await prepareRedis(command)
    if (isThere) await redis.start()
    const upstream = await startUpstream([{ name: 'web' }])
    const server = await startServer({
      repositories: { up: { url: upstream.url, freshFor: '1h' } },
      settings: { redisUrl: redis.url },
    })
    closeLater(() => redis.stop())
    closeLater(() => upstream.close())
    closeLater(() => server.close())
    return { redis, upstream, server }
  }
  const index = async (server: TestServer): Promise<number> =>
    (await server.ask('/up/index.yaml', { headers: { origin: 'http://x' } })).status
  /** Until an index is served without asking the upstream. */
  async function untilFresh(server: TestServer, upstream: TestUpstream): Promise<void> {
    for (let before = -1; before !== upstream.count('index.yaml'); ) {
      before = upstream.count('index.yaml')
      expect(await index(server)).toBe(200)
    }
  }

  it('are believed while it is there', async () => {
    const { server, upstream } = await open(true)
    await untilFresh(server, upstream)
  })

  it('that was never there costs requests to the upstream, and nothing once it has come', async () => {
    const { redis, server, upstream } = await open(false)
    for (let at = 0; at < 3; at++) expect(await index(server)).toBe(200)
    expect(upstream.count('index.yaml')).toBe(3)
    await redis.start()
    await untilFresh(server, upstream)
  })

  it('that ends, and that is frozen, leaves every index to be had', async () => {
    const { redis, server, upstream } = await open(true)
    await untilFresh(server, upstream)
    await redis.stop()
    expect(await index(server)).toBe(200)
    await redis.start()
    await untilFresh(server, upstream)
    redis.freeze()
    for (let at = 0; at < 3; at++) expect(await index(server)).toBe(200)
    redis.goOn()
    await untilFresh(server, upstream)
    expect(server.log.filter(({ msg }) => String(msg).startsWith('the store of freshness markers is'))).toHaveLength(4)
  })

  it('that is frozen does not hold up the end', async () => {
    const redis = await prepareRedis(command)
    await redis.start()
    closeLater(() => redis.stop())
    const opened = await openFreshness(redis.url, () => {})
    const { freshness: markers } = opened
    await markers.note('a', 'x', 1000)
    redis.freeze()
    await opened.close()
    redis.goOn()
  })
})
