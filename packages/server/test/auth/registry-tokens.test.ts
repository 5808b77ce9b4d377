import { openMemoryStore } from '@chartferry/core/transfer'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../../../test/kit/error-of.ts'
import { parseScopes, registryTokens, tokenSeconds } from '../../src/auth/registry-tokens.ts'

const owner = { name: 'ci', groups: ['builders'] }
const grants = [{ name: 'local/web', actions: ['pull', 'push'] as const }]

describe('a token of the registry', () => {
  it('says who has it and what it is good for, to every server on the store', async () => {
    const store = openMemoryStore()
    const { token } = await registryTokens(store, () => 1000).issue(owner, grants)
    const other = registryTokens(store, () => 2000).authenticator
    expect(await other.authenticate({ authorization: `Bearer ${token}` })).toEqual({ ...owner, grants })
    const foreign = registryTokens(openMemoryStore(), () => 2000).authenticator
    expect((await errorOf(foreign.authenticate({ authorization: `Bearer ${token}` }))).code).toBe('UNAUTHENTICATED')
  })

  it('is not taken when it has expired, or was changed', async () => {
    let time = 1000
    const { issue, authenticator } = registryTokens(openMemoryStore(), () => time)
    const { token } = await issue(owner, grants)
    const [head = '', payload = '', signature = ''] = token.split('.')
    const forged = Buffer.from(payload, 'base64url').toString().replace('ci', 'it')
    const changed = [head, Buffer.from(forged).toString('base64url'), signature].join('.')
    expect((await errorOf(authenticator.authenticate({ authorization: `Bearer ${changed}` }))).code).toBe(
      'UNAUTHENTICATED',
    )
    time += tokenSeconds * 1000
    expect((await errorOf(authenticator.authenticate({ authorization: `Bearer ${token}` }))).code).toBe(
      'UNAUTHENTICATED',
    )
  })

  it('of nobody is that of anybody, and other credentials are not its affair', async () => {
    const { issue, authenticator } = registryTokens(openMemoryStore(), () => 1000)
    const { token } = await issue(undefined, [])
    expect(await authenticator.authenticate({ authorization: `Bearer ${token}` })).toMatchObject({ isAnybody: true })
    for (const authorization of ['Bearer something', 'Basic eDp5'])
      expect(await authenticator.authenticate({ authorization })).toBeUndefined()
  })
})

describe('parseScopes', () => {
  it.each([
    [['repository:local/web:pull'], [{ name: 'local/web', actions: ['pull'] }]],
    [
      ['repository:a/b:push,pull repository:c/d:*'],
      [
        { name: 'a/b', actions: ['pull', 'push'] },
        { name: 'c/d', actions: ['pull', 'push', 'delete'] },
      ],
    ],
    [['repository(plugin):a/b:pull', 'registry:catalog:*', 'nonsense'], [{ name: 'a/b', actions: ['pull'] }]],
    [['repository:host:5000/a:pull'], [{ name: 'host:5000/a', actions: ['pull'] }]],
    [['repository:a/b:sing'], [{ name: 'a/b', actions: [] }]],
  ])('takes %j as %j', (scopes, grants) => expect(parseScopes(scopes)).toEqual(grants))
})
