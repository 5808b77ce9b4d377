import { describe, expect, it } from 'vitest'
import { namePatterns } from '../../src/repository/name-pattern.ts'

describe('namePatterns', () => {
  it.each([
    ['web', 'web', true],
    ['web', 'web2', false],
    ['web*', 'web', true],
    ['*-test', 'web-test', true],
    ['*-test', 'web-test-2', false],
    ['a*c*e', 'abcde', true],
    ['a*a', 'a', false],
    ['*', '', true],
    ['a.c', 'abc', false],
    ['*a*b*a*', 'xbxaxx', false],
    ['**', 'web', true],
  ])('%s on %s is %s', (pattern, name, expected) => expect(namePatterns([pattern])(name)).toBe(expected))

  it('means nothing without a pattern', () => expect(namePatterns([])('web')).toBe(false))

  it('does not run away on many stars', () => {
    expect(namePatterns([`${'a*'.repeat(200)}b`])('a'.repeat(250))).toBe(false)
  })
})
