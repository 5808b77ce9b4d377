import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildArchive } from '../../../../test/kit/charts.ts'
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
  const pod = (image: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "${image}"}]}\n`
  await upstream.add({
    name: 'pod',
    values: 'more: {enabled: false}\n',
    templates: {
      'pod.yaml': pod('quay.io/acme/pod:1'),
      'more.yaml': `{{ if .Values.more.enabled }}\n${pod('quay.io/acme/more:2')}{{ end }}`,
    },
  })
  await upstream.add({ name: 'gone' })
  upstream.files.delete('charts/gone-1.0.0.tgz')
  await upstream.add({ name: 'torn' }, { bytes: await buildArchive([{ name: 'torn/values.yaml', data: 'a: 1\n' }]) })
  server = await startServer({
    repositories: { local: { kind: 'hosted' }, up: upstream.url, down: 'http://127.0.0.1:1' },
  })
  await server.ask('/down/index.yaml')
})
afterAll(async () => {
  await server.close()
  await upstream.close()
})

/** A page once nothing is looked for any more. */
async function whenKnown(path: string): Promise<string> {
  for (;;) {
    const page = await server.ask(path, { headers: browser })
    if (page.headers.refresh === undefined) return page.body.toString()
  }
}

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
    expect(charts).toContain(
      '<a href="/up/chart/web">web</a></td><td data-name="newest">1.0.0</td><td data-name="versions">2</td>',
    )
    const chart = (await server.ask('/up/chart/web')).body.toString()
    expect(chart).toContain(`helm install my-web up/web --version 1.0.0`)
    expect(chart).toContain('<a href="/up/chart/web/2.0.0-rc.1">2.0.0-rc.1</a>')
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

  it('show the images of a version when they are known, and ask for nothing twice', async () => {
    const first = await server.ask('/up/chart/pod/1.0.0')
    expect(first.headers.refresh).toBe('2')
    expect(first.body.toString()).toContain('this page looks again by itself')
    const later = await whenKnown('/up/chart/pod/1.0.0')
    expect(later).toContain('<code>quay.io/acme/pod:1</code></td><td data-name="rendered" class="soft">always</td>')
    expect(later).toMatch(/<code>quay.io\/acme\/more:2<\/code><\/td><td [^>]*>(?!always)/)
    expect(later).toContain(`helm pull oci://${server.url.slice('http://'.length)}/up/pod --version 1.0.0 --plain-http`)
    expect(upstream.count('charts/pod-1.0.0.tgz')).toBe(1)
    expect(await whenKnown('/up/chart/web/1.0.0')).toContain('<h2>Images</h2><p class="soft">None.')
  })

  it('say why images cannot be told', async () => {
    expect(await whenKnown('/up/chart/gone/1.0.0')).toContain('<p class="ill">They cannot be told: ')
    expect(await whenKnown('/up/chart/torn/1.0.0')).toMatch(/They cannot be told: [^<]*Chart.yaml/)
  })

  it('search', async () => {
    const page = (await server.ask('/up?q=SCRIPT')).body.toString()
    expect(page).toContain('/up/chart/evil')
    expect(page).not.toContain('/up/chart/web')
  })

  it.each([
    ['/none', 'REPOSITORY_NOT_FOUND'],
    ['/up/chart/none', 'CHART_NOT_FOUND'],
    ['/up/chart/none/1.0.0', 'CHART_NOT_FOUND'],
    ['/up/chart/web/7.0.0', 'VERSION_NOT_FOUND'],
  ])('do not exist at %s', async (path, code) => {
    expect((await server.ask(path)).json()).toMatchObject({ code })
  })
})
