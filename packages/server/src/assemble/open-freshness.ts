// Where freshness markers live: in memory, or in Redis so that replicas share them.
import { setTimeout as wait } from 'node:timers/promises'
import { Keyv } from 'keyv'
import { type Freshness, freshness } from '../cache/freshness.ts'

/** Milliseconds: for a connection to Redis, for an answer on one, and between two tries at most. */
const redisTimes = { connect: 2000, silence: 10_000, retry: 2000 }
/** Milliseconds that the end waits for Redis. */
const closeWithin = 1000

/**
 * Opens the store of markers. Redis is loaded only where it is configured, and need not be there yet; while it is away,
 * nothing is fresh.
 */
export async function openFreshness(
  redisUrl: string | undefined,
  warn: (message: string, details: Readonly<Record<string, unknown>>) => void,
): Promise<{ readonly freshness: Freshness; close(): Promise<void> }> {
  if (redisUrl === undefined) return { freshness: freshness(new Keyv()), close: async () => {} }
  const { keyv, close } = await openRedis(redisUrl)
  return { freshness: freshness(keyv, { warn }), close }
}

async function openRedis(url: string): Promise<{ readonly keyv: Keyv; readonly close: () => Promise<void> }> {
  const { createClient, default: KeyvRedis } = await import('@keyv/redis')
  const client = createClient({
    url,
    // What cannot be asked now is not asked later: it would be a queue without an end.
    disableOfflineQueue: true,
    pingInterval: redisTimes.silence / 2,
    socket: {
      connectTimeout: redisTimes.connect,
      socketTimeout: redisTimes.silence,
      reconnectStrategy: (tries) => Math.min(redisTimes.retry, 50 * 2 ** tries),
    },
  })
  const store = new KeyvRedis(client, { throwOnErrors: true })
  const keyv = new Keyv({ store, namespace: 'chartferry', useKeyPrefix: false, throwOnErrors: true, emitErrors: false })
  // Each try that fails is an event, and who asks is told anyway.
  for (const emitter of [client, store, keyv]) emitter.on('error', () => {})
  // It goes on trying; nobody waits for it.
  void client.connect().catch(() => {})
  return {
    keyv,
    close: async () => {
      const closed = client.isReady ? client.close().catch(() => {}) : Promise.resolve()
      await Promise.race([closed, wait(closeWithin, undefined, { ref: false })])
      if (client.isOpen) client.destroy()
    },
  }
}
