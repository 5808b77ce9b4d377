import { createHmac, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { isChartferryError } from '@chartferry/core'
import { describe, expect, it } from 'vitest'
import { bearerAuthenticator, type TrustedIssuer } from '../../src/auth/bearer.ts'
import { pemKeys } from '../../src/auth/key-source.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()

const now = Date.UTC(2026, 0, 1)
const seconds = now / 1000
const right = { iss: 'https://id.example.com', aud: 'charts', sub: 'robot', exp: seconds + 60, groups: ['ops', 7] }
const issuer: TrustedIssuer = {
  keys: pemKeys(pem),
  issuer: 'https://id.example.com',
  audience: 'charts',
  nameClaim: 'sub',
  groupsClaim: 'groups',
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A token as an attacker may make it: any head, any claims, any signer. */
function token(
  claims: unknown = right,
  head: object = { alg: 'RS256', typ: 'JWT' },
  signer: (text: string) => string = signedBy(rsa.privateKey),
): string {
  const text = `${encoded(head)}.${encoded(claims)}`
  return `${text}.${signer(text)}`
}

const signedBy = (key: KeyObject) => (text: string) => sign('sha256', Buffer.from(text), key).toString('base64url')

const ask = (text: string, issuers: readonly TrustedIssuer[] = [issuer], taken = new Set<string>()): Promise<unknown> =>
  bearerAuthenticator(issuers, { now: () => now, taken }).authenticate({ authorization: `Bearer ${text}` })

const isUnauthenticated = (thrown: unknown): boolean => isChartferryError(thrown, 'UNAUTHENTICATED')

describe('bearerAuthenticator', () => {
  it('takes a token that is right, with its groups and claims', async () => {
    expect(await ask(token())).toEqual({ name: 'robot', groups: ['ops'], claims: right })
    expect(await ask(token({ ...right, aud: ['x', 'charts'] }))).toMatchObject({ name: 'robot' })
  })

  it('takes one as a password, under the name token', async () => {
    const authorization = `Basic ${Buffer.from(`token:${token()}`).toString('base64')}`
    const judge = bearerAuthenticator([issuer], { now: () => now })
    expect(await judge.authenticate({ authorization })).toMatchObject({ name: 'robot' })
  })

  it('forgives clocks that differ by half a minute', async () => {
    expect(await ask(token({ ...right, exp: seconds - 29, nbf: seconds + 29 }))).toMatchObject({ name: 'robot' })
  })

  it.each([
    ['none', 'x'],
    ['two dots and nothing', '..'],
    ['an opaque token', 'abcdef'],
  ])('leaves %s to others', async (_what, text) => {
    expect(await ask(text)).toBeUndefined()
  })

  const forged = (text: string): string => createHmac('sha256', pem).update(text).digest('base64url')
  it.each([
    ['another key', token(right, undefined, signedBy(other.privateKey))],
    ['no signature, with alg none', token(right, { alg: 'none' }, () => '')],
    ['alg None in other letters', token(right, { alg: 'nOnE' }, () => '')],
    ['the public key as a shared secret', token(right, { alg: 'HS256', typ: 'JWT' }, forged)],
    ['a signature of another algorithm than it says', token(right, { alg: 'ES256' })],
    [
      'a key that it brings itself',
      token(right, { alg: 'RS256', jwk: other.publicKey.export({ format: 'jwk' }) }, signedBy(other.privateKey)),
    ],
    [
      'a key at a URL of its own',
      token(right, { alg: 'RS256', jku: 'https://evil.example.com/keys' }, signedBy(other.privateKey)),
    ],
    ['a critical extension that nobody knows', token(right, { alg: 'RS256', crit: ['x'], x: 1 })],
    ['an unencoded payload', token(right, { alg: 'RS256', b64: false, crit: ['b64'] })],
    ['an empty signature', `${token().split('.').slice(0, 2).join('.')}.`],
    ['a changed payload', token().replace(/\.[^.]+\./, `.${encoded({ ...right, sub: 'root' })}.`)],
    ['another issuer', token({ ...right, iss: 'https://evil.example.com' })],
    ['the issuer with a slash more', token({ ...right, iss: 'https://id.example.com/' })],
    ['no issuer', token({ ...right, iss: undefined })],
    ['another audience', token({ ...right, aud: 'other' })],
    ['no audience', token({ ...right, aud: undefined })],
    ['an end in the past', token({ ...right, exp: seconds - 31 })],
    ['no end', token({ ...right, exp: undefined })],
    ['an end that is text', token({ ...right, exp: '9999999999' })],
    ['a beginning in the future', token({ ...right, nbf: seconds + 31 })],
    ['no subject', token({ ...right, sub: undefined })],
    ['a subject that is a list', token({ ...right, sub: ['root'] })],
    ['an empty subject', token({ ...right, sub: '' })],
    ['a payload that is a list', token([1])],
    ['a payload that is no JSON', `${encoded({ alg: 'RS256' })}.bm8.bm8`],
  ])('refuses %s', async (_what, text) => {
    await expect(ask(text)).rejects.toSatisfy(isUnauthenticated)
  })

  it('takes no algorithm but those that are allowed, even if its key were one', async () => {
    const keys = pemKeys(elliptic.publicKey.export({ type: 'spki', format: 'pem' }).toString())
    const text = token(right, { alg: 'ES256' }, (body) =>
      sign('sha256', Buffer.from(body), { key: elliptic.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
    )
    expect(await ask(text, [{ ...issuer, keys }])).toMatchObject({ name: 'robot' })
    await expect(ask(text, [{ ...issuer, keys, algorithms: ['RS256'] }])).rejects.toSatisfy(isUnauthenticated)
  })

  it('tries every key of a file of several', async () => {
    const both = pemKeys(other.publicKey.export({ type: 'spki', format: 'pem' }).toString() + pem)
    expect(await ask(token(), [{ ...issuer, keys: both }])).toMatchObject({ name: 'robot' })
  })

  it('does not let a token take the name of a user here', async () => {
    await expect(ask(token(), [issuer], new Set(['robot']))).rejects.toSatisfy(isUnauthenticated)
  })

  it('takes no groups where no claim is named for them', async () => {
    expect(await ask(token(), [{ ...issuer, groupsClaim: undefined }])).toMatchObject({ groups: [] })
  })

  it('tells a client nothing of why', async () => {
    const thrown: unknown = await ask(token({ ...right, exp: 1 })).catch((failure: unknown) => failure)
    expect((thrown as Error).message).toBe('the token is not right')
    expect(isChartferryError(thrown) && thrown.details.reason).toMatch(/exp/)
  })
})

describe('pemKeys', () => {
  it('takes no private key and no other text', () => {
    expect(() => pemKeys('ssh-rsa AAAA')).toThrow('no PEM block')
    const secret = createPrivateKey(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    expect(() => pemKeys(secret.export({ type: 'pkcs8', format: 'pem' }).toString())).toThrow('private key')
  })
})
