import { parseIndexFile, resolveChartUrl } from '@chartferry/core/helm'
import { describe, expect, it } from 'vitest'
import { isContentPath, rewriteIndex } from '../../src/repository/chart-path.ts'

const digest = 'ab'.repeat(32)

function rewrite(entry: Record<string, unknown>): { url: string | undefined; paths: string[] } {
  const index = parseIndexFile(
    JSON.stringify({
      apiVersion: 'v1',
      serverInfo: { contextPath: '/x' },
      entries: { web: [{ name: 'web', version: '1.0.0', ...entry }] },
    }),
  )
  const rewritten = rewriteIndex(index, ({ urls: [first] }) => {
    const url = first === undefined ? undefined : resolveChartUrl('https://h/charts', first)
    return url?.startsWith('http') ? url : undefined
  })
  expect(rewritten.index.serverInfo).toBeUndefined()
  return { url: rewritten.index.entries.get('web')?.[0]?.urls[0], paths: [...rewritten.places.keys()] }
}

describe('rewriteIndex', () => {
  it.each([
    ['web-1.0.0.tgz', 'charts/abababababab/web-1.0.0.tgz'],
    ['https://github.com/a/releases/download/v1/web-v1.0.0.tgz?raw=true', 'charts/abababababab/web-v1.0.0.tgz'],
    ['charts/web-1.0.0+b.tgz', 'charts/abababababab/web-1.0.0+b.tgz'],
    ['charts/web%201.tgz', 'charts/abababababab/web%201.tgz'],
    ['https://h/..%2fevil', 'charts/abababababab/web-1.0.0.tgz'],
  ])('makes %s into %s', (from, to) => {
    const { url, paths } = rewrite({ digest, urls: [from] })
    expect(url).toBe(to)
    expect(paths).toEqual([decodeURIComponent(to.slice('charts/'.length))])
  })

  it('leaves what cannot be fetched over HTTP', () => {
    expect(rewrite({ digest, urls: ['oci://h/web:1.0.0'] })).toEqual({ url: 'oci://h/web:1.0.0', paths: [] })
    expect(rewrite({ digest })).toEqual({ url: undefined, paths: [] })
  })

  it('names what has no digest by where and when it was published', () => {
    const first = rewrite({ urls: ['web.tgz'], created: '2026-01-01T00:00:00Z' })
    const again = rewrite({ urls: ['web.tgz'], created: '2026-01-01T00:00:00Z' })
    const later = rewrite({ urls: ['web.tgz'], created: '2026-01-02T00:00:00Z' })
    expect(first.url).toMatch(/^charts\/url-[0-9a-f]{12}\/web\.tgz$/)
    expect(again.url).toBe(first.url)
    expect(later.url).not.toBe(first.url)
    expect(isContentPath(first.paths[0] ?? '')).toBe(false)
    expect(isContentPath('abababababab/web.tgz')).toBe(true)
  })
})
