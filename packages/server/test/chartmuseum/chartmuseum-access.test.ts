import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChartMuseum, type TestChartMuseum } from '../../../../test/kit/chartmuseum.ts'
import { buildChart } from '../../../../test/kit/charts.ts'
import { defaultSearchPath, parseSearchPath } from '../../src/chartmuseum/search-path.ts'
import { everyRoute } from './every-route.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

describe('one name and password', () => {
  it('are asked for everywhere but at /info and /health', async () => {
    const chartmuseum = await startChartMuseum([
      '--basic-auth-user=curator',
      '--basic-auth-pass=s:e cret',
      '--enable-metrics',
    ])
    const status = async (path: string, authorization?: string, method = 'GET'): Promise<number> => {
      const body = method === 'POST' ? await buildChart({ name: 'web' }) : ''
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
      return (await chartmuseum.ask(path, { method, headers, body })).status
    }
    for (const path of ['/', '/index.yaml', '/charts/web-1.0.0.tgz', '/api/charts', '/api/charts/web/1.0.0/values']) {
      for (const wrong of [undefined, basic('curator:no'), basic('curator'), basic(':'), 'Bearer x', 'Basic !'])
        expect([path, wrong, await status(path, wrong)]).toEqual([path, wrong, 401])
    }
    const refused = await chartmuseum.ask('/index.yaml')
    expect([refused.headers['www-authenticate'], refused.json()]).toMatchObject([
      'Basic realm="ChartMuseum"',
      { error: 'unauthorized' },
    ])
    expect(await status('/api/charts', undefined, 'POST')).toBe(401)
    expect(await status('/api/charts/web/1.0.0', undefined, 'DELETE')).toBe(401)
    expect(await status('/api/charts', basic('curator:s:e cret'), 'POST')).toBe(201)
    expect(await status('/index.yaml', basic('curator:s:e cret'))).toBe(200)
    for (const path of ['/info', '/health', '/metrics']) expect(await status(path)).toBe(200)
    await chartmuseum.close()
  })

  it.each(
    everyRoute.flatMap(({ name, methods }) =>
      Object.entries(methods).map(([method, { needs }]) => ({ method, template: name, needs })),
    ),
  )('are asked for by $method $template: $needs', async ({ method, template, needs }) => {
    const chartmuseum = await startChartMuseum([
      '--basic-auth-user=u',
      '--basic-auth-pass=p',
      `--web-template-path=${tmpdir()}`,
      '--artifact-hub-repo-id=x',
    ])
    const path = template
      .replace('/:repo', '')
      .replace(/:\w+/g, 'some.tgz')
      .replace(/some\.tgz(?=\/|$)/g, 'some')
    const { status } = await chartmuseum.ask(path, { method })
    expect(status === 401).toBe(needs !== 'nothing')
    await chartmuseum.close()
  })

  it('are not asked for reading where everybody may read', async () => {
    const chartmuseum = await startChartMuseum(['--basic-auth-user=u', '--basic-auth-pass=p', '--auth-anonymous-get'])
    expect((await chartmuseum.ask('/index.yaml')).status).toBe(200)
    expect((await chartmuseum.push(await buildChart({ name: 'web' }))).status).toBe(401)
    await chartmuseum.close()
  })
})

