// The pages in a real browser: whole, readable, and without fault by a checker of accessibility, light and dark, wide and narrow;
// then what people do there. CHARTFERRY_SCREENSHOTS names a folder that keeps pictures.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistries } from '@chartferry/core/oci'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { startServer, type TestServer } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const screens = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 390].map((width) => ({ name: `${width}-${colorScheme}`, colorScheme, width })),
)

const image = 'registry.example.com/a/rather/long/path/of/an/image/web:1.2.3-debian-12-r0'
const values = `# How many pods there are.
replicas: 1
image:
  # -- Where the image comes from.
  name: ${image}
`

describeWithTools('the pages in a browser', ['chromium'], (tools) => {
  let upstream: TestUpstream
  let server: TestServer
  let browser: Browser
  let folder: string
  const keep = process.env.CHARTFERRY_SCREENSHOTS

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-pictures-'))
    if (keep !== undefined) await mkdir(keep, { recursive: true })
    upstream = await startUpstream()
    const description = 'A web server with a cache, and <b>words</b> that are quite long for the little that they say'
    const pod =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "{{ .Values.image.name }}"}]}\n'
    const readme =
      '# Web\n\nWhat it does.\n\n| key | default |\n|--|--|\n| `a` | `1` |\n\n```\nhelm install\n```\n\n- one\n'
    for (const version of ['75.18.1', '75.19.0', '76.0.0-rc.1'])
      await upstream.add(
        {
          name: 'web',
          version,
          values: values.replace('replicas: 1', `replicas: ${version.length}`),
          templates: { 'pod.yaml': pod },
          files: { 'README.md': readme },
        },
        {
          entry: {
            description,
            appVersion: '7.4',
            home: 'https://example.com/web',
            keywords: ['cache', 'web'],
            deprecated: version === '75.18.1',
            dependencies: [{ name: 'redis', version: '1.x.x', repository: 'https://example.com/charts' }],
          },
        },
      )
    await upstream.add({ name: 'another-chart-with-a-name-of-some-length' }, { entry: { description } })
    server = await startServer({
      repositories: {
        local: { kind: 'hosted' },
        shop: upstream.url,
        'far-away': 'http://127.0.0.1:1',
        all: { kind: 'group', members: ['local', 'shop'] },
        corp: { kind: 'relocated', of: 'shop', to: 'images.corp:8443', images: 'pull-through' },
      },
      settings: { images: { registries: { 'registry.example.com': {} } } },
    })
    await server.ask('/far-away/index.yaml')
    await server.ask('/shop/index.yaml')
    const registries = openRegistries()
    const sink = registries.repository(`${new URL(server.url).host}/local/team/web`)
    for (const tag of ['1.0', '1.1']) await pushImage(sink, { layers: [layerOf(tag, 3000)], tag })
    await registries.close()
    await fetch(`${server.url}/api/local/charts`, { method: 'POST', body: await buildChart({ name: 'here' }) })
    browser = await chromium.launch({ executablePath: tools.chromium, args: ['--no-sandbox'] })
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await server.close()
    await upstream.close()
    await rm(folder, { recursive: true })
  })

  /** A page, and what the browser complains of in it beside answers that are meant to be errors. */
  async function open(options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options })
    const complaints: string[] = []
    page.on('console', (message) => {
      if (!message.text().startsWith('Failed to load resource: the server responded with'))
        complaints.push(message.text())
    })
    page.on('pageerror', (error) => void complaints.push(error.message))
    page.on('requestfailed', (request) => void complaints.push(`failed: ${request.url()}`))
    return { page, complaints }
  }

  /** Goes there, and waits until nothing is looked for any more. */
  async function visit(page: Page, path: string): Promise<void> {
    await page.goto(server.url + path)
    await page.getByText('looks again by itself').first().waitFor({ state: 'detached' })
    await page.waitForLoadState()
  }

  const pages = {
    home: '/',
    search: '/-/search?q=web',
    repository: '/shop',
    chart: '/shop/chart/web',
    version: '/shop/chart/web/75.18.1',
    values: '/shop/chart/web/75.18.1/values',
    'values-search': '/shop/chart/web/75.18.1/values?q=image',
    images: '/shop/chart/web/75.18.1/images',
    relocated: '/corp/chart/web/75.18.1/images',
    versions: '/shop/chart/web/75.18.1/versions',
    difference: '/shop/chart/web/75.18.1/difference?to=75.19.0',
    'image-list': '/-/images',
    image: '/-/images/local/team/web',
    upload: '/local/upload',
    delete: '/local/chart/here/1.0.0/delete',
    error: '/shop/chart/none',
  }

  it.each(screens)('are whole and have no fault that axe finds: $name', { timeout: 180_000 }, async (screen) => {
    const { name, colorScheme, width } = screen
    const { page, complaints } = await open({ colorScheme, viewport: { width, height: 860 } })
    const faults: string[] = []
    for (const [what, path] of Object.entries(pages)) {
      await visit(page, path)
      if (keep !== undefined) await page.screenshot({ path: join(keep, `${what}-${name}.png`), fullPage: true })
      if ((await page.evaluate('document.documentElement.scrollWidth')) !== width) faults.push(`${what} is too wide`)
      await page.evaluate(axe.source)
      const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as readonly {
        readonly id: string
        readonly nodes: readonly { readonly html: string }[]
      }[]
      faults.push(...found.map(({ id, nodes }) => `${what}: ${id}: ${nodes[0]?.html}`))
    }
    expect(faults).toEqual([])
    expect(complaints).toEqual([])
    await page.close()
  })

  it('never break a version inside, however narrow the screen is', async () => {
    const { page } = await open({ viewport: { width: 320, height: 640 } })
    for (const path of [pages.search, pages.chart, pages.versions, pages.difference]) {
      await visit(page, path)
      const broken = `[...document.querySelectorAll('.whole')].filter((part) => part.getClientRects().length > 1).map((part) => part.textContent)`
      expect(await page.evaluate(broken)).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(320)
    }
    await page.close()
  })

  it('lead by the keyboard alone from the search to the values of a version', async () => {
    const { page, complaints } = await open()
    await visit(page, pages.error)
    await page.keyboard.press('/')
    await page.keyboard.type('web')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/-/search?q=web')
    /** Presses Tab until a link of that text has the focus, then Enter. */
    const follow = async (text: string): Promise<void> => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press('Tab')
        const [focused, outline] = (await page.evaluate(
          '[document.activeElement.textContent, getComputedStyle(document.activeElement).outlineStyle]',
        )) as [string, string]
        if (focused !== text) continue
        expect(outline).not.toBe('none')
        await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
        return
      }
      throw new Error(`no link ${text} at ${page.url()}`)
    }
    await follow('web')
    await follow('Values')
    await page.getByLabel('Search the values').fill('where the image')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'image.name' }).waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })

  it('work without a script', async () => {
    const { page, complaints } = await open({ javaScriptEnabled: false })
    await page.goto(server.url)
    await page.getByLabel('Name, keyword or description').fill('cache')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.getByRole('link', { name: 'web', exact: true }).first().click()
    await page.getByRole('link', { name: 'Images', exact: true }).last().click()
    await page.getByText(image).first().waitFor()
    expect(await page.getByRole('button', { name: 'Copy' }).count()).toBe(0)
    expect(complaints).toEqual([])
    await page.close()
  })

  it('compare two versions', async () => {
    const { page } = await open()
    await visit(page, pages.versions)
    await page.getByLabel('The other version').selectOption('76.0.0-rc.1')
    await page.getByRole('button', { name: 'Show what differs' }).click()
    await page.getByText('+replicas: 11').waitFor()
    expect(await page.getByRole('heading', { level: 2 }).first().textContent()).toBe('From 75.18.1 to 76.0.0-rc.1')
    await page.close()
  })

  it('copy lines', async () => {
    const { page } = await open({ permissions: ['clipboard-read', 'clipboard-write'] })
    await visit(page, '/shop/chart/web/75.19.0')
    await page.getByRole('button', { name: 'Copy: Helm 3 and 4' }).click()
    await page.getByText('Copied').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      `helm repo add shop ${server.url}/shop\nhelm install my-web shop/web --version 75.19.0`,
    )
    await page.close()
  })

  it('take what is dropped on them, say what is wrong, and delete after a question', async () => {
    const { page } = await open()
    await visit(page, pages.upload)
    const bytes = Buffer.from(await buildChart({ name: 'dropped', version: '0.1.0' })).toString('base64')
    const drop = (text: string, name: string): string => `(() => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([Uint8Array.from(atob('${text}'), (letter) => letter.charCodeAt(0))], '${name}'))
      document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { bubbles: true, dataTransfer: transfer }))
    })()`
    await page.evaluate(drop(btoa('no chart'), 'wrong.tgz'))
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByRole('alert').getByText('Not uploaded.').waitFor()
    await page.evaluate(drop(bytes, 'dropped-0.1.0.tgz'))
    expect(await page.locator('output').textContent()).toBe('dropped-0.1.0.tgz')
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.waitForURL('**/local/chart/dropped/0.1.0')
    await page.getByRole('link', { name: 'Delete this version' }).click()
    await page.getByRole('button', { name: 'Delete it' }).click()
    await page.waitForURL('**/local')
    expect(await page.getByText('dropped').count()).toBe(0)
    await page.close()
  })

  it('take the first of several files, and all of them with the script', async () => {
    const { page } = await open()
    await visit(page, pages.upload)
    const files = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const path = join(folder, `${name}-1.0.0.tgz`)
        await writeFile(path, await buildChart({ name }))
        return path
      }),
    )
    await page.getByLabel('Chart archive').setInputFiles(files)
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.waitForURL('**/local')
    for (const name of ['one', 'two']) await page.getByRole('link', { name, exact: true }).waitFor()
    await page.close()
  })
})

