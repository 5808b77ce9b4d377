// Names and passwords. A right answer is remembered for a while, so that bcrypt does not cost each request.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { UserConfig } from '../config/access-config.ts'
import { comparePassword } from '../workers/compare-password.ts'
import { type Authenticator, unauthenticated } from './authenticator.ts'
import { readAuthorization } from './authorization.ts'
import { fairQueue } from './fair-queue.ts'

export interface BasicOptions {
  /**
   * Milliseconds for which a password that was right, or wrong, is not hashed again. Default: 5 minutes, 10 seconds.
   */
  readonly rememberRight?: number
  readonly rememberWrong?: number
  /**
   * How many different passwords of one client for one name may wait for their turn, and eight times as many in all; one
   * is hashed at a time. Default: 8.
   */
  readonly waiting?: number
  /** Milliseconds that only grow. Default: `performance.now`. */
  readonly now?: () => number
  /** Hashing is told about before it begins. Default: nobody is told. */
  readonly onHash?: () => void
}

/** A user who does not exist costs as much time as one who does: the hash of a password that nobody knows. */
const nobody = '$2b$10$CwTycUXWue0Thq9StjUM0uJ8pXvF3V7m7S9e0rS5QvQ8m8b1lqP9e'

interface Lane {
  readonly client: string
  /** Undefined: nobody has it. */
  readonly username: string | undefined
}

/** bcrypt reads no more; more would let two passwords be one. */
const longest = 72

/** Judges HTTP's basic credentials. Names and passwords are compared in constant time. */
export function basicAuthenticator(users: ReadonlyMap<string, UserConfig>, options: BasicOptions = {}): Authenticator {
  const {
    rememberRight = 300_000,
    rememberWrong = 10_000,
    waiting = 8,
    now = () => performance.now(),
    onHash,
  } = options
  const secret = randomBytes(32)
  const keyed = (...parts: readonly string[]): Buffer =>
    createHmac('sha256', secret).update(JSON.stringify(parts)).digest()
  const judged = new LRUCache<string, boolean>({ max: 10_000, perf: { now }, ttlResolution: 0 })
  const running = new Map<string, Promise<boolean>>()
  const queue = fairQueue({ perLane: waiting, total: 8 * waiting })
  // Who was right once from there comes first: a flood of wrong passwords keeps nobody out who works here.
  const welcome = new LRUCache<string, true>({ max: 10_000 })

  async function hashed(password: string, hash: string): Promise<boolean> {
    onHash?.()
    return comparePassword(password, hash)
  }

  /**
   * One hash at a time: a flood of wrong passwords takes no more than that from everybody else. Each name of a client
   * has its turns; all names that nobody has share one's.
   */
  function queued(key: string, lane: Lane, password: string, hash: string): Promise<boolean> {
    const known = running.get(key)
    if (known !== undefined) return known
    const name = JSON.stringify([lane.client, lane.username ?? ''])
    const isFirst = welcome.has(name)
    if (lane.username === undefined && queue.isFull(name, isFirst)) return leastOf(running)
    const turn = queue.run(name, isFirst, () => hashed(password, hash)).finally(() => running.delete(key))
    running.set(key, turn)
    return turn
  }

  /** A name that nobody has gets the answer of one, when one is there: it takes as long as that of a name that counts. */
  async function leastOf(turns: ReadonlyMap<string, Promise<boolean>>): Promise<boolean> {
    await Promise.race(turns.values()).catch(() => {})
    return false
  }

  async function isRight(
    username: string,
    password: string,
    known: UserConfig['password'] | undefined,
    client: string,
  ): Promise<boolean> {
    if (known !== undefined && 'plain' in known) return timingSafeEqual(keyed(password), keyed(known.plain))
    if (Buffer.byteLength(password) > longest) return false
    const hash = known?.bcrypt ?? nobody
    const key = keyed(username, password, hash).toString('base64')
    const before = judged.get(key)
    if (before !== undefined) return before
    const lane = { client, username: known === undefined ? undefined : username }
    const right = (await queued(key, lane, password, hash)) && known !== undefined
    if (right) welcome.set(JSON.stringify([client, username]), true)
    judged.set(key, right, { ttl: right ? rememberRight : rememberWrong })
    return right
  }

  return {
    authenticate: async (headers, client = '') => {
      const given = readAuthorization(headers)
      if (given?.kind !== 'basic') return undefined
      const user = users.get(given.username)
      if (await isRight(given.username, given.password, user?.password, client))
        return { name: given.username, groups: user?.groups ?? [] }
      throw unauthenticated('the credentials are not right', 'name or password')
    },
  }
}
