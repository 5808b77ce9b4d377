import { openMemoryStore } from '@chartferry/core/transfer'
import { describe, expect, it } from 'vitest'
import { startServer } from '../../../../test/kit/server.ts'
import { openSessions, sessionCookie, sessionSeconds } from '../../src/auth/sessions.ts'

const authorization = `Basic ${Buffer.from('alice:secret').toString('base64')}`

describe('openSessions', () => {
  it('gives credentials back on every server of a store, until they are too old', async () => {
    let now = 1_000_000
    const store = openMemoryStore()
    const [one, other] = [openSessions(store, () => now), openSessions(store, () => now)]
    const value = await one.seal(authorization)
    expect(Buffer.from(value, 'base64url').toString('latin1')).not.toContain('secret')
    const cookie = `a=b; ${sessionCookie}=${value}; c`
    expect(await other.headersOf({ cookie, host: 'x' })).toEqual({ cookie, host: 'x', authorization })
    now += sessionSeconds * 1000
    expect(await other.headersOf({ cookie })).toBeUndefined()
  })

  it('reads nothing that it has not sealed, and nothing beside other credentials', async () => {
    const sessions = openSessions(openMemoryStore(), () => 0)
    const value = await sessions.seal(authorization)
    const changed = `${value.slice(0, 50)}${value[50] === 'A' ? 'B' : 'A'}${value.slice(51)}`
    const foreign = await openSessions(openMemoryStore(), () => 0).seal(authorization)
    for (const each of [changed, foreign, '', 'x', value.slice(0, 20), 'A'.repeat(5000)])
      expect(await sessions.headersOf({ cookie: `${sessionCookie}=${each}` })).toBeUndefined()
    expect(await sessions.headersOf({})).toBeUndefined()
    expect(await sessions.headersOf({ authorization: 'Bearer x', cookie: `${sessionCookie}=${value}` })).toBeUndefined()
  })
})

describe('a server', () => {
  it('makes nobody of who has signed in and is not known any more', async () => {
    const repositories = { open: { kind: 'hosted', access: { pull: ['anyone'], push: ['users'], delete: ['users'] } } }
    const options = (password: string) => ({ repositories, settings: { auth: { users: { alice: { password } } } } })
    const first = await startServer(options('secret'))
    const signIn = (body: string): ReturnType<typeof first.ask> =>
      first.ask('/-/sign-in', { method: 'POST', headers: { origin: first.url }, body })
    const wrong = await signIn('name=alice&password=none&next=/open')
    expect([wrong.status, wrong.headers['set-cookie']]).toEqual([422, undefined])
    const answer = await signIn('name=alice&password=secret&next=//evil.example.com/')
    expect([answer.status, answer.headers.location]).toEqual([303, '/'])
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
    const upload = (of: typeof first, more: Record<string, string> = {}): Promise<{ readonly status: number }> =>
      of.ask('/open/upload', { headers: { cookie, ...more } })
    expect((await upload(first)).status).toBe(200)
    const push = { method: 'POST', body: 'no archive' }
    const from = (origin: string): Promise<{ readonly status: number }> =>
      first.ask('/api/open/charts', { ...push, headers: { cookie, origin } })
    expect([(await from(first.url)).status, (await from('https://evil.example.com')).status]).toEqual([400, 403])
    expect(
      (await first.ask('/-/sign-out', { ...push, headers: { cookie, origin: 'https://evil.example.com' } })).status,
    ).toBe(403)
    const second = await startServer({ ...options('changed'), data: first.data })
    expect((await upload(second)).status).toBe(401)
    // It makes nobody of them, who may still read what anyone may.
    expect((await second.ask('/open/index.yaml', { headers: { cookie } })).status).toBe(200)
    await second.close()
    await first.close()
  })
})
