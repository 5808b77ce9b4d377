import { describe, expect, it } from 'vitest'
import { compilePathPattern } from '../../../../src/helm/render/output/path-pattern.ts'

describe('compilePathPattern', () => {
  it.each([
    ['templates/a.yaml', 'templates/a.yaml', true],
    ['templates/a.yaml', 'templates/aXyaml', false],
    ['templates/*.yaml', 'templates/a.yaml', true],
    ['templates/*', 'templates/tests/a.yaml', false],
    ['*/*/?.yaml', 'templates/tests/a.yaml', true],
    ['templates/?', 'templates//', false],
    ['templates/[ab].yaml', 'templates/b.yaml', true],
    ['templates/[^ab].yaml', 'templates/b.yaml', false],
    ['templates/[a-c]', 'templates/b', true],
    ['templates/[c-a]', 'templates/b', false],
    ['templates[/]a', 'templates/a', true],
    ['templates/\\*', 'templates/*', true],
    ['templates/\\*', 'templates/a', false],
    ['templates/[\\]]', 'templates/]', true],
    ['templates/ä?', 'templates/ä😀', true],
  ])('%s on %s: %s', (pattern, path, matches) => {
    expect(compilePathPattern(pattern)(path)).toBe(matches)
  })

  it.each(['templates/[a', 'templates/[]a]', 'templates/[-a]', 'templates/\\'])(
    'matches nothing with the fault of %s',
    (pattern) => {
      expect(compilePathPattern(pattern)(pattern)).toBe(false)
    },
  )
})
