// Every route, for five principals, on an open repository, a private one, and a group that has a private member. The
// routes are the router's own: one that has no row here fails.
import { createHash } from 'node:crypto'
import { digestOf } from '@chartferry/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../../../test/kit/charts.ts'
import { type Answer, startServer, type TestServer } from '../../../test/kit/server.ts'
import { scriptPath, stylePath } from '../src/pages/assets.ts'
import { pageRoutes } from '../src/pages/page-routes.ts'
import { adminRoutes, healthRoutes } from '../src/routes/admin-routes.ts'
import { prefetchRoute } from '../src/routes/prefetch.ts'
import { routesOf } from '../src/routes/routes.ts'
import { tokenRoutes } from '../src/routes/token.ts'

/** What a route asks of a caller, and a request for it. `{r}` is the repository. */
const rows: Readonly<Record<string, { readonly needs: string; readonly path: string }>> = {
  'GET /': { needs: 'listing', path: '/' },
  'GET /healthz': { needs: 'nothing', path: '/healthz' },
  'GET /readyz': { needs: 'nothing', path: '/readyz' },
  'GET /metrics': { needs: 'metrics', path: '/metrics' },
  'GET /v2': { needs: 'login', path: '/v2/' },
  'GET /v2/:repository/*chart/tags/list': { needs: 'pull', path: '/v2/{r}/secret-chart/tags/list' },
  'GET /v2/:repository/*chart/manifests/:reference': { needs: 'pull', path: '/v2/{r}/secret-chart/manifests/1.0.0' },
  'GET /v2/:repository/*chart/blobs/:reference': { needs: 'pull', path: '/v2/{r}/secret-chart/blobs/{digest}' },
  'GET /v2/:repository/*chart/referrers/:reference': { needs: 'pull', path: '/v2/{r}/secret-chart/referrers/{digest}' },
  'GET /v2/token': { needs: 'listing', path: '/v2/token?scope=repository:{r}/image:pull' },
  'POST /v2/token': { needs: 'listing', path: '/v2/token' },
  'GET /v2/*prefix': { needs: 'login', path: '/v2/some/prefix/' },
  'PUT /v2/:repository/*chart/manifests/:reference': { needs: 'push', path: '/v2/{r}/image/manifests/v1' },
  'DELETE /v2/:repository/*chart/manifests/:reference': { needs: 'delete', path: '/v2/{r}/image/manifests/v1' },
  'DELETE /v2/:repository/*chart/blobs/:reference': { needs: 'delete', path: '/v2/{r}/image/blobs/{digest}' },
  'POST /v2/:repository/*chart/blobs/uploads': { needs: 'push', path: '/v2/{r}/image/blobs/uploads/' },
  'GET /v2/:repository/*chart/blobs/uploads/:session': { needs: 'push', path: '/v2/{r}/image/blobs/uploads/one' },
  'PATCH /v2/:repository/*chart/blobs/uploads/:session': { needs: 'push', path: '/v2/{r}/image/blobs/uploads/one' },
  'PUT /v2/:repository/*chart/blobs/uploads/:session': { needs: 'push', path: '/v2/{r}/image/blobs/uploads/one' },
  'DELETE /v2/:repository/*chart/blobs/uploads/:session': { needs: 'push', path: '/v2/{r}/image/blobs/uploads/one' },
  'GET /api/:repository/quarantine': { needs: 'pull', path: '/api/{r}/quarantine' },
  'POST /admin/prefetch': { needs: 'admin', path: '/admin/prefetch' },
  'POST /admin/tidy': { needs: 'admin', path: '/admin/tidy' },
  'POST /admin/reload': { needs: 'admin', path: '/admin/reload' },
  'GET /api/:repository/changes': { needs: 'pull', path: '/api/{r}/changes' },
  'POST /api/:repository/charts': { needs: 'push', path: '/api/{r}/charts' },
  'GET /api/:repository/charts': { needs: 'pull', path: '/api/{r}/charts' },
  'GET /api/:repository/charts/:name': { needs: 'pull', path: '/api/{r}/charts/secret-chart' },
  'GET /api/:repository/charts/:name/:version': { needs: 'pull', path: '/api/{r}/charts/secret-chart/1.0.0' },
  'DELETE /api/:repository/charts/:name/:version': { needs: 'delete', path: '/api/{r}/charts/none/1.0.0' },
  'GET /api/:repository/charts/:name/:version/templates': {
    needs: 'pull',
    path: '/api/{r}/charts/secret-chart/1.0.0/templates',
  },
  'GET /api/:repository/charts/:name/:version/values': {
    needs: 'pull',
    path: '/api/{r}/charts/secret-chart/1.0.0/values',
  },
  'GET /api/:repository/charts/:name/:version/relocation': {
    needs: 'pull',
    path: '/api/{r}/charts/secret-chart/1.0.0/relocation',
  },
  'POST /api/:repository/prov': { needs: 'push', path: '/api/{r}/prov' },
  'GET /:repository/index.yaml': { needs: 'pull', path: '/{r}/index.yaml' },
  'GET /:repository/index.json': { needs: 'pull', path: '/{r}/index.json' },
  'GET /:repository/charts/*path': { needs: 'pull', path: '/{r}/charts/{archive}' },
  'GET /:repository/only/:charts/index.yaml': { needs: 'pull', path: '/{r}/only/secret-chart,open-chart/index.yaml' },
  'GET /:repository/only/:charts/index.json': { needs: 'pull', path: '/{r}/only/secret-chart,open-chart/index.json' },
  'GET /:repository/only/:charts/charts/*path': { needs: 'pull', path: '/{r}/only/secret-chart/charts/{archive}' },
  [`GET ${stylePath}`]: { needs: 'nothing', path: stylePath },
  [`GET ${scriptPath}`]: { needs: 'nothing', path: scriptPath },
  'GET /-/icon.svg': { needs: 'nothing', path: '/-/icon.svg' },
  'GET /-/sign-in': { needs: 'listing', path: '/-/sign-in' },
  'POST /-/sign-in': { needs: 'listing', path: '/-/sign-in' },
  'POST /-/sign-out': { needs: 'listing', path: '/-/sign-out' },
  'GET /-/search': { needs: 'listing', path: '/-/search?q=chart' },
  'GET /-/images': { needs: 'listing', path: '/-/images' },
  'GET /-/images/:repository/*path': { needs: 'pull', path: '/-/images/{r}/image' },
  'GET /:repository/upload': { needs: 'push', path: '/{r}/upload' },
  'POST /:repository/upload': { needs: 'push', path: '/{r}/upload' },
  'GET /:repository/chart/:chart': { needs: 'pull', path: '/{r}/chart/secret-chart' },
  'GET /:repository/chart/:chart/:version': { needs: 'pull', path: '/{r}/chart/secret-chart/1.0.0' },
  'GET /:repository/chart/:chart/:version/values': { needs: 'pull', path: '/{r}/chart/secret-chart/1.0.0/values' },
  'GET /:repository/chart/:chart/:version/images': { needs: 'pull', path: '/{r}/chart/secret-chart/1.0.0/images' },
  'GET /:repository/chart/:chart/:version/versions': { needs: 'pull', path: '/{r}/chart/secret-chart/1.0.0/versions' },
  'GET /:repository/chart/:chart/:version/difference': {
    needs: 'pull',
    path: '/{r}/chart/secret-chart/1.0.0/difference?to=1.0.0',
  },
  'GET /:repository/chart/:chart/:version/delete': { needs: 'delete', path: '/{r}/chart/secret-chart/1.0.0/delete' },
  'POST /:repository/chart/:chart/:version/delete': { needs: 'delete', path: '/{r}/chart/none/1.0.0/delete' },
  'GET /:repository': { needs: 'pull', path: '/{r}' },
}

