import { describe, expect, it } from 'vitest'
import { describeAccess } from '../../src/auth/describe-access.ts'
import { defaultAccess } from '../../src/config/access-config.ts'
import { knowsLoopback } from '../../src/config/loopback.ts'

const nobody = { users: new Map(), tokens: [], issuers: [] }

describe('describeAccess', () => {
  it('says what is open to whom, and what makes it open to others', () => {
    const access = defaultAccess(nobody, false)
    expect(describeAccess({ access, repositories: new Map([['local', { access }]]), knowsLoopback: true })).toEqual([
      'pull: anyone · push: programs of this machine · delete: programs of this machine · metrics: anyone · admin: programs of this machine',
      'If a proxy on this machine passes requests on, they count as requests of this machine. In that case set publicUrl or auth.',
    ])
    expect(describeAccess({ access, repositories: new Map(), knowsLoopback: false })[0]).toBe(
      'pull: anyone · push: nobody · delete: nobody · metrics: anyone · admin: nobody',
    )
  })

  it('names the repositories that have rules of their own', () => {
    const access = defaultAccess(nobody, false)
    const own = { pull: ['users', 'group:ops'], push: [], delete: access.delete }
    expect(
      describeAccess({ access, repositories: new Map([['vault', { access: own }]]), knowsLoopback: true })[1],
    ).toBe('vault: pull: whoever has credentials, group:ops · push: nobody · delete: programs of this machine')
  })

  it('leaves the administration to nobody once somebody is known', () => {
    const token = { name: 'ci', sha256: new Uint8Array(32), groups: [] }
    expect(defaultAccess({ ...nobody, tokens: [token] }, false).admin).toEqual([])
  })
})

describe('knowsLoopback', () => {
  it.each([
    [{ host: '127.0.0.1' }, true],
    [{ host: '::1' }, true],
    [{ host: 'localhost' }, true],
    [{ host: '0.0.0.0' }, false],
    [{ host: '::' }, false],
    [{ host: '10.0.0.1' }, false],
    [{ host: '127.0.0.1', publicUrl: 'https://charts.example.com' }, false],
    [{ host: '127.0.0.1', trustedProxies: ['10.0.0.0/8'] }, false],
  ])('%j: %s', (place, expected) => expect(knowsLoopback(place)).toBe(expected))
})
