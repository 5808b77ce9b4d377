import { describe, expect, it } from 'vitest'
import { parseHelmignore } from '../../../src/transfer/source/helmignore.ts'

describe('parseHelmignore', () => {
  it.each([
    ['*.bak', 'a.bak', true],
    ['*.bak', 'templates/a.bak', true],
    ['templates/*.bak', 'templates/a.bak', true],
    ['templates/*.bak', 'templates/deep/a.bak', false],
    ['/a.txt', 'a.txt', true],
    ['/a.txt', 'docs/a.txt', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['[ab].txt', 'b.txt', true],
    ['[^ab].txt', 'b.txt', false],
    ['# a.txt', 'a.txt', false],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['', 'templates/.hidden', true],
    ['', '.hidden', false],
  ])('with %j asked for %s says %s', (text, path, ignored) => {
    expect(parseHelmignore(text)(path, false)).toBe(ignored)
  })

  it('leaves out folders, and not files, by a pattern with a slash at its end', () => {
    const isIgnored = parseHelmignore('ci/')
    expect([isIgnored('ci', true), isIgnored('ci', false)]).toEqual([true, false])
  })

  it('reads lines that end as on Windows', () => {
    expect(parseHelmignore('a.txt\r\nb.txt\r\n')('a.txt', false)).toBe(true)
  })
})
