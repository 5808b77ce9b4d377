// The pages in a real browser: no error of its own, light and dark, narrow screens, the keyboard alone, and pictures to look at.
// CHARTFERRY_SCREENSHOTS names a folder that keeps the pictures.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startServer, type TestServer } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const screens = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1200, height: 800 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1200, height: 800 } },
  { name: 'narrow light', colorScheme: 'light', viewport: { width: 320, height: 640 } },
  { name: 'narrow dark', colorScheme: 'dark', viewport: { width: 320, height: 640 } },
] as const

/** Texts that are harder to read than WCAG 2.2, 1.4.3 (AA) allows, run in the page; colours are asked of a canvas. */
const unreadable = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const light = (color) => {
    const [r, g, b] = rgb(color).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor
      if (rgb(color)[3] > 0) return color
    }
    return 'white'
  }
  return [...document.querySelectorAll('body *')].flatMap((element) => {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join('')
    if (text === '') return []
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x)
    return (a + 0.05) / (b + 0.05) >= 4.5 ? [] : [text]
  })
})()`

describeWithTools('the pages in a browser', ['chromium'], (tools) => {
  let upstream: TestUpstream
  let server: TestServer
  let browser: Browser
  let pictures: string
  const keep = process.env.CHARTFERRY_SCREENSHOTS

  beforeAll(async () => {
    pictures = keep ?? (await mkdtemp(join(tmpdir(), 'chartferry-pictures-')))
    await mkdir(pictures, { recursive: true })
    upstream = await startUpstream()
    const description = 'A web server with a cache, and <b>words</b> that are quite long for the little that they say'
    const pod =
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n'
    const image = 'registry.example.com/a/rather/long/path/of/an/image/web:1.2.3-debian-12-r0'
    for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1'])
      await upstream.add(
        { name: 'web', version, values: `image: ${image}\n`, templates: { 'pod.yaml': pod } },
        { entry: { description, appVersion: '7.4', home: 'https://example.com/web', deprecated: version === '1.0.0' } },
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
    browser = await chromium.launch({ executablePath: tools.chromium, args: ['--no-sandbox'] })
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await server.close()
    await upstream.close()
    if (keep === undefined) await rm(pictures, { recursive: true })
  })

  /** A page, and what the browser complains of in it. */
  async function open(options: Parameters<Browser['newPage']>[0]): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage(options)
    const complaints: string[] = []
    page.on('console', (message) => void complaints.push(message.text()))
    page.on('pageerror', (error) => void complaints.push(error.message))
    page.on('requestfailed', (request) => void complaints.push(`failed: ${request.url()}`))
    return { page, complaints }
  }

  it.each(screens)('are whole and readable: $name', async ({ name, colorScheme, viewport }) => {
    const { page, complaints } = await open({ colorScheme, viewport })
    const paths = {
      home: '/',
      repository: '/shop',
      chart: '/shop/chart/web',
      version: '/shop/chart/web/1.1.0',
      relocated: '/corp/chart/web/1.1.0',
    }
    for (const [what, path] of Object.entries(paths)) {
      await page.goto(`${server.url}${path}`)
      if (what === 'version' || what === 'relocated') await page.waitForSelector('code')
      const file = join(pictures, `${what}-${name.replace(' ', '-')}.png`)
      await page.screenshot({ path: file, fullPage: true })
      const picture = await readFile(file)
      // PNG, 11.2.1: the width stands at byte 16.
      expect([picture.readUInt32BE(16), picture.length > 1000]).toEqual([viewport.width, true])
      expect(await page.evaluate('document.documentElement.scrollWidth'), `${what} is too wide`).toBe(viewport.width)
      expect(await page.evaluate(unreadable)).toEqual([])
    }
    expect(complaints).toEqual([])
    await page.close()
  })

  it('lead by the keyboard alone from the repositories to the images of a version', async () => {
    const { page, complaints } = await open({ viewport: { width: 1200, height: 800 } })
    /** Presses Tab until a link of that text has the focus, then Enter. */
    const follow = async (text: string): Promise<void> => {
      for (let presses = 0; presses < 40; presses++) {
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
    await page.goto(server.url)
    await follow('shop')
    await page.getByLabel('text in name or description').focus()
    await page.keyboard.type('cache')
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
    expect(new URL(page.url()).search).toBe('?q=cache')
    await follow('web')
    await follow('2.0.0-rc.1')
    // By itself, with no script.
    await page.waitForSelector('code')
    expect(await page.textContent('code')).toBe(
      'registry.example.com/a/rather/long/path/of/an/image/web:1.2.3-debian-12-r0',
    )
    expect(await page.title()).toBe('web 2.0.0-rc.1 · shop')
    expect(complaints).toEqual([])
    await page.close()
  })
})
