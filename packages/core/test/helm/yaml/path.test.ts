import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatPath, parsePath } from '../../../src/helm/yaml/path.ts'

describe('formatPath', () => {
  it.each([
    [[], ''],
    [['a', 'b', 0, 'x.y'], 'a.b[0]."x.y"'],
    [[0, 1, 'a'], '[0][1].a'],
    [['0'], '0'],
    [['', 'a "b" [c]'], '""."a \\"b\\" [c]"'],
    [['app.kubernetes.io/name'], '"app.kubernetes.io/name"'],
  ])('writes %j as %s', (path, text) => {
    expect(formatPath(path)).toBe(text)
    expect(parsePath(text)).toEqual(path)
  })
})

describe('parsePath', () => {
  it('reads what formatPath writes', () => {
    const step = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.nat())
    fc.assert(
      fc.property(fc.array(step), (path) => {
        expect(parsePath(formatPath(path))).toEqual(path)
      }),
    )
  })

  it.each(['.a', 'a.', 'a..b', 'a[x]', 'a[0', 'a.[0]', 'a"b"', '"a', '"\\x"', 'a b', 'a[-1]'])('refuses %j', (text) => {
    expect(() => parsePath(text)).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })
})
