import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isChartferryError } from '@chartferry/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServerConfig } from '../../src/config/config.ts'
import { parseConfig } from '../../src/config/load-config.ts'

const hash = '$2y$10$nOUIs5kJ7naTuTFkBy1veuK0kSxUFXfuaOKdOKf9xYT0KKIGSJwFa'
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-auth-'))
  const files = {
    'users.htpasswd': `alice:${hash}\nbob:${hash}\n`,
    'bad.htpasswd': 'alice:plain\n',
    secret: 'from a file\n',
    empty: '\n',
    'ci.token': 'long-random-token-of-ci\n',
    'short.token': 'short',
    'public.pem': pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    'private.pem': pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const parse = (text: string): Promise<ServerConfig> =>
  parseConfig(text, { file: join(folder, 'server.yaml'), environment: { SECRET: 'from outside' }, overrides: {} })

async function faultsOf(text: string): Promise<readonly string[]> {
  const thrown: unknown = await parse(text).catch((failure: unknown) => failure)
  if (!isChartferryError(thrown, 'CONFIG_INVALID')) throw new Error('no CONFIG_INVALID was thrown')
  return (thrown.details.faults as string[]).map((fault) => fault.replaceAll(`${folder}/`, ''))
}

describe('the settings auth and access', () => {
  it('know users, tokens, groups and issuers', async () => {
    const { auth } = await parse(`
auth:
  usersFile: users.htpasswd
  users:
    carol: { password: "\${SECRET}" }
    dave: { passwordFile: secret }
    erin: { passwordHash: "${hash}" }
  tokens:
    ci: { tokenFile: ci.token, expires: 2027-01-31 }
  groups:
    release: [alice, ci]
    ops: [carol, alice]
  issuers:
    - { issuer: https://id.example.com, audience: charts, groupsClaim: groups, keyFile: public.pem, algorithms: [ES256] }
`)
    expect(Object.fromEntries(auth.users)).toEqual({
      alice: { password: { bcrypt: hash }, groups: ['release', 'ops'] },
      bob: { password: { bcrypt: hash }, groups: [] },
      carol: { password: { plain: 'from outside' }, groups: ['ops'] },
      dave: { password: { plain: 'from a file' }, groups: [] },
      erin: { password: { bcrypt: hash }, groups: [] },
    })
    const sha256 = createHash('sha256').update('long-random-token-of-ci').digest()
    expect(auth.tokens).toEqual([{ name: 'ci', sha256, groups: ['release'], expires: Date.UTC(2027, 0, 31) }])
    expect(auth.issuers).toMatchObject([{ issuer: 'https://id.example.com', nameClaim: 'sub', algorithms: ['ES256'] }])
  })

  it('leave pulling open and changes to this machine where nobody is known', async () => {
    expect((await parse('')).access).toEqual({
      pull: ['anyone'],
      push: ['loopback'],
      delete: ['loopback'],
      metrics: ['anyone'],
      admin: ['loopback'],
    })
  })

  it('close everything but to users where somebody is known', async () => {
    expect((await parse('auth: { users: { alice: { password: x } } }')).access).toMatchObject({
      pull: ['users'],
      push: ['users'],
      delete: ['users'],
      metrics: ['users'],
    })
  })

  it('leave metrics open where they have an address of their own', async () => {
    const { access } = await parse('adminListen: :9090\nauth: { users: { alice: { password: x } } }')
    expect(access).toMatchObject({ pull: ['users'], metrics: ['anyone'], admin: [] })
  })

  it('fill what a repository leaves out from the rules for all', async () => {
    const { repositories } = await parse(`
auth: { usersFile: users.htpasswd, groups: { release: [alice] } }
access: { pull: [anyone], push: [group:release] }
repositories:
  open: { kind: hosted }
  closed: { kind: hosted, access: { pull: [bob], delete: [] } }
`)
    expect(repositories.get('open')?.access).toEqual({ pull: ['anyone'], push: ['group:release'], delete: ['users'] })
    expect(repositories.get('closed')?.access).toEqual({ pull: ['bob'], push: ['group:release'], delete: [] })
  })

  it('tell all faults at once, each with its place', async () => {
    const faults = await faultsOf(`auth:
  usersFile: bad.htpasswd
  users:
    alice: { password: x, passwordFile: secret }
    bob: { password: x }
    carol: { passwordHash: abc }
    dave: { passwordFile: empty }
  tokens:
    bob: { sha256: ${'a'.repeat(64)} }
    ci: {}
    short: { tokenFile: short.token }
  groups:
    ops: [bob, nobody]
access:
  push: [alcie, group:opps]
repositories:
  local:
    kind: hosted
    access:
      pull: [bobb]
`)
    expect(faults).toEqual([
      expect.stringMatching(/^server.yaml:1: auth: usersFile: bad.htpasswd:1: .*htpasswd -B/),
      'server.yaml:4: auth.users.alice: needs one of password, passwordFile and passwordHash',
      expect.stringMatching(/^server.yaml:6: auth.users.carol: passwordHash must be/),
      'server.yaml:7: auth.users.dave: passwordFile: empty is empty',
      'server.yaml:9: auth.tokens.bob: is the name of a user too',
      'server.yaml:10: auth.tokens.ci: needs one of sha256 and tokenFile',
      'server.yaml:11: auth.tokens.short: tokenFile: a token has at least 20 characters',
      'server.yaml:13: auth.groups.ops: there is no user or token "nobody"',
      'server.yaml:15: access.push: there is no user, token or word "alcie"',
      'server.yaml:15: access.push: there is no group opps with a member',
      'server.yaml:20: repositories.local.access.pull: there is no user, token or word "bobb"',
    ])
  })

  it.each([
    ['algorithms with a shared secret', 'algorithms: [HS256]', /algorithms/],
    ['no algorithm', 'algorithms: [none]', /algorithms/],
    ['a private key', 'keyFile: private.pem', /no public key/],
    ['a file that is no key', 'keyFile: secret', /no public key/],
    ['a file that is not there', 'keyFile: nothing.pem', /there is no file .*nothing\.pem/],
    ['keys in two places', 'keyFile: public.pem, jwksUrl: "https://id.example.com/keys"', /one of the two/],
  ])('refuse an issuer with %s', async (_what, setting, fault) => {
    const faults = await faultsOf(`auth: { issuers: [{ issuer: "https://id.example.com", audience: a, ${setting} }] }`)
    expect(faults.join('\n')).toMatch(fault)
  })

  it.each(['anyone', 'users', 'loopback', 'token', 'a b', 'a:b'])('take no user called %s', async (name) => {
    expect((await faultsOf(`auth: { users: { "${name}": { password: x } } }`)).join()).toContain('auth.users')
  })
})