describeWithTools('signing in with a browser', ['chromium'], (tools) => {
  let server: TestServer
  let browser: Browser
  beforeAll(async () => {
    server = await startServer({
      repositories: { local: { kind: 'hosted', access: { pull: ['users'], push: ['alice'], delete: ['alice'] } } },
      settings: { auth: { users: { alice: { password: 'right' }, bob: { password: 'other' } } } },
    })
    browser = await chromium.launch({ executablePath: tools.chromium, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser.close()
    await server.close()
  })

  it('leads to what was asked for, shows what each may do, and ends when told', async () => {
    const page = await browser.newPage()
    const signIn = async (name: string, password: string): Promise<void> => {
      await page.getByLabel('Name').fill(name)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    }
    await page.goto(`${server.url}/local`)
    await signIn('alice', 'wrong')
    await page.getByRole('alert').waitFor()
    await signIn('alice', 'right')
    await page.waitForURL('**/local')
    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' })
    expect(cookie?.value).not.toContain(Buffer.from('alice:right').toString('base64'))
    await page.getByRole('link', { name: 'Upload a chart' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.goto(`${server.url}/local`)
    await signIn('bob', 'other')
    await page.waitForURL('**/local')
    expect(await page.getByRole('link', { name: 'Upload a chart' }).count()).toBe(0)
    expect((await page.goto(`${server.url}/local/upload`))?.status()).toBe(403)
    await page.getByText('You are signed in as bob').waitFor()
    await page.close()
  })
})
