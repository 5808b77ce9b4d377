import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isChartferryError } from '@chartferry/core'
import { type HttpClient, openHttpClient } from '@chartferry/core/internal'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jwksKeys } from '../../src/auth/jwks.ts'
import { verifyJwt } from '../../src/auth/jwt.ts'

interface Pair {
  readonly kid: string | undefined
  readonly jwk: object
  readonly token: string
}

function pair(kid?: string): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${encoded({ alg: 'ES256', kid })}.${encoded({ sub: 'robot', exp: 9_999_999_999 })}`
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return {
    kid,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' },
    token: `${text}.${signature.toString('base64url')}`,
  }
}

/** A real issuer whose keys and health are knobs. */
async function startIssuer(): Promise<{
  readonly url: string
  readonly asked: string[]
  keys: readonly Pair[]
  status: number
  close(): void
}> {
  const issuer = { url: '', asked: [] as string[], keys: [] as readonly Pair[], status: 200, close: () => {} }
  const server = createServer((request, response) => {
    issuer.asked.push(request.url ?? '')
    response.writeHead(issuer.status, { 'content-type': 'application/json' })
    const isKeys = request.url === '/keys'
    response.end(
      JSON.stringify(isKeys ? { keys: issuer.keys.map(({ jwk }) => jwk) } : { jwks_uri: `${issuer.url}/keys` }),
    )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  issuer.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  issuer.close = () => {
    server.closeAllConnections()
    server.close()
  }
  return issuer
}

let issuer: Awaited<ReturnType<typeof startIssuer>>
let client: HttpClient
beforeEach(async () => {
  issuer = await startIssuer()
  client = openHttpClient({ environment: {}, attempts: 1 })
})
afterEach(async () => {
  await client.close()
  issuer.close()
})

const minute = 60_000

describe('jwksKeys', () => {
  it('finds the keys by the issuer’s own configuration, once for many tokens', async () => {
    const one = pair('one')
    issuer.keys = [one, pair('two')]
    const keys = jwksKeys({ client, issuer: `${issuer.url}/` })
    const claims = await Promise.all(Array.from({ length: 20 }, () => verifyJwt(one.token, { keys }, 0)))
    expect(claims.map(({ sub }) => sub)).toEqual(Array(20).fill('robot'))
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/keys'])
  })

  it('asks again for a key that it does not know, but not for each such token', async () => {
    const [one, two, forged] = [pair('one'), pair('two'), pair('three')]
    issuer.keys = [one]
    const keys = jwksKeys({ client, url: `${issuer.url}/keys`, issuer: issuer.url })
    await verifyJwt(one.token, { keys }, 0)
    issuer.keys = [one, two]
    await verifyJwt(two.token, { keys }, minute)
    expect(issuer.asked).toHaveLength(2)
    for (let at = 0; at < 5; at++)
      await expect(verifyJwt(forged.token, { keys }, minute + at)).rejects.toSatisfy((thrown) =>
        isChartferryError(thrown, 'UNAUTHENTICATED'),
      )
    expect(issuer.asked).toHaveLength(2)
  })

  it('tries all keys for a token that names none', async () => {
    const [one, two] = [pair(), pair()]
    issuer.keys = [one, two]
    const keys = jwksKeys({ client, url: `${issuer.url}/keys`, issuer: issuer.url })
    expect(await verifyJwt(two.token, { keys }, 0)).toMatchObject({ sub: 'robot' })
  })

  it('goes on with the keys that it has while the issuer is away, for a day', async () => {
    const one = pair('one')
    issuer.keys = [one]
    const keys = jwksKeys({ client, url: `${issuer.url}/keys`, issuer: issuer.url })
    await verifyJwt(one.token, { keys }, 0)
    issuer.status = 500
    expect(await verifyJwt(one.token, { keys }, 60 * minute)).toMatchObject({ sub: 'robot' })
    await expect(verifyJwt(one.token, { keys }, 25 * 60 * minute)).rejects.toSatisfy((thrown) =>
      isChartferryError(thrown, 'AUTH_UNAVAILABLE'),
    )
    issuer.status = 200
    expect(await verifyJwt(one.token, { keys }, 26 * 60 * minute)).toMatchObject({ sub: 'robot' })
  })

  it('says that it cannot tell while it never had any keys', async () => {
    issuer.status = 503
    const keys = jwksKeys({ client, issuer: issuer.url })
    await expect(verifyJwt(pair('one').token, { keys }, 0)).rejects.toSatisfy((thrown) =>
      isChartferryError(thrown, 'AUTH_UNAVAILABLE'),
    )
  })
})
