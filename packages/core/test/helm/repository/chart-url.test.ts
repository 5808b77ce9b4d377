import { describe, expect, it } from 'vitest'
import { fileNameOf, indexFileUrl, provenanceUrl, resolveChartUrl } from '../../../src/helm/repository/chart-url.ts'

describe('resolveChartUrl', () => {
  it.each([
    ['https://h/charts', 'web-1.0.0.tgz', 'https://h/charts/web-1.0.0.tgz'],
    ['https://h/charts/', 'web-1.0.0.tgz', 'https://h/charts/web-1.0.0.tgz'],
    ['https://h', 'charts/web-1.0.0+b.tgz', 'https://h/charts/web-1.0.0+b.tgz'],
    ['https://h/a/b', '../web.tgz', 'https://h/a/web.tgz'],
    ['https://h/a/b', '/web.tgz', 'https://h/web.tgz'],
    ['https://h/a?token=t', 'web.tgz', 'https://h/a/web.tgz?token=t'],
    ['https://h/a', 'web.tgz?raw=true', 'https://h/a/web.tgz'],
    ['https://h/a', 'https://other/web.tgz?raw=true', 'https://other/web.tgz?raw=true'],
    ['https://h/a', 'oci://other/web:1.0.0', 'oci://other/web:1.0.0'],
    ['https://h/a%2fb', 'web%2f1.tgz', 'https://h/a%2fb/web%2f1.tgz'],
    ['https://h/a', '//other/web.tgz', 'https://other/web.tgz'],
  ])('%s and %s give %s', (base, url, resolved) => {
    expect(resolveChartUrl(base, url)).toBe(resolved)
  })

  it('refuses an absolute URL that is none', () => {
    expect(() => resolveChartUrl('https://h', 'https://[')).toThrow('malformed')
  })
})

describe('indexFileUrl', () => {
  it('stands below the URL of the repository', () => {
    expect(indexFileUrl('https://h/charts?token=t')).toBe('https://h/charts/index.yaml?token=t')
  })
})

describe('provenanceUrl', () => {
  it('keeps the query at the end', () => {
    expect(provenanceUrl('https://h/web-1.0.0+b.tgz?raw=true')).toBe('https://h/web-1.0.0+b.tgz.prov?raw=true')
  })
})

describe('fileNameOf', () => {
  it.each([
    ['https://h/a/web-1.0.0.tgz?raw=true', 'web-1.0.0.tgz'],
    ['web-1.0.0%2Bb.tgz', 'web-1.0.0+b.tgz'],
    ['charts/web-1.0.0+b.tgz', 'web-1.0.0+b.tgz'],
    ['https://h/', undefined],
    ['https://h/..%2f..%2fetc', undefined],
    ['https://h/a%5cb', undefined],
    ['https://h/a%00b', undefined],
    ['https://h/.hidden', undefined],
    ['https://h/%zz', undefined],
  ])('%s has %s', (url, name) => {
    expect(fileNameOf(url)).toBe(name)
  })
})
