import { isChartferryError } from '@chartferry/core'
import { describe, expect, it } from 'vitest'
import { pathSegments } from '../../src/routes/request-path.ts'

describe('pathSegments', () => {
  it.each([
    ['/', []],
    ['/up/index.yaml', ['up', 'index.yaml']],
    ['/up/', ['up']],
    ['/up/charts/web-1.0.0+b.tgz', ['up', 'charts', 'web-1.0.0+b.tgz']],
    ['/up/charts/web-1.0.0%2Bb.tgz', ['up', 'charts', 'web-1.0.0+b.tgz']],
    ['/up/a%20b', ['up', 'a b']],
    ['/up/%252e%252e', ['up', '%2e%2e']],
  ])('takes %s apart', (path, segments) => expect(pathSegments(path)).toEqual(segments))

  it.each([
    '/..',
    '/a/../b',
    '/a/./b',
    '/a//b',
    '//a',
    '/%2e%2e/a',
    '/a%2fb',
    '/a%2Fb',
    '/a%5cb',
    '/a\\b',
    '/a%00',
    '/a%0a',
    '/%',
    '/%c3',
  ])('refuses %s', (path) => {
    expect(() => pathSegments(path)).toThrow(expect.toSatisfy((thrown) => isChartferryError(thrown, 'ROUTE_NOT_FOUND')))
  })
})
