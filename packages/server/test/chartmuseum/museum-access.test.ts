import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../../../../test/kit/charts.ts'
import { startMuseum, type TestMuseum } from '../../../../test/kit/museum.ts'
import { museumRoutes } from '../../src/chartmuseum/match-route.ts'
import { defaultSearchPath, parseSearchPath } from '../../src/chartmuseum/search-path.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

describe('one name and password', () => {
  it('are asked for everywhere but at /info and /health', async () => {
    const museum = await startMuseum(['--basic-auth-user=curator', '--basic-auth-pass=s:e cret', '--enable-metrics'])
    const status = async (path: string, authorization?: string, method = 'GET'): Promise<number> => {
      const body = method === 'POST' ? await buildChart({ name: 'web' }) : ''
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
      return (await museum.ask(path, { method, headers, body })).status
    }
    for (const path of ['/', '/index.yaml', '/charts/web-1.0.0.tgz', '/api/charts', '/api/charts/web/1.0.0/values']) {
      for (const wrong of [undefined, basic('curator:no'), basic('curator'), basic(':'), 'Bearer x', 'Basic !'])
        expect([path, wrong, await status(path, wrong)]).toEqual([path, wrong, 401])
    }
    const refused = await museum.ask('/index.yaml')
    expect([refused.headers['www-authenticate'], refused.json()]).toMatchObject([
      'Basic realm="ChartMuseum"',
      { error: 'unauthorized' },
    ])
    expect(await status('/api/charts', undefined, 'POST')).toBe(401)
    expect(await status('/api/charts/web/1.0.0', undefined, 'DELETE')).toBe(401)
    expect(await status('/api/charts', basic('curator:s:e cret'), 'POST')).toBe(201)
    expect(await status('/index.yaml', basic('curator:s:e cret'))).toBe(200)
    for (const path of ['/info', '/health', '/metrics']) expect(await status(path)).toBe(200)
    await museum.close()
  })

  it.each(
    museumRoutes.flatMap(({ template, methods }) =>
      Object.entries(methods).map(([method, action]) => ({ method, template, action })),
    ),
  )('are asked for by $method $template: $action', async ({ method, template, action }) => {
    const museum = await startMuseum([
      '--basic-auth-user=u',
      '--basic-auth-pass=p',
      `--web-template-path=${tmpdir()}`,
      '--artifact-hub-repo-id=x',
    ])
    const path = template
      .replace('/:repo', '')
      .replace(/:\w+/g, 'some.tgz')
      .replace(/some\.tgz(?=\/|$)/g, 'some')
    const { status } = await museum.ask(path, { method })
    expect(status === 401).toBe(action !== undefined)
    await museum.close()
  })

  it('are not asked for reading where everybody may read', async () => {
    const museum = await startMuseum(['--basic-auth-user=u', '--basic-auth-pass=p', '--auth-anonymous-get'])
    expect((await museum.ask('/index.yaml')).status).toBe(200)
    expect((await museum.push(await buildChart({ name: 'web' }))).status).toBe(401)
    await museum.close()
  })
})

