import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../../../../test/kit/server.ts'
import { startUpstream, type TestUpstream } from '../../../../test/kit/upstream.ts'

const headers = { accept: 'text/html' }
const longName = `n${'-name'.repeat(50)}`.slice(0, 250)
let upstream: TestUpstream
let server: TestServer

beforeAll(async () => {
  upstream = await startUpstream()
  const mebibyte = 2 ** 20
  const odd = '<script>x</script><img src=//example.com/a onerror=x><div style="a"><b><table><td>[a](javascript:x)\n'
  const readme = odd.repeat(Math.floor((5 * mebibyte) / odd.length))
  await upstream.add({ name: 'long-readme', files: { 'README.md': readme } })
  await upstream.add({ name: 'deep-readme', files: { 'README.md': '> '.repeat(20_000) } })
  const lines = Array.from({ length: 150_000 }, (_, at) => `a${at}: ${(at * 7919) % 1_000_003} # c\n`)
  await upstream.add({ name: 'long-values', values: lines.join('') })
  await upstream.add({ name: 'large-values', values: 'a: b # c\n'.repeat((50 * mebibyte) / 9) })
  await upstream.add({ name: longName }, { entry: { description: 'x'.repeat(100_000), keywords: ['k'.repeat(1000)] } })
  server = await startServer({ repositories: { up: upstream.url } })
  await server.ask('/up/index.yaml')
}, 60_000)
afterAll(async () => {
  await server.close()
  await upstream.close()
})

async function whenKnown(path: string): Promise<string> {
  for (;;) {
    const page = await server.ask(path, { headers })
    expect(page.status).toBe(200)
    if (page.headers.refresh === undefined) return page.body.toString()
  }
}

describe('pages of charts that nobody can show whole', () => {
  it('show the beginning of a README of five megabytes, harmless', async () => {
    const page = await whenKnown('/up/chart/long-readme/1.0.0')
    expect(page.length).toBeLessThan(4 * 2 ** 20)
    expect(page.match(/<script/g)).toHaveLength(1)
    expect(page).not.toMatch(/onerror|<img src="\/\/|href="javascript|style=/)
  }, 60_000)

  it('show a README that is nested without end, or say why not', async () => {
    expect(await whenKnown('/up/chart/deep-readme/1.0.0')).toContain('</html>')
  }, 60_000)

  it('show a values file of 150,000 lines in pages', async () => {
    const page = await whenKnown('/up/chart/long-values/1.0.0/values?page=75')
    expect(page).toContain('values.yaml, 150000 lines')
    expect(page).toContain('id="L150000"')
    expect(page.length).toBeLessThan(500_000)
    expect(await whenKnown('/up/chart/long-values/1.0.0/values?q=c')).toContain('Only the first 100 are shown.')
    expect(await whenKnown('/up/chart/long-values/1.0.0/values?page=999999')).toContain('150000 lines')
  }, 60_000)

  it('say why a values file of fifty megabytes is not shown', async () => {
    expect(await whenKnown('/up/chart/large-values/1.0.0/values')).toMatch(/The values cannot be shown: [^<]*bytes/)
  }, 60_000)

  it('have room for long names', async () => {
    expect((await server.ask(`/up/chart/${longName}`, { headers })).body.toString()).toContain(
      `<span class="long">${longName}</span>`,
    )
    expect((await server.ask('/-/search?q=name', { headers })).body.length).toBeLessThan(200_000)
    expect((await server.ask(`/-/search?q=${'q'.repeat(5000)}`, { headers })).status).toBe(200)
  })
})
