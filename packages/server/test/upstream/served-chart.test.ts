import { parseIndexFile } from '@chartferry/core/helm'
import { chartVersions } from '@chartferry/core/internal'
import { describe, expect, it } from 'vitest'
import { isContentPath, servedPath } from '../../src/upstream/chart-path.ts'
import { servedChart, servedUrl, upstreamEntries } from '../../src/upstream/served-chart.ts'
import { compactFile } from '../../src/workers/compact-file.ts'

const digest = 'ab'.repeat(32)
const urls = { base: 'https://h/charts' }

function serve(entry: Record<string, unknown>): { url: string | undefined; path: string | undefined } {
  const file = JSON.stringify({
    apiVersion: 'v1',
    serverInfo: { contextPath: '/x' },
    entries: { web: [{ name: 'web', version: '1.0.0', ...entry }] },
  })
  const { compact } = compactFile(Buffer.from(file), { urls })
  expect(compact.head.serverInfo).toBeUndefined()
  const chart = compact.charts.get('web')
  expect(chart && upstreamEntries(chart)[0]?.entry.urls).toEqual(entry.urls ?? [])
  const url = chart && chartVersions(chart)[0]?.urls[0]
  return { url, path: servedPath(url) }
}

describe('servedChart', () => {
  it.each([
    ['web-1.0.0.tgz', 'charts/abababababab/web-1.0.0.tgz'],
    ['https://github.com/a/releases/download/v1/web-v1.0.0.tgz?raw=true', 'charts/abababababab/web-v1.0.0.tgz'],
    ['charts/web-1.0.0+b.tgz', 'charts/abababababab/web-1.0.0+b.tgz'],
    ['charts/web%201.tgz', 'charts/abababababab/web%201.tgz'],
    ['https://h/..%2fevil', 'charts/abababababab/web-1.0.0.tgz'],
  ])('makes %s into %s', (from, to) => {
    const { url, path } = serve({ digest, urls: [from] })
    expect(url).toBe(to)
    expect(path).toBe(decodeURIComponent(to.slice('charts/'.length)))
    expect(servedUrl(path ?? '')).toBe(to)
  })

  it('leaves what cannot be fetched over HTTP', () => {
    expect(serve({ digest, urls: ['oci://h/web:1.0.0'] })).toEqual({ url: 'oci://h/web:1.0.0', path: undefined })
    expect(serve({ digest })).toEqual({ url: undefined, path: undefined })
  })

  it('names what has no digest by where and when it was published', () => {
    const first = serve({ urls: ['web.tgz'], created: '2026-01-01T00:00:00Z' })
    const again = serve({ urls: ['web.tgz'], created: '2026-01-01T00:00:00Z' })
    const later = serve({ urls: ['web.tgz'], created: '2026-01-02T00:00:00Z' })
    expect(first.url).toMatch(/^charts\/url-[0-9a-f]{12}\/web\.tgz$/)
    expect(again.url).toBe(first.url)
    expect(later.url).not.toBe(first.url)
    expect(isContentPath(first.path ?? '')).toBe(false)
    expect(isContentPath('abababababab/web.tgz')).toBe(true)
  })

  it('remembers which versions are retained', () => {
    const text = 'apiVersion: v1\nentries: {web: [{name: web, version: 2.0.0}, {name: web, version: 1.0.0}]}'
    const versions = parseIndexFile(text).entries.get('web') ?? []
    const chart = servedChart('web', versions, urls, (version) => version === '1.0.0')
    expect(upstreamEntries(chart).map(({ entry, isRetained }) => [entry.version, isRetained])).toEqual([
      ['2.0.0', false],
      ['1.0.0', true],
    ])
  })
})