describe('tokens', () => {
  let folder: string
  let key: KeyObject
  let museum: TestMuseum
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-access-'))
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
    key = pair.privateKey
    await writeFile(join(folder, 'auth.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }))
    museum = await startMuseum([
      '--bearer-auth',
      '--auth-realm=https://auth.test/token',
      '--auth-service=charts.test',
      `--auth-cert-path=${join(folder, 'auth.pem')}`,
      '--depth=2',
    ])
  })
  afterAll(async () => {
    await museum.close()
    await rm(folder, { recursive: true, force: true })
  })

  const token = (name: string, actions: readonly string[], type = 'artifact-repository'): Promise<string> =>
    new SignJWT({ access: [{ type, name, actions }] }).setProtectedHeader({ alg: 'RS256' }).sign(key)
  const pull = async (authorization: string, path = '/org/repo/index.yaml'): Promise<number> =>
    (await museum.ask(path, { headers: { authorization } })).status

  it('allow what they name, where they name it', async () => {
    const both = await token('org/repo', ['pull', 'push'])
    expect(await pull(`Bearer ${both}`)).toBe(200)
    expect(await pull(`bearer ${both}`)).toBe(200)
    expect(await pull(`Bearer ${both}`, '/org/other/index.yaml')).toBe(401)
    expect(await pull(`Bearer ${await token('org/repo', ['push'])}`)).toBe(401)
    expect(await pull(`Bearer ${await token('org/repo', ['pull'], 'repository')}`)).toBe(401)
    const body = await buildChart({ name: 'web' })
    const push = async (text: string): Promise<number> =>
      (await museum.ask('/api/org/repo/charts', { method: 'POST', headers: { authorization: `Bearer ${text}` }, body }))
        .status
    expect(await push(await token('org/repo', ['pull']))).toBe(401)
    expect(await push(both)).toBe(201)
    const refused = await museum.ask('/org/repo/index.yaml')
    expect(refused.headers['www-authenticate']).toBe(
      'Bearer realm="https://auth.test/token",service="charts.test",scope="artifact-repository:org/repo:pull"',
    )
  })

  it('are refused when they are of any wrong kind', async () => {
    const claims = { access: [{ type: 'artifact-repository', name: 'org/repo', actions: ['pull'] }] }
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const sign = (from: SignJWT, by: KeyObject | Uint8Array, alg: string): Promise<string> =>
      from.setProtectedHeader({ alg }).sign(by)
    const wrong = [
      await sign(new SignJWT(claims), other, 'RS256'),
      await sign(new SignJWT(claims), key, 'RS512'),
      await sign(new SignJWT(claims), Buffer.alloc(32, 1), 'HS256'),
      await sign(new SignJWT(claims).setExpirationTime(1), key, 'RS256'),
      await sign(new SignJWT(claims).setNotBefore('1h'), key, 'RS256'),
      await sign(new SignJWT({ access: 'all' }), key, 'RS256'),
      await sign(new SignJWT({ access: [null] }), key, 'RS256'),
      await sign(new SignJWT({}), key, 'RS256'),
      `${encode({ alg: 'none' })}.${encode(claims)}.`,
      `${encode({ alg: 'RS256' })}.${encode(claims)}.AAAA`,
      'x',
    ]
    for (const text of wrong) expect([text, await pull(`Bearer ${text}`)]).toEqual([text, 401])
  })
})

describe('parseSearchPath', () => {
  const claims = {
    access: [
      { name: 'a', type: 't', actions: ['pull'] },
      { name: 'b', type: 't', actions: ['push'] },
      { name: 'b', type: 'u', actions: ['delete'] },
    ],
    roles: { 'my-role': ['pull'] },
  }
  const words = { $NAMESPACE: 'b', $ACCESS_ENTRY_TYPE: 't' }

  it.each([
    [defaultSearchPath, ['push']],
    ['access[0].actions', ['pull']],
    ['access[-1].actions', ['delete']],
    ["access[?name=='$NAMESPACE'].actions | [1]", ['delete']],
    ["access[?name=='a' || type=='u'].actions | [0]", ['pull']],
    ["access[?(name!='a' && type=='u')].actions[0] | [0]", 'delete'],
    ['access[*].name', ['a', 'b', 'b']],
    ['roles."my-role"', ['pull']],
    ['none.at.all', undefined],
    ['access.name', undefined],
  ])('finds %s', (path, found) => {
    expect(parseSearchPath(path)(claims, words)).toEqual(found)
  })

  it.each(['', '|', 'a |', 'a[', 'a[?b]', 'a..b', 'a b', 'length(a)', '&a', "a[?b=='c'"])('refuses %j', (path) => {
    expect(() => parseSearchPath(path)).toThrow('--auth-actions-search-path: cannot read')
  })

  it('takes no name of a repository for a part of the path', () => {
    const path = parseSearchPath(defaultSearchPath)
    expect(path(claims, { ...words, $NAMESPACE: "x' || name=='a" })).toBeUndefined()
  })
})