describe('tokens', () => {
  let folder: string
  let key: KeyObject
  let pem: string
  let chartmuseum: TestChartMuseum
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-access-'))
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
    key = pair.privateKey
    pem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
    await writeFile(join(folder, 'auth.pem'), pem)
    chartmuseum = await startChartMuseum([
      '--bearer-auth',
      '--auth-realm=https://auth.test/token',
      '--auth-service=charts.test',
      `--auth-cert-path=${join(folder, 'auth.pem')}`,
      '--depth=2',
    ])
  })
  afterAll(async () => {
    await chartmuseum.close()
    await rm(folder, { recursive: true, force: true })
  })

  const token = (name: string, actions: readonly string[], type = 'artifact-repository'): Promise<string> =>
    new SignJWT({ access: [{ type, name, actions }] }).setProtectedHeader({ alg: 'RS256' }).sign(key)
  const pull = async (authorization: string, path = '/org/repo/index.yaml'): Promise<number> =>
    (await chartmuseum.ask(path, { headers: { authorization } })).status

  it('allow what they name, where they name it', async () => {
    const both = await token('org/repo', ['pull', 'push'])
    expect(await pull(`Bearer ${both}`)).toBe(200)
    expect(await pull(`bearer ${both}`)).toBe(200)
    expect(await pull(`Bearer ${both}`, '/org/other/index.yaml')).toBe(401)
    expect(await pull(`Bearer ${await token('org/repo', ['push'])}`)).toBe(401)
    expect(await pull(`Bearer ${await token('org/repo', ['pull'], 'repository')}`)).toBe(401)
    const body = await buildChart({ name: 'web' })
    const push = async (text: string): Promise<number> =>
      (
        await chartmuseum.ask('/api/org/repo/charts', {
          method: 'POST',
          headers: { authorization: `Bearer ${text}` },
          body,
        })
      ).status
    expect(await push(await token('org/repo', ['pull']))).toBe(401)
    expect(await push(both)).toBe(201)
    const refused = await chartmuseum.ask('/org/repo/index.yaml')
    expect(refused.headers['www-authenticate']).toBe(
      'Bearer realm="https://auth.test/token",service="charts.test",scope="artifact-repository:org/repo:pull"',
    )
  })

  const claims = { access: [{ type: 'artifact-repository', name: 'org/repo', actions: ['pull'] }] }
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  /** A token whose head is as given, signed as RS256 has it, by the key that the server knows. */
  const signed = (head: object, payload: unknown, by: KeyObject = key): string => {
    const text = `${encode(head)}.${encode(payload)}`
    return `${text}.${sign('sha256', Buffer.from(text), by).toString('base64url')}`
  }
  const right = { alg: 'RS256' }
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 })

  it('are made by this test as they should be', async () => {
    expect(await pull(`Bearer ${signed(right, claims)}`)).toBe(200)
  })

  it.each<[string, () => string]>([
    ['another key', () => signed(right, claims, other.privateKey)],
    ['another algorithm', () => signed({ alg: 'RS512' }, claims)],
    ['no algorithm', () => signed({}, claims)],
    ['alg none, and a signature', () => signed({ alg: 'none' }, claims)],
    ['alg none, and none', () => `${encode({ alg: 'none' })}.${encode(claims)}.`],
    ['alg None in other letters', () => `${encode({ alg: 'nOnE' })}.${encode(claims)}.`],
    [
      'the public key as a shared secret',
      () => {
        const text = `${encode({ alg: 'HS256' })}.${encode(claims)}`
        return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`
      },
    ],
    [
      'a key that it brings itself',
      () => signed({ ...right, jwk: other.publicKey.export({ format: 'jwk' }) }, claims, other.privateKey),
    ],
    ['a key at a URL of its own', () => signed({ ...right, jku: 'https://evil.test/keys' }, claims, other.privateKey)],
    ['a critical extension that nobody knows', () => signed({ ...right, crit: ['x'], x: 1 }, claims)],
    ['an unencoded payload', () => signed({ ...right, b64: false, crit: ['b64'] }, claims)],
    ['an empty signature', () => `${encode(right)}.${encode(claims)}.`],
    ['a wrong signature', () => `${encode(right)}.${encode(claims)}.AAAA`],
    ['a changed payload', () => signed(right, {}).replace(/\.[^.]+\./, `.${encode(claims)}.`)],
    ['a payload that is a list', () => signed(right, [claims])],
    ['a payload that is no JSON', () => `${encode(right)}.bm8.bm8`],
    ['an end in the past', () => signed(right, { ...claims, exp: 1 })],
    ['an end that is text', () => signed(right, { ...claims, exp: '9999999999' })],
    ['a beginning in the future', () => signed(right, { ...claims, nbf: Math.floor(Date.now() / 1000) + 3600 })],
    ['access that is text', () => signed(right, { access: 'all' })],
    ['access to nothing', () => signed(right, { access: [null] })],
    ['no access', () => signed(right, {})],
    ['actions that are text', () => signed(right, { access: [{ ...claims.access[0], actions: 'pull' }] })],
    ['two dots and nothing', () => '..'],
    ['no dots', () => 'x'],
  ])('are refused with %s', async (_what, make) => {
    for (const text of [`Bearer ${make()}`, make(), `Basic ${make()}`]) expect(await pull(text)).toBe(401)
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