const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
const principals: Readonly<Record<string, string | undefined>> = {
  nobody: undefined,
  stranger: basic('owner', 'wrong'),
  reader: basic('reader', 'reader-password'),
  owner: basic('owner', 'owner-password'),
  robot: 'Bearer long-random-token-of-robot',
}

/** Who may do what: what the configuration below says, in other words. */
const allowed: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  open: { pull: ['nobody', 'reader', 'owner', 'robot'], push: ['owner', 'robot'], delete: ['owner'] },
  private: { pull: ['owner', 'robot'], push: ['robot'], delete: ['owner'] },
  group: { pull: ['nobody', 'reader', 'owner', 'robot'], push: [], delete: [] },
}
const ofServer: Readonly<Record<string, readonly string[]>> = { metrics: ['owner'], admin: ['robot'] }

let server: TestServer
let digest: string

beforeAll(async () => {
  server = await startServer({
    repositories: {
      open: { kind: 'hosted', access: { pull: ['anyone'], push: ['owner', 'robot'], delete: ['owner'] } },
      private: { kind: 'hosted', access: { pull: ['owner', 'robot'], push: ['robot'], delete: ['owner'] } },
      group: { kind: 'group', members: ['open', 'private'], access: { pull: ['anyone'], push: [], delete: [] } },
    },
    settings: {
      auth: {
        users: { reader: { password: 'reader-password' }, owner: { password: 'owner-password' } },
        tokens: { robot: { sha256: createHash('sha256').update('long-random-token-of-robot').digest('hex') } },
      },
      access: { metrics: ['owner'], admin: ['robot'] },
    },
  })
  for (const [repository, name] of [
    ['open', 'open-chart'],
    ['private', 'secret-chart'],
  ] as const) {
    const archive = await buildChart({ name })
    const answer = await ask('robot', 'POST', `/api/${repository}/charts`, archive)
    expect(answer.status).toBe(201)
    digest = digestOf(archive)
  }
})
afterAll(() => server.close())

