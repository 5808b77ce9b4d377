// Where freshness markers live: in memory, or in Redis so that replicas share them.
import { Keyv } from 'keyv'
import { type Freshness, freshness } from '../cache/freshness.ts'

/** Opens the store of markers. Redis is loaded only where it is configured; while it is away, nothing is fresh. */
export async function openFreshness(
  redisUrl: string | undefined,
  warn: (message: string, details: Readonly<Record<string, unknown>>) => void,
): Promise<{ readonly freshness: Freshness; close(): Promise<void> }> {
  const keyv = redisUrl === undefined ? new Keyv() : await openRedis(redisUrl)
  keyv.on('error', (error: unknown) => warn('the store of freshness markers failed', { error: String(error) }))
  return {
    freshness: freshness(keyv),
    close: async () => {
      await keyv.disconnect().catch(() => {})
    },
  }
}

async function openRedis(url: string): Promise<Keyv> {
  const { default: KeyvRedis } = await import('@keyv/redis')
  return new Keyv({ store: new KeyvRedis(url), namespace: 'chartferry', useKeyPrefix: false })
}
