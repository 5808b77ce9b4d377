// Names and passwords. A right answer is remembered for a while, so that bcrypt does not cost each request.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { ChartferryError } from '@chartferry/core'
import { LRUCache } from 'lru-cache'
import type { UserConfig } from '../config/access-config.ts'
import { comparePassword } from '../workers/compare-password.ts'
import { type Authenticator, unauthenticated } from './authenticator.ts'
import { readAuthorization } from './authorization.ts'

export interface BasicOptions {
  /**
   * Milliseconds for which a password that was right, or wrong, is not hashed again. Default: 5 minutes, 10 seconds.
   */
  readonly rememberRight?: number
  readonly rememberWrong?: number
  /** How many different passwords may wait for their turn; one is hashed at a time. Default: 32. */
  readonly waiting?: number
  /** Milliseconds that only grow. Default: `performance.now`. */
  readonly now?: () => number
  /** Hashing is told about before it begins. Default: nobody is told. */
  readonly onHash?: () => void
}

/** A user who does not exist costs as much time as one who does: the hash of a password that nobody knows. */
const nobody = '$2b$10$CwTycUXWue0Thq9StjUM0uJ8pXvF3V7m7S9e0rS5QvQ8m8b1lqP9e'

/** bcrypt reads no more; more would let two passwords be one. */
const longest = 72

/** Judges HTTP's basic credentials. Names and passwords are compared in constant time. */
export function basicAuthenticator(users: ReadonlyMap<string, UserConfig>, options: BasicOptions = {}): Authenticator {
  const {
    rememberRight = 300_000,
    rememberWrong = 10_000,
    waiting = 32,
    now = () => performance.now(),
    onHash,
  } = options
  const secret = randomBytes(32)
  const keyed = (...parts: readonly string[]): Buffer =>
    createHmac('sha256', secret).update(JSON.stringify(parts)).digest()
  const judged = new LRUCache<string, boolean>({ max: 10_000, perf: { now }, ttlResolution: 0 })
  const running = new Map<string, Promise<boolean>>()
  let last: Promise<unknown> = Promise.resolve()

  async function hashed(password: string, hash: string): Promise<boolean> {
    onHash?.()
    return comparePassword(password, hash)
  }

  /** One hash at a time: a flood of wrong passwords takes no more than that from everybody else. */
  function queued(key: string, password: string, hash: string): Promise<boolean> {
    const known = running.get(key)
    if (known !== undefined) return known
    if (running.size >= waiting) throw new ChartferryError('TOO_MANY_REQUESTS', 'too many passwords wait to be checked')
    const turn = last.then(() => hashed(password, hash)).finally(() => running.delete(key))
    last = turn.catch(() => {})
    running.set(key, turn)
    return turn
  }

  async function isRight(
    username: string,
    password: string,
    known: UserConfig['password'] | undefined,
  ): Promise<boolean> {
    if (known !== undefined && 'plain' in known) return timingSafeEqual(keyed(password), keyed(known.plain))
    if (Buffer.byteLength(password) > longest) return false
    const hash = known?.bcrypt ?? nobody
    const key = keyed(username, password, hash).toString('base64')
    const before = judged.get(key)
    if (before !== undefined) return before
    const right = (await queued(key, password, hash)) && known !== undefined
    judged.set(key, right, { ttl: right ? rememberRight : rememberWrong })
    return right
  }

  return {
    authenticate: async (headers) => {
      const given = readAuthorization(headers)
      if (given?.kind !== 'basic') return undefined
      const user = users.get(given.username)
      if (await isRight(given.username, given.password, user?.password))
        return { name: given.username, groups: user?.groups ?? [] }
      throw unauthenticated('the credentials are not right', 'name or password')
    },
  }
}