function ask(principal: string, method: string, path: string, body?: Uint8Array): Promise<Answer> {
  const authorization = principals[principal]
  return server.ask(path, {
    method,
    headers: authorization === undefined ? {} : { authorization },
    ...(body === undefined ? {} : { body }),
  })
}

/** 401 for who is not known, 403 for who is known and not allowed, undefined for who gets through. */
function refusal(principal: string, needs: string, repository: string): number | undefined {
  if (needs === 'nothing') return undefined
  if (principal === 'stranger') return 401
  if (needs === 'login') return principal === 'nobody' ? 401 : undefined
  if (needs === 'listing') return undefined
  const may = ofServer[needs] ?? allowed[repository]?.[needs] ?? []
  if (may.includes(principal)) return undefined
  return principal === 'nobody' ? 401 : 403
}

const nothing = {} as never
const all = [
  prefetchRoute(nothing),
  ...tokenRoutes(nothing),
  ...healthRoutes(nothing),
  ...adminRoutes(nothing),
  ...routesOf({ chartApi: {}, pushes: {} } as Parameters<typeof routesOf>[0]),
  ...pageRoutes({ chartApi: {}, signIn: {} } as Parameters<typeof pageRoutes>[0], []),
]
const routes = all.flatMap(({ path, methods }) =>
  Object.entries(methods).map(([method, { needs }]) => ({ key: `${method} ${path}`, method, needs })),
)

describe('the matrix of access', () => {
  it('has a row for every route and no other, each with what the route says that it needs', () => {
    const declared = Object.fromEntries(routes.map(({ key, needs }) => [key, needs]))
    expect(Object.fromEntries(Object.entries(rows).map(([key, { needs }]) => [key, needs]))).toEqual(declared)
  })

  describe.each(Object.keys(principals))('%s', (principal) => {
    const cells = routes.flatMap(({ key, method, needs }) => {
      const path = rows[key]?.path ?? ''
      const repositories = path.includes('{r}') ? Object.keys(allowed) : ['']
      return repositories.map((repository) => ({ key, method, needs, path, repository }))
    })

    it.each(cells)('$key of "$repository"', async ({ method, needs, path, repository }) => {
      const archive = repository === 'group' ? 'private/secret-chart-1.0.0.tgz' : 'secret-chart-1.0.0.tgz'
      const asked = path.replace('{r}', repository).replace('{archive}', archive).replace('{digest}', digest)
      for (const sent of method === 'GET' ? ['GET', 'HEAD'] : [method]) {
        const answer = await ask(principal, sent, asked, sent === 'POST' ? Buffer.from('no archive') : undefined)
        const expected = refusal(principal, needs, repository)
        if (expected === undefined) expect([401, 403]).not.toContain(answer.status)
        else expect(answer.status).toBe(expected)
        const challenge = answer.headers['www-authenticate'] ?? ''
        const scheme = asked.startsWith('/v2/') && !asked.startsWith('/v2/token') ? 'Bearer realm=' : 'Basic realm='
        if (expected === 401) expect(challenge).toContain(scheme)
        else expect(challenge).toBe('')
        // What only some may see is seen by nobody else, and kept by no shared cache.
        if (!['owner', 'robot'].includes(principal) && sent === 'GET') {
          const text = answer.body.toString()
          if (needs === 'listing') expect(text).not.toContain('private')
          else if (answer.status === 200) expect(text).not.toContain('secret-chart')
          else if (repository === 'group' && expected === undefined) expect(text).not.toMatch(/credentials|rules/)
        }
        if (answer.status === 200 && repository !== 'open' && needs !== 'nothing')
          expect(answer.headers['cache-control']).not.toMatch(/public/)
      }
    })
  })

  it('shows the whole group to who may pull from all of its members', async () => {
    for (const principal of ['owner', 'robot'])
      expect((await ask(principal, 'GET', '/group/index.yaml')).body.toString()).toContain('secret-chart')
    const some = await ask('reader', 'GET', '/group/index.yaml')
    expect(some.body.toString()).toContain('open-chart')
    expect(some.headers).toMatchObject({
      'cache-control': 'private, no-cache',
      vary: 'Authorization, Accept, Accept-Encoding',
    })
    expect((await ask('owner', 'GET', '/group/charts/private/secret-chart-1.0.0.tgz')).status).toBe(200)
    expect((await ask('reader', 'GET', '/group/charts/private/secret-chart-1.0.0.tgz')).status).toBe(404)
    const listed = (await ask('reader', 'GET', '/')).body.toString()
    expect(listed).toContain('open')
    expect(listed).not.toContain('private')
  })

  it('does not tell a stranger which repositories there are', async () => {
    const [unknown, known] = [
      await ask('nobody', 'GET', '/nowhere/index.yaml'),
      await ask('nobody', 'GET', '/private/index.yaml'),
    ]
    expect([unknown.status, known.status]).toEqual([401, 401])
  })
})
