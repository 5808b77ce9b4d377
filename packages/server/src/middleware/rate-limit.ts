// How often one client may ask: a bucket of tokens each, in memory.
import { isIPv6 } from 'node:net'
import { ChartferryError } from '@chartferry/core'
import { LRUCache } from 'lru-cache'

export interface RateLimitOptions {
  /** How many requests a client may send at once, and as many again in the time `per`. */
  readonly requests: number
  /** Milliseconds. */
  readonly per: number
  /** Milliseconds that only grow. Default: `performance.now`. */
  readonly now?: () => number
}

interface Bucket {
  tokens: number
  at: number
}

/** So many clients are remembered; who is forgotten begins with a full bucket. */
const mostClients = 50_000

/** Gives a function that takes one token of a client. It throws TOO_MANY_REQUESTS when there is none. */
export function rateLimit({
  requests,
  per,
  now = () => performance.now(),
}: RateLimitOptions): (address: string) => void {
  const buckets = new LRUCache<string, Bucket>({ max: mostClients })
  const rate = requests / per
  return (address) => {
    const key = clientKey(address)
    const time = now()
    const bucket = buckets.get(key) ?? { tokens: requests, at: time }
    bucket.tokens = Math.min(requests, bucket.tokens + (time - bucket.at) * rate)
    bucket.at = time
    buckets.set(key, bucket)
    if (bucket.tokens < 1) {
      throw new ChartferryError('TOO_MANY_REQUESTS', 'too many requests from this client', {
        details: { retryAfter: (1 - bucket.tokens) / rate },
      })
    }
    bucket.tokens -= 1
  }
}

/** What one client is known by: it may have a whole /64 network of IPv6. */
export function clientKey(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const before = head.split(':').filter((group) => group !== '')
  if (before.length >= 4 || tail === undefined) return before.slice(0, 4).join(':')
  const after = tail.split(':').filter((group) => group !== '')
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  return [...before, ...zeros, ...after].slice(0, 4).join(':')
}
