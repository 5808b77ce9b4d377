import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
let upstream: TestUpstream
let server: TestServer

beforeAll(async () => {
  upstream = await startUpstream([{ name: 'web' }, { name: 'web', version: '2.0.0-rc.1' }])
  await upstream.add(
    { name: 'evil' },
    { entry: { description: '<script>alert(1)</script> & "x"', home: 'javascript:alert(1)' } },
  )
  server = await startServer({
    repositories: { local: { kind: 'hosted' }, up: upstream.url, down: 'http://127.0.0.1:1' },
  })
  await server.ask('/down/index.yaml')
})
afterAll(async () => {
  await server.close()
  await upstream.close()
})

describe('the pages', () => {
  it('lead a browser from the repositories to an archive', async () => {
    const home = await server.ask('/', { headers: browser })
    expect(home.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    })
    expect(home.body.toString()).toContain('<a href="/up">up</a>')
    expect(home.body.toString()).toContain('class="ill">unreachable (refused) · will retry')
    const charts = (await server.ask('/up', { headers: browser })).body.toString()
    expect(charts).toContain('<a href="/up/chart/web">web</a></td>\n<td>1.0.0</td><td>2</td>')
    const chart = (await server.ask('/up/chart/web')).body.toString()
    expect(chart).toContain(`helm install my-web up/web --version 1.0.0`)
    const [, link = ''] = /href="(\/up\/charts\/[^"]+1\.0\.0\.tgz)"/.exec(chart) ?? []
    expect((await server.ask(link)).body.equals(upstream.files.get('charts/web-1.0.0.tgz') ?? Buffer.alloc(0))).toBe(
      true,
    )
  })

  it('escape what upstreams and people say', async () => {
    for (const path of ['/up', '/up/chart/evil', '/up?q=%22%3E%3Cscript%3E']) {
      const page = (await server.ask(path)).body.toString()
      expect(page).not.toContain('<script')
      expect(page).not.toContain('javascript:')
    }
    expect((await server.ask('/up/chart/evil')).body.toString()).toContain('&#60;script&#62;alert(1)')
  })

  it('search', async () => {
    const page = (await server.ask('/up?q=SCRIPT')).body.toString()
    expect(page).toContain('/up/chart/evil')
    expect(page).not.toContain('/up/chart/web')
  })

  it.each([
    ['/none', 'REPOSITORY_NOT_FOUND'],
    ['/up/chart/none', 'CHART_NOT_FOUND'],
  ])('do not exist at %s', async (path, code) => {
    expect((await server.ask(path)).json()).toMatchObject({ code })
  })
})
