import { describe, expect, it } from 'vitest'
import { authorizationOf, splitCredential } from '../../../src/oci/http/credentials.ts'

describe('splitCredential', () => {
  it.each([
    ['https://h/a?b', 'https://h/a?b', undefined],
    ['https://u:p%40ss@h/a', 'https://h/a', { kind: 'basic', username: 'u', password: 'p@ss' }],
    ['https://u:50%@h/a', 'https://h/a', { kind: 'basic', username: 'u', password: '50%' }],
    ['https://token@h/', 'https://h/', { kind: 'basic', username: 'token', password: '' }],
  ])('takes %s apart', (url, bare, credential) => {
    const split = splitCredential(new URL(url))
    expect(split.url.href).toBe(bare)
    expect(split.credential).toEqual(credential)
  })
})

describe('authorizationOf', () => {
  it('writes both kinds', () => {
    expect(authorizationOf({ kind: 'bearer', token: 't' })).toBe('Bearer t')
    expect(authorizationOf({ kind: 'basic', username: 'é', password: 'p' })).toBe('Basic w6k6cA==')
  })
})
