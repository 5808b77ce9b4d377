import { createHash } from 'node:crypto'
import { isChartferryError } from '@chartferry/core'
import { describe, expect, it } from 'vitest'
import { firstOf } from '../../src/auth/authenticator.ts'
import { tokenAuthenticator } from '../../src/auth/tokens.ts'

const sha256 = (token: string): Uint8Array => createHash('sha256').update(token).digest()
const judge = tokenAuthenticator(
  [
    { name: 'ci', sha256: sha256('long-random-token-of-ci'), groups: ['robots'] },
    { name: 'old', sha256: sha256('long-random-token-of-old'), groups: [], expires: 1000 },
  ],
  () => 1000,
)
const basic = (name: string, password: string): { authorization: string } => ({
  authorization: `basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

describe('tokenAuthenticator', () => {
  it.each([
    ['as a bearer token', { authorization: 'Bearer long-random-token-of-ci' }],
    ['as a password under the name token', basic('token', 'long-random-token-of-ci')],
    ['as a password under its own name', basic('ci', 'long-random-token-of-ci')],
  ])('takes a token %s', async (_how, headers) => {
    expect(await judge.authenticate(headers)).toEqual({ name: 'ci', groups: ['robots'] })
  })

  it.each([
    ['one that it does not know', { authorization: 'Bearer other' }],
    ['one under the name of another', basic('old', 'long-random-token-of-ci')],
    ['no token', {}],
  ])('leaves %s to others', async (_what, headers) => {
    expect(await judge.authenticate(headers)).toBeUndefined()
  })

  it('refuses one from the moment at which it expires', async () => {
    const asked = judge.authenticate({ authorization: 'Bearer long-random-token-of-old' })
    await expect(asked).rejects.toSatisfy((thrown) => isChartferryError(thrown, 'UNAUTHENTICATED'))
  })
})

describe('firstOf', () => {
  it('refuses credentials that nobody knows, and asks for none', async () => {
    const all = firstOf([judge])
    expect(await all.authenticate({})).toBeUndefined()
    for (const authorization of ['Bearer other', 'Basic !!', 'Negotiate abc', '']) {
      const asked = all.authenticate({ authorization })
      await expect(asked).rejects.toSatisfy((thrown) => isChartferryError(thrown, 'UNAUTHENTICATED'))
    }
  })
})
