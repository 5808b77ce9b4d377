import { isChartferryError } from '@chartferry/core'
import { hashSync } from 'bcryptjs'
import { describe, expect, it } from 'vitest'
import { basicAuthenticator } from '../../src/auth/basic.ts'
import type { UserConfig } from '../../src/config/access-config.ts'

const basic = (name: string, password: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})
const users = new Map<string, UserConfig>([
  ['alice', { password: { bcrypt: hashSync('wonder', 4) }, groups: ['release'] }],
  ['bob', { password: { plain: 'päss:word' }, groups: [] }],
])
const isUnauthenticated = (thrown: unknown): boolean => isChartferryError(thrown, 'UNAUTHENTICATED')

describe('basicAuthenticator', () => {
  it('knows users by hash and by plain password', async () => {
    const judge = basicAuthenticator(users)
    expect(await judge.authenticate(basic('alice', 'wonder'))).toEqual({ name: 'alice', groups: ['release'] })
    expect(await judge.authenticate(basic('bob', 'päss:word'))).toEqual({ name: 'bob', groups: [] })
  })

  it.each([
    ['no header', {}],
    ['neither name nor password', basic('', '')],
    ['a bearer token', { authorization: 'Bearer abc' }],
    ['a token as a password', basic('token', 'abc')],
    ['another scheme', { authorization: 'Digest username="alice"' }],
  ])('leaves %s to others', async (_what, headers) => {
    expect(await basicAuthenticator(users).authenticate(headers)).toBeUndefined()
  })

  it.each([
    ['a wrong password', basic('alice', 'wondr')],
    ['an empty password', basic('alice', '')],
    ['a user who does not exist', basic('carol', 'wonder')],
    ['the name in other letters', basic('Alice', 'wonder')],
    ['a wrong plain password', basic('bob', 'päss')],
    ['a password longer than bcrypt reads', basic('alice', `wonder${'x'.repeat(80)}`)],
    ['a name out of the object', basic('__proto__', 'wonder')],
  ])('refuses %s', async (_what, headers) => {
    await expect(basicAuthenticator(users).authenticate(headers)).rejects.toSatisfy(isUnauthenticated)
  })

  it('hashes a password once, right or wrong, also when many ask at a time', async () => {
    let hashes = 0
    const judge = basicAuthenticator(users, { onHash: () => void hashes++ })
    await Promise.all(Array.from({ length: 50 }, () => judge.authenticate(basic('alice', 'wonder'))))
    await judge.authenticate(basic('alice', 'wonder'))
    expect(hashes).toBe(1)
    for (let at = 0; at < 3; at++)
      await expect(judge.authenticate(basic('alice', 'wrong'))).rejects.toSatisfy(isUnauthenticated)
    expect(hashes).toBe(2)
  })

  it('costs as much for a user who does not exist', async () => {
    let hashes = 0
    const judge = basicAuthenticator(users, { onHash: () => void hashes++ })
    await expect(judge.authenticate(basic('carol', 'x'))).rejects.toSatisfy(isUnauthenticated)
    expect(hashes).toBe(1)
  })

  it('forgets after the time given', async () => {
    let hashes = 0
    let time = 1000
    const judge = basicAuthenticator(users, { onHash: () => void hashes++, rememberRight: 50, now: () => time })
    await judge.authenticate(basic('alice', 'wonder'))
    time += 49
    await judge.authenticate(basic('alice', 'wonder'))
    expect(hashes).toBe(1)
    time += 2
    await judge.authenticate(basic('alice', 'wonder'))
    expect(hashes).toBe(2)
  })

  it('says that too many wait rather than letting all of them', async () => {
    const judge = basicAuthenticator(users, { waiting: 3 })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, at) => judge.authenticate(basic('alice', `guess ${at}`))),
    )
    const codes = outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as { code: string }).code)
    expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(4)
    expect(codes.filter((code) => code === 'TOO_MANY_REQUESTS')).toHaveLength(6)
  })

  describe('in a flood of wrong passwords', () => {
    /** Notes who was hashed in which order. */
    async function flood(
      names: (at: number) => string,
      then: (judge: ReturnType<typeof basicAuthenticator>) => Promise<unknown>,
    ): Promise<{ readonly hashes: number; readonly refused: number; readonly value: unknown }> {
      let hashes = 0
      const judge = basicAuthenticator(users, { onHash: () => void hashes++ })
      let refused = 0
      const guesses = Array.from({ length: 100 }, (_, at) =>
        judge.authenticate(basic(names(at), `guess ${at}`), 'attacker').catch((thrown: unknown) => {
          if (isChartferryError(thrown, 'TOO_MANY_REQUESTS')) refused++
        }),
      )
      const value = await then(judge)
      const before = hashes
      await Promise.all(guesses)
      return { hashes: before, refused, value }
    }

    it('for names that nobody has, somebody of the same address comes in after one of them', async () => {
      const { hashes, refused, value } = await flood(
        (at) => `x${at}`,
        (judge) => judge.authenticate(basic('alice', 'wonder'), 'attacker'),
      )
      expect(value).toMatchObject({ name: 'alice' })
      expect(hashes).toBeLessThanOrEqual(5)
      // They learn nothing that a wrong password for a name that counts would not tell.
      expect(refused).toBe(0)
    })

    it('for their own name, somebody comes in from another address', async () => {
      const { hashes, refused, value } = await flood(
        () => 'alice',
        (judge) => judge.authenticate(basic('alice', 'wonder'), 'elsewhere'),
      )
      expect(value).toMatchObject({ name: 'alice' })
      expect(hashes).toBeLessThanOrEqual(5)
      expect(refused).toBeGreaterThan(80)
    })
  })
})
