// Every route of ChartMuseum's, for every kind of caller, in every way of asking who they are. The routes are the router's own:
// one that has no row here fails.
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startChartMuseum, type TestChartMuseum } from '../../../../test/kit/chartmuseum.ts'
import { buildChart } from '../../../../test/kit/charts.ts'
import { everyRoute } from './every-route.ts'

/** What a route asks of a caller, and a request for it; its own repository is `mine`. */
const rows: Readonly<Record<string, { readonly needs: 'nothing' | 'pull' | 'push'; readonly path: string }>> = {
  'GET /': { needs: 'pull', path: '/' },
  'GET /info': { needs: 'nothing', path: '/info' },
  'GET /health': { needs: 'nothing', path: '/health' },
  'GET /static': { needs: 'pull', path: '/static/page.css' },
  'GET /:repo/index.yaml': { needs: 'pull', path: '/mine/index.yaml' },
  'GET /:repo/charts/:filename': { needs: 'pull', path: '/mine/charts/secret-chart-1.0.0.tgz' },
  'GET /:repo/artifacthub-repo.yml': { needs: 'pull', path: '/mine/artifacthub-repo.yml' },
  'GET /api/:repo/charts': { needs: 'pull', path: '/api/mine/charts' },
  'POST /api/:repo/charts': { needs: 'push', path: '/api/mine/charts' },
  'GET /api/:repo/charts/:name': { needs: 'pull', path: '/api/mine/charts/secret-chart' },
  'GET /api/:repo/charts/:name/:version': { needs: 'pull', path: '/api/mine/charts/secret-chart/1.0.0' },
  'DELETE /api/:repo/charts/:name/:version': { needs: 'push', path: '/api/mine/charts/none/1.0.0' },
  'GET /api/:repo/charts/:name/:version/templates': {
    needs: 'pull',
    path: '/api/mine/charts/secret-chart/1.0.0/templates',
  },
  'GET /api/:repo/charts/:name/:version/values': {
    needs: 'pull',
    path: '/api/mine/charts/secret-chart/1.0.0/values',
  },
  'POST /api/:repo/prov': { needs: 'push', path: '/api/mine/prov' },
}

type Needs = 'pull' | 'push'

/** How the server is started, and who may do what then; others may do nothing. */
const ways: Readonly<
  Record<string, { readonly flags: readonly string[]; readonly may: Readonly<Record<string, readonly Needs[]>> }>
> = {
  'nobody is asked': {
    flags: [],
    may: {
      nobody: ['pull', 'push'],
      stranger: ['pull', 'push'],
      curator: ['pull', 'push'],
      reader: ['pull', 'push'],
      writer: ['pull', 'push'],
      neighbour: ['pull', 'push'],
    },
  },
  'one name and password': {
    flags: ['--basic-auth-user=curator', '--basic-auth-pass=secret'],
    may: { curator: ['pull', 'push'] },
  },
  'one name and password for pushing': {
    flags: ['--basic-auth-user=curator', '--basic-auth-pass=secret', '--auth-anonymous-get'],
    may: {
      nobody: ['pull'],
      stranger: ['pull'],
      curator: ['pull', 'push'],
      reader: ['pull'],
      writer: ['pull'],
      neighbour: ['pull'],
    },
  },
  tokens: {
    flags: ['--bearer-auth', '--auth-realm=https://auth.test/token', '--auth-service=charts.test'],
    may: { reader: ['pull'], writer: ['pull', 'push'] },
  },
  'tokens for pushing': {
    flags: [
      '--bearer-auth',
      '--auth-realm=https://auth.test/token',
      '--auth-service=charts.test',
      '--auth-anonymous-get',
    ],
    may: {
      nobody: ['pull'],
      stranger: ['pull'],
      curator: ['pull'],
      reader: ['pull'],
      writer: ['pull', 'push'],
      neighbour: ['pull'],
    },
  },
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const principals: Record<string, string | undefined> = { nobody: undefined, stranger: basic('curator:wrong') }
const names = ['nobody', 'stranger', 'curator', 'reader', 'writer', 'neighbour']
const chartmuseums = new Map<string, TestChartMuseum>()
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-matrix-'))
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await writeFile(join(folder, 'auth.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
  // At the root a token names the repository `repo`.
  const token = async (repositories: readonly string[], actions: readonly string[]): Promise<string> => {
    const access = repositories.map((name) => ({ type: 'artifact-repository', name, actions }))
    return `Bearer ${await new SignJWT({ access }).setProtectedHeader({ alg: 'RS256' }).sign(privateKey)}`
  }
  principals.curator = basic('curator:secret')
  principals.reader = await token(['repo', 'mine'], ['pull'])
  principals.writer = await token(['repo', 'mine'], ['pull', 'push'])
  principals.neighbour = await token(['theirs'], ['pull', 'push'])
  for (const [name, { flags }] of Object.entries(ways)) {
    const chartmuseum = await startChartMuseum([
      '--depth=1',
      `--web-template-path=${folder}`,
      '--artifact-hub-repo-id=mine=secret-chart',
      ...(flags.includes('--bearer-auth') ? [`--auth-cert-path=${join(folder, 'auth.pem')}`] : []),
      ...flags,
    ])
    chartmuseums.set(name, chartmuseum)
    const body = await buildChart({ name: 'secret-chart' })
    const headers = { authorization: principals[flags.includes('--bearer-auth') ? 'writer' : 'curator'] ?? '' }
    expect((await chartmuseum.ask('/api/mine/charts', { method: 'POST', body, headers })).status).toBe(201)
  }
})
afterAll(async () => {
  for (const chartmuseum of chartmuseums.values()) await chartmuseum.close()
  await rm(folder, { recursive: true, force: true })
})

describe('the matrix of access to ChartMuseum’s routes', () => {
  it('has a row for every route and no other, each with what the route says that it needs', () => {
    const declared = everyRoute.flatMap(({ name, methods }) =>
      Object.entries(methods).map(([method, { needs }]) => [`${method} ${name}`, needs]),
    )
    expect(Object.fromEntries(Object.entries(rows).map(([key, { needs }]) => [key, needs]))).toEqual(
      Object.fromEntries(declared),
    )
  })

  describe.each(Object.entries(ways))('where %s', (way, { may }) => {
    it.each(names.flatMap((name) => Object.keys(rows).map((key) => ({ name, key }))))(
      '$name: $key',
      async ({ name, key }) => {
        const { needs, path } = rows[key] ?? { needs: 'nothing', path: '' }
        const isAllowed = needs === 'nothing' || may[name]?.includes(needs) === true
        const method = key.slice(0, key.indexOf(' '))
        const authorization = principals[name]
        for (const sent of method === 'GET' ? ['GET', 'HEAD'] : [method]) {
          const answer = await chartmuseums.get(way)?.ask(path, {
            method: sent,
            headers: authorization === undefined ? {} : { authorization },
            ...(sent === 'POST' ? { body: Buffer.from('no archive') } : {}),
          })
          if (isAllowed) {
            expect([401, 403]).not.toContain(answer?.status)
            continue
          }
          expect(answer?.status).toBe(401)
          expect(answer?.headers['www-authenticate']).toMatch(
            way.startsWith('tokens') ? /^Bearer realm="https:\/\/auth\.test\/token",/ : /^Basic realm="ChartMuseum"$/,
          )
          if (sent !== 'HEAD') expect(answer?.json()).toMatchObject({ error: 'unauthorized' })
          expect(answer?.body.toString()).not.toContain('secret-chart')
        }
      },
    )
  })
})
