import { describe, expect, it } from 'vitest'
import { compile, findAll, findMatch } from '../../../src/helm/functions/regexp/match.ts'

const find = (expression: string, text: string): string | undefined => {
  const match = findMatch(compile(expression), text, 0)
  return match && text.slice(match[0], match[1])
}

describe('findMatch', () => {
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
  ])('takes time linear in the text: %s', (_, expression, text) => {
    const start = performance.now()
    findMatch(compile(expression), text, 0)
    expect(performance.now() - start).toBeLessThan(2000)
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
  it.each([
    ['a**', 'invalid nested repetition operator: `**`'],
    ['(', 'missing closing ): `(`'],
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
