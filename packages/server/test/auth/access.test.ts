import { describe, expect, it } from 'vitest'
import { accessOf, anonymous, type Caller, theServer } from '../../src/auth/access.ts'

const none: readonly string[] = []
const access = accessOf({
  everywhere: { pull: ['anyone'], push: ['users'], delete: none },
  server: { metrics: ['loopback'], admin: ['alice'] },
  repositories: new Map([
    ['private', { pull: ['alice', 'group:ops'], push: ['group:ops'], delete: ['alice'] }],
    ['all', { pull: ['anyone'], push: none, delete: none }],
  ]),
  members: new Map([['all', ['open', 'private']]]),
})
const person = (name: string, ...groups: readonly string[]): Caller => ({
  principal: { name, groups },
  isLoopback: false,
})

describe('accessOf', () => {
  it('gives to anyone, users, names and groups what the rules say', () => {
    expect(access.allows(anonymous, 'pull', 'open')).toBe(true)
    expect(access.allows(anonymous, 'push', 'open')).toBe(false)
    expect(access.allows(person('carol'), 'push', 'open')).toBe(true)
    expect(access.allows(person('carol'), 'pull', 'private')).toBe(false)
    expect(access.allows(person('carol', 'ops'), 'pull', 'private')).toBe(true)
    expect(access.allows(person('alice'), 'push', 'private')).toBe(false)
    expect(access.allows(person('alice'), 'delete', 'private')).toBe(true)
    expect(access.allows(person('alice'), 'delete', 'open')).toBe(false)
  })

  it('takes no name for a word or a group', () => {
    for (const name of ['anyone', 'users', 'loopback', 'group:ops'])
      expect(access.allows(person(name), 'pull', 'private')).toBe(false)
    expect(access.allows(person('x', 'alice'), 'pull', 'private')).toBe(false)
  })

  it('knows this machine, and the server itself', () => {
    expect(access.allowsServer({ isLoopback: true }, 'metrics')).toBe(true)
    expect(access.allowsServer(person('alice'), 'metrics')).toBe(false)
    expect(access.allowsServer(person('alice'), 'admin')).toBe(true)
    expect(access.allows(theServer, 'pull', 'private')).toBe(true)
  })

  it('calls a group public when all of its members are', () => {
    expect(access.isPublic('open')).toBe(true)
    expect(access.isPublic('private')).toBe(false)
    expect(access.isPublic('all')).toBe(false)
  })
})
