import { describe, expect, it } from 'vitest'
import { compileGlob } from '../../../../src/helm/render/engine/glob.ts'

describe('compileGlob', () => {
  it.each([
    ['*', 'a.txt', true],
    ['*', 'a/b.txt', false],
    ['**', 'a/b.txt', true],
    ['a-b.d/*.{sh,sql}', 'a-b.d/x.sql', true],
    ['a-b.d/*.{sh,sql}', 'a-bxd/x.sql', false],
    ['[a-c]?.txt', 'bz.txt', true],
    ['[!a-c].txt', 'b.txt', false],
    ['[!a-c].txt', 'd.txt', true],
    ['\\*.txt', '*.txt', true],
    ['{a,b/**}', 'b/c/d', true],
  ])('matches %s against %s: %s', (pattern, path, matches) => {
    expect(compileGlob(pattern)(path)).toBe(matches)
  })

  it('matches everything when the pattern has a fault, as Helm does', () => {
    expect(compileGlob('a[')('any/path')).toBe(true)
    expect(compileGlob('{a')('any/path')).toBe(true)
  })
})
