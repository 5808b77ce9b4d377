import { describe, expect, it } from 'vitest'
import { compile, findAll, searchIn } from '../../../src/helm/functions/regular-expression.ts'

const find = (expression: string, text: string): string | undefined => {
  const match = searchIn(compile(expression), text)(0)
  return match && text.slice(match[0], match[1])
}

describe('searchIn', () => {
  it.each([
    ['(a|ab)(c|bcd)', 'abcd', 'abcd'],
    ['a+?', 'aaa', 'a'],
    ['(?U)a+', 'aaa', 'a'],
    ['(?i)straße', 'STRAßE', 'STRAßE'],
    ['\\p{Greek}+', 'abγδ', 'γδ'],
    ['[^[:space:]]+$', 'a b c', 'c'],
    ['(?m)^b$', 'a\nb\nc', 'b'],
    ['\\x{1F600}', 'a😀', '😀'],
    ['.', '😀', '😀'],
    ['(|a)+', 'aaa', ''],
    ['(a|)+', 'aaa', 'aaa'],
  ])('finds by %s in %j', (expression, text, expected) => {
    expect(find(expression, text)).toBe(expected)
  })

  it('does not find what is not there', () => {
    expect(find('\\bfoo\\b', 'xfoo')).toBeUndefined()
    expect(find('a\\z', 'a\n')).toBeUndefined()
  })

  it.each([
    ['nested repetitions', '(a+)+$', `${'a'.repeat(5000)}b`],
    ['a choice of the same', '(a|a)*$', `${'a'.repeat(5000)}b`],
    ['counted repetitions', `${'a?'.repeat(60)}${'a'.repeat(60)}`, 'a'.repeat(60)],
    ['words joined by dots', '^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(5000)],
  ])('is linear in the text, where backtracking would not end: %s', (_, expression, text) => {
    expect(find(expression, text)?.length ?? 0).toBeLessThanOrEqual(text.length)
  })

  it('sees a byte that is no UTF-8 as the replacement character', () => {
    expect(find('\\x{FFFD}b', 'a\udcffb')).toBe('\udcffb')
  })
})

describe('findAll', () => {
  it('counts an empty match only where none ended', () => {
    const text = 'baac'
    const found = findAll(compile('a*'), text, -1).map(([start = 0, end = 0]) => [start, text.slice(start, end)])
    expect(found).toEqual([
      [0, ''],
      [1, 'aa'],
      [4, ''],
    ])
  })
})

describe('compile', () => {
  it('lets groups share a name', () => {
    expect(compile('(?P<n>a)|(?P<n>b)[(?<n>]').names).toEqual(['', 'n', 'n'])
  })

  it.each([
    ['[[:]', ':'],
    ['[[:]', '['],
    ['\\Q[:]\\E', '[:]'],
    ['[[:^]', '^'],
  ])('takes %s for what Go does', (expression, text) => {
    expect(find(expression, text)).toBe(text)
  })

  it.each([
    ['a**', 'invalid nested repetition operator: `**`'],
    ['(', 'missing closing ): `(`'],
    ['a\\', 'trailing backslash at end of expression: ``'],
    ['(?P<n>a)(?P<n>b))', 'unexpected ): `(?P<n>a)(?P<n>b))`'],
    ['a\udcff', 'invalid UTF-8: `a\udcff`'],
    ['a)', 'unexpected ): `a)`'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['\\1', 'invalid escape sequence: `\\1`'],
    ['x{1001}', 'invalid repeat count: `{1001}`'],
    [`${'('.repeat(1001)}${')'.repeat(1001)}`, 'expression nests too deeply'],
  ])('refuses %s', (expression, problem) => {
    expect(() => compile(expression)).toThrow(`error parsing regexp: ${problem}`)
  })
})
