import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildArchive, buildChart } from '../../../../test/kit/charts.ts'
import { type Answer, startServer, type TestServer } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
let upstream: TestUpstream
let server: TestServer

const readme = `# Web <script>alert(1)</script>

[home](https://example.com/web) [file](docs/x.md) [bad](javascript:alert(1)) ![badge](https://img.example.com/b.svg "t")

<img src="https://tracker.example.com/x.png" onerror="alert(2)" alt="a picture"><iframe src="https://example.com"></iframe>
<a href="https://example.com/raw" onclick="alert(3)" style="position:fixed">raw</a><form action="https://example.com"><input></form>
<svg><a xlink:href="javascript:alert(4)">x</a></svg><details open><summary>more</summary>inside</details>

| key | default |
|-----|---------|
| \`a\` | \`1\` |
`

const values = `# How many pods there are.
replicas: 1
image:
  # -- Where the image comes from.
  # @default -- the public one
  repository: quay.io/acme/web
  tag: "" # the app version
persistence:
  size: 10Gi
`

beforeAll(async () => {
  const pod = (image: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "${image}"}]}\n`
  upstream = await startUpstream([{ name: 'web', values, files: { 'README.md': readme } }])
  await upstream.add({ name: 'web', version: '2.0.0-rc.1', values: values.replace('replicas: 1', 'replicas: 2') })
  await upstream.add(
    { name: 'evil' },
    {
      entry: {
        description: '<script>alert(1)</script> & "x"',
        home: 'javascript:alert(1)',
        keywords: ['odd', '<b>'],
        maintainers: [{ name: '<i>', url: 'javascript:1' }],
        dependencies: [{ name: '"><script>', version: '1', repository: 'javascript:1' }],
      },
    },
  )
  for (const version of ['1.0.0', '1.1.0'])
    await upstream.add({
      name: 'pod',
      version,
      values: `image: quay.io/acme/pod:${version}\nmore: {enabled: false}\n`,
      templates: {
        'pod.yaml': pod('{{ .Values.image }}'),
        'more.yaml': `{{ if .Values.more.enabled }}\n${pod('quay.io/acme/more:2')}{{ end }}`,
      },
    })
  await upstream.add({ name: 'gone' })
  upstream.files.delete('charts/gone-1.0.0.tgz')
  await upstream.add({ name: 'torn' }, { bytes: await buildArchive([{ name: 'torn/values.yaml', data: 'a: 1\n' }]) })
  server = await startServer({
    repositories: {
      local: { kind: 'hosted' },
      up: upstream.url,
      down: 'http://127.0.0.1:1',
      all: { kind: 'group', members: ['up'] },
    },
  })
  await server.ask('/down/index.yaml')
  await server.ask('/up/index.yaml')
})
afterAll(async () => {
  await server.close()
  await upstream.close()
})

const ask = (path: string): Promise<Answer> => server.ask(path, { headers: browser })

/** A page once nothing is looked for any more. */
async function whenKnown(path: string): Promise<string> {
  for (;;) {
    const page = await ask(path)
    if (page.headers.refresh === undefined) return page.body.toString()
  }
}

describe('the pages', () => {
  it('lead a browser from the repositories to an archive', async () => {
    const home = await ask('/')
    expect(home.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'; style-src 'self'; script-src 'self'"),
    })
    expect(home.body.toString()).toContain('<a href="/up"><span class="whole">up</span></a>')
    expect(home.body.toString()).toContain('class="state ill">unreachable (refused) · will retry')
    const charts = (await ask('/up')).body.toString()
    expect(charts).toContain('<a href="/up/chart/web"><span class="whole">web</span></a>')
    expect(charts).toContain('<span class="version"><span class="whole">1.0.0</span></span><span>2 versions</span>')
    const chart = await whenKnown('/up/chart/web')
    expect(chart).toContain('helm install my-web up/web --version 1.0.0')
    const versions = (await ask('/up/chart/web/1.0.0/versions')).body.toString()
    expect(versions).toContain('<a href="/up/chart/web/2.0.0-rc.1"><span class="whole">2.0.0-rc.1</span></a>')
    const [, link = ''] = /href="(\/up\/charts\/[^"]+1\.0\.0\.tgz)"/.exec(chart) ?? []
    expect((await server.ask(link)).body.equals(upstream.files.get('charts/web-1.0.0.tgz') ?? Buffer.alloc(0))).toBe(
      true,
    )
  })

  it('escape what upstreams and people say', async () => {
    for (const path of ['/up', '/up/chart/evil', '/up?q=%22%3E%3Cscript%3E', '/-/search?q=%22%3E%3Cscript%3E']) {
      const page = (await ask(path)).body.toString()
      expect(page).not.toMatch(/<script(?! src="\/-\/script-[0-9a-f]{12}\.js" defer>)|href="javascript:|<i>|<b>"/)
    }
    expect((await ask('/up/chart/evil')).body.toString()).toContain('&#60;script&#62;alert(1)')
  })

  it('show a README of which nothing runs, loads or leads astray', async () => {
    const page = await whenKnown('/up/chart/web/1.0.0')
    const [, shown = ''] = /<section class="readme">(.*?)<\/section>/s.exec(page) ?? []
    expect(shown).toContain('<a href="https://example.com/web" rel="noreferrer nofollow ugc">home</a>')
    expect(shown).toContain('<details open><summary>more</summary>inside</details>')
    expect(shown).toContain('<th>key</th>')
    expect(shown).toContain('<span>a picture</span>')
    expect(shown).toContain('<a>file</a>')
    expect(shown).not.toMatch(
      /<(?:script|img|iframe|svg|form|input|style)|\son\w+=|style=|href="javascript|tracker|<h1/,
    )
    expect(await whenKnown('/up/chart/pod/1.0.0')).toContain('This chart has no README.')
  })

  it('show the values with their comments, and find them by names, texts and comments', async () => {
    const all = await whenKnown('/up/chart/web/1.0.0/values')
    expect(all).toContain('values.yaml, 9 lines')
    expect(all).toContain('<span id="L2" data-line="2"><b>replicas</b>: 1')
    expect(all).toContain('<b>tag</b>: &#34;&#34; <i># the app version</i>')
    const found = await whenKnown('/up/chart/web/1.0.0/values?q=where+THE')
    expect(found).toContain('1 value for “where THE”')
    expect(found).toContain('<h3><code>image.repository</code></h3>')
    expect(found).toContain('@default -- the public one')
    expect(await whenKnown('/up/chart/web/1.0.0/values?q=persistence.size')).toContain('10Gi')
    expect(await whenKnown('/up/chart/web/1.0.0/values?q=nowhere')).toContain('0 values for')
    expect(await whenKnown('/up/chart/evil/1.0.0/values')).toContain('This chart has no values.yaml.')
  })

  it('show the images of a version with their places, and ask for nothing twice', async () => {
    const first = await ask('/up/chart/pod/1.0.0/images')
    expect(first.headers.refresh).toBe('2')
    expect(first.body.toString()).toContain('this page looks again by itself')
    const later = await whenKnown('/up/chart/pod/1.0.0/images')
    expect(later).toContain('quay.io/acme/pod:1.0.0</code> <span class="badge good">always</span>')
    expect(later).toMatch(/quay.io\/acme\/more:2<\/code> <span class="badge">(?!always)/)
    expect(later).toContain('<code>values.yaml:1</code>')
    expect(upstream.count('charts/pod-1.0.0.tgz')).toBe(1)
    expect(await whenKnown('/up/chart/evil/1.0.0/images')).toContain('<p class="soft">None.')
  })

  it('say why images cannot be told', async () => {
    expect(await whenKnown('/up/chart/gone/1.0.0/images')).toContain('<p class="ill">They cannot be told: ')
    expect(await whenKnown('/up/chart/torn/1.0.0/images')).toMatch(/They cannot be told: [^<]*Chart.yaml/)
    expect(await whenKnown('/up/chart/torn/1.0.0')).toMatch(/The README cannot be shown: [^<]*Chart.yaml/)
  })

  it('show what differs between two versions, whichever is asked for first', async () => {
    for (const path of ['1.0.0/difference?to=1.1.0', '1.1.0/difference?to=1.0.0']) {
      const page = await whenKnown(`/up/chart/pod/${path}`)
      expect(page).toContain('<del>-quay.io/acme/pod:1.0.0</del>\n<ins>+quay.io/acme/pod:1.1.0</ins>')
      expect(page).toContain('<del>-image: quay.io/acme/pod:1.0.0</del>\n<ins>+image: quay.io/acme/pod:1.1.0</ins>')
      expect(page.indexOf('<summary><code>values.yaml')).toBeLessThan(page.indexOf('<summary><code>Chart.yaml'))
      expect(page).not.toContain('<summary><code>templates/pod.yaml')
    }
  })

  it('search in one repository and in all, the best first, each chart once', async () => {
    const page = (await ask('/up?q=SCRIPT')).body.toString()
    expect(page).toContain('/up/chart/evil')
    expect(page).not.toContain('/up/chart/web')
    const all = (await ask('/-/search?q=odd')).body.toString()
    expect(all).toContain('href="/up/chart/evil"')
    expect(all).not.toContain('href="/all/chart/evil"')
    expect(all).toContain('href="/down">down</a>')
    const both = (await ask('/-/search?q=o')).body.toString()
    expect(both.indexOf('/up/chart/pod')).toBeLessThan(both.indexOf('/up/chart/evil'))
    expect((await ask('/-/search?q=pod+nowhere')).body.toString()).toContain('No chart has all of these words')
  })

  it.each([
    ['/none', 404, 'REPOSITORY_NOT_FOUND'],
    ['/up/chart/none', 404, 'CHART_NOT_FOUND'],
    ['/up/chart/none/1.0.0', 404, 'CHART_NOT_FOUND'],
    ['/up/chart/web/7.0.0', 404, 'VERSION_NOT_FOUND'],
    ['/up/chart/web/1.0.0/difference?to=9', 404, 'VERSION_NOT_FOUND'],
    [`/up/chart/${'x'.repeat(255)}`, 404, 'CHART_NOT_FOUND'],
    ['/-/images/up/none', 404, 'REPOSITORY_NOT_FOUND'],
    ['/up/upload', 404, 'REPOSITORY_NOT_FOUND'],
    ['/nothing/at/all', 404, 'ROUTE_NOT_FOUND'],
  ])('tell people and programs that nothing is at %s', async (path, status, code) => {
    const [page, answer] = [await ask(path), await server.ask(path)]
    expect([page.status, answer.status]).toEqual([status, status])
    expect(answer.json()).toMatchObject({ code })
    expect(page.body.toString()).toContain(`<p class="soft">${code} · request`)
  })

  it('take an upload by a form, and delete after a question', async () => {
    const archive = await buildChart({ name: 'mine', version: '1.2.3' })
    const form = new FormData()
    form.set('chart', new Blob([Buffer.from(archive)]), 'mine-1.2.3.tgz')
    const send = (path: string, body: FormData | string, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${server.url}${path}`, {
        method: 'POST',
        body,
        redirect: 'manual',
        headers: { ...browser, origin: server.url, ...headers },
      })
    expect((await ask('/local/upload')).body.toString()).toContain('enctype="multipart/form-data"')
    const taken = await send('/local/upload', form)
    expect([taken.status, taken.headers.get('location')]).toEqual([303, '/local/chart/mine/1.2.3'])
    const again = await send('/local/upload', form)
    expect(again.status).toBe(409)
    expect(await again.text()).toContain('<b>Not uploaded.</b> chart already exists')
    const question = (await ask('/local/chart/mine/1.2.3/delete')).body.toString()
    expect(question).toContain('action="/local/chart/mine/1.2.3/delete"')
    const foreign = await send('/local/chart/mine/1.2.3/delete', '', { origin: 'https://other.example.com' })
    expect(foreign.status).toBe(403)
    expect((await ask('/local/chart/mine/1.2.3')).status).toBe(200)
    const deleted = await send('/local/chart/mine/1.2.3/delete', '')
    expect([deleted.status, deleted.headers.get('location')]).toEqual([303, '/local'])
    expect((await ask('/local/chart/mine/1.2.3')).status).toBe(404)
  })
})
