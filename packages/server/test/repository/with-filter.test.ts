import { parseIndexFile } from '@chartferry/core/helm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

const start = Date.UTC(2026, 0, 10)
const day = 86_400_000
let upstream: TestUpstream
let server: TestServer
let time: number

beforeEach(async () => {
  time = start
  upstream = await startUpstream()
  const created = (days: number): string => new Date(start - days * day).toISOString()
  await upstream.add({ name: 'web', version: '1.0.0' }, { entry: { created: created(30), deprecated: true } })
  await upstream.add({ name: 'web', version: '1.1.0' }, { entry: { created: created(20) } })
  await upstream.add({ name: 'web', version: '2.0.0-rc.1' }, { entry: { created: created(10) } })
  await upstream.add({ name: 'web', version: '2.0.0' }, { entry: { created: created(2) } })
  await upstream.add({ name: 'web-test', version: '0.1.0' }, { entry: { created: undefined } })
  await upstream.add({ name: 'api', version: '3.0.0' }, { entry: { created: created(1) } })
})
afterEach(async () => {
  await server.close()
  await upstream.close()
})

async function shown(): Promise<string[]> {
  const { entries } = parseIndexFile((await server.ask('/up/index.yaml')).body)
  return [...entries].flatMap(([chart, versions]) => versions.map(({ version }) => `${chart} ${version}`))
}

async function startWith(filter: object): Promise<void> {
  server = await startServer({
    repositories: { all: upstream.url, up: { url: upstream.url, filter } },
    now: () => time,
  })
}

describe('a filter', () => {
  it.each([
    ['allow', { allow: ['web'] }, ['web 2.0.0', 'web 2.0.0-rc.1', 'web 1.1.0', 'web 1.0.0']],
    ['deny over allow', { allow: ['web*'], deny: ['web'] }, ['web-test 0.1.0']],
    ['versions', { versions: '>=1.1.0 <3' }, ['web 2.0.0', 'web 1.1.0']],
    ['prereleases', { allow: ['web'], prereleases: false }, ['web 2.0.0', 'web 1.1.0', 'web 1.0.0']],
    ['deprecated', { allow: ['web'], deprecated: false }, ['web 2.0.0', 'web 2.0.0-rc.1', 'web 1.1.0']],
    ['newest, of what is left', { newest: 1, prereleases: false, versions: '<2' }, ['web 1.1.0', 'web-test 0.1.0']],
    ['minAge', { minAge: '3d' }, ['web 2.0.0-rc.1', 'web 1.1.0', 'web 1.0.0', 'web-test 0.1.0']],
    ['nothing left', { allow: ['none'] }, []],
  ])('by %s', async (_title, filter, expected) => {
    await startWith(filter)
    expect(await shown()).toEqual(expected)
  })

  it('shows a version when it has come of age, under a new ETag', async () => {
    await startWith({ minAge: '3d', allow: ['web', 'api'], newest: 1 })
    expect(await shown()).toEqual(['web 2.0.0-rc.1'])
    const { headers } = await server.ask('/up/index.yaml')
    time += day
    expect(await shown()).toEqual(['web 2.0.0'])
    const after = await server.ask('/up/index.yaml', { headers: { 'if-none-match': headers.etag ?? '' } })
    expect([after.status, after.headers['last-modified']]).toEqual([200, new Date(start + day).toUTCString()])
    time += day
    expect(await shown()).toEqual(['web 2.0.0', 'api 3.0.0'])
  })

  it('keeps what it hides from being pulled by its path, with its provenance', async () => {
    await startWith({ deny: ['api'] })
    const { entries } = parseIndexFile((await server.ask('/all/index.yaml')).body)
    const [hidden, other] = [entries.get('api')?.[0]?.urls[0], entries.get('web')?.[0]?.urls[0]]
    expect((await server.ask(`/all/${hidden}`)).status).toBe(200)
    upstream.forget()
    for (const path of [`/up/${hidden}`, `/up/${hidden}.prov`]) {
      expect((await server.ask(path)).json()).toMatchObject({ code: 'CHART_NOT_FOUND' })
    }
    expect((await server.ask(`/up/${other}`)).status).toBe(200)
    expect(upstream.requests.map(({ path }) => path)).toEqual(['/index.yaml', '/charts/web-2.0.0.tgz'])
  })

  it('goes on when the upstream is gone', async () => {
    await startWith({ allow: ['api'] })
    const { entries } = parseIndexFile((await server.ask('/up/index.yaml')).body)
    const path = `/up/${entries.get('api')?.[0]?.urls[0]}`
    const { body } = await server.ask(path)
    await upstream.stop()
    expect(await shown()).toEqual(['api 3.0.0'])
    expect((await server.ask(path)).body.equals(body)).toBe(true)
  })
})
