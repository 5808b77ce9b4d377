// The token service of the registry, and what its tokens are good for.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, startServer, type TestServer } from '../../../../test/kit/server.ts'

let server: TestServer
const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

beforeAll(async () => {
  server = await startServer({
    repositories: {
      local: { kind: 'hosted', access: { pull: ['anyone'], push: ['ci'], delete: [] } },
      closed: { kind: 'hosted', access: { pull: ['ci', 'robot'], push: ['ci'], delete: ['ci'] } },
    },
    settings: {
      auth: {
        users: { ci: { password: 'ci-password' } },
        tokens: { robot: { sha256: createHash('sha256').update('the-token-of-the-robot').digest('hex') } },
      },
    },
  })
})
afterAll(() => server.close())

interface TokenAnswer {
  readonly token: string
  readonly access_token: string
  readonly expires_in: number
  readonly scope: string
}

async function tokenFor(authorization: string | undefined, ...scopes: readonly string[]): Promise<TokenAnswer> {
  const query = new URLSearchParams([
    ['service', 'chartferry'],
    ...scopes.map((scope): [string, string] => ['scope', scope]),
  ])
  const headers = authorization === undefined ? {} : { authorization }
  const answer = await server.ask(`/v2/token?${query}`, { headers })
  expect(answer.status).toBe(200)
  return answer.json() as TokenAnswer
}

const upload = (name: string, token: string): Promise<Answer> =>
  server.ask(`/v2/${name}/blobs/uploads/`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
const read = (name: string, token: string): Promise<Answer> =>
  server.ask(`/v2/${name}/tags/list`, { headers: { authorization: `Bearer ${token}` } })

describe('the challenge', () => {
  it('names the service at the address that the client has for us, and what is wanted', async () => {
    const { headers } = await server.ask('/v2/closed/web/manifests/v1', { headers: { host: 'mirror.local:5000' } })
    expect(headers['www-authenticate']).toBe(
      'Bearer realm="http://mirror.local:5000/v2/token",service="chartferry",scope="repository:closed/web:pull"',
    )
    const push = await server.ask('/v2/local/web/blobs/uploads/', { method: 'POST' })
    expect(push.headers['www-authenticate']).toContain('scope="repository:local/web:pull,push"')
    expect((await server.ask('/v2/')).headers['www-authenticate']).not.toContain('scope')
  })
})

describe('a token', () => {
  it('is good for what it names, as far as its owner may', async () => {
    const { token, access_token, expires_in, scope } = await tokenFor(
      basic('ci', 'ci-password'),
      'repository:local/web:pull,push,delete repository:closed/app:pull',
      'repository:closed/other:*',
    )
    expect([access_token, expires_in]).toEqual([token, 300])
    expect(scope).toBe(
      'repository:local/web:pull,push repository:closed/app:pull repository:closed/other:pull,push,delete',
    )
    expect((await upload('local/web', token)).status).toBe(202)
    const other = await upload('closed/app', token)
    expect([other.status, other.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('closed/app:pull,push'),
    ])
    expect((await read('closed/app', token)).status).toBe(404)
    expect((await read('closed/elsewhere', token)).status).toBe(401)
    // It says nothing outside of the registry.
    expect((await server.ask('/closed/index.yaml', { headers: { authorization: `Bearer ${token}` } })).status).toBe(401)
  })

  it('of nobody is good for what anybody may', async () => {
    const { token } = await tokenFor(undefined, 'repository:local/web:pull,push', 'repository:closed/app:pull')
    expect([(await read('local/web', token)).status, (await upload('local/web', token)).status]).toEqual([404, 401])
    expect((await read('closed/app', token)).status).toBe(401)
  })

  it('is given for a configured token, as a password or as it is', async () => {
    for (const authorization of [
      basic('token', 'the-token-of-the-robot'),
      basic('robot', 'the-token-of-the-robot'),
      'Bearer the-token-of-the-robot',
    ]) {
      const { token } = await tokenFor(authorization, 'repository:closed/app:pull')
      expect((await read('closed/app', token)).status).toBe(404)
    }
  })

  it('is given for a form, too', async () => {
    const post = (body: string): Promise<Answer> =>
      server.ask('/v2/token', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      })
    const scope = 'scope=repository%3Aclosed%2Fapp%3Apull'
    for (const credentials of [
      'grant_type=password&username=ci&password=ci-password',
      'grant_type=refresh_token&refresh_token=the-token-of-the-robot',
    ]) {
      const { access_token } = (await post(`${credentials}&service=chartferry&${scope}`)).json() as TokenAnswer
      expect((await read('closed/app', access_token)).status).toBe(404)
    }
    expect((await post(`grant_type=password&username=ci&password=wrong&${scope}`)).status).toBe(401)
    expect((await post('grant_type=authorization_code')).status).toBe(400)
  })

  it('is not given for a wrong password', async () => {
    const answer = await server.ask('/v2/token', { headers: { authorization: basic('ci', 'wrong') } })
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, expect.stringContaining('Basic')])
  })
})

it('takes names and passwords as they are, too', async () => {
  const headers = { authorization: basic('ci', 'ci-password') }
  expect((await server.ask('/v2/', { headers })).status).toBe(200)
  expect((await server.ask('/v2/closed/app/tags/list', { headers })).status).toBe(404)
})
