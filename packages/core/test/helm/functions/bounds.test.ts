import { describe, expect, it } from 'vitest'
import { isChartferryError } from '../../../src/errors.ts'
import type { GoList, Value } from '../../../src/helm/template/value.ts'
import { call } from './call.ts'

const int = (value: number): Value => call('int', [value])

function code(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return isChartferryError(error) ? error.code : String(error)
  }
  return 'nothing thrown'
}

describe('a template that asks for too much', () => {
  it.each<readonly [string, () => unknown]>([
    ['a text repeated a thousand million times', () => call('repeat', [int(1e9), 'ab'])],
    ['an indentation of a thousand million spaces', () => call('indent', [int(1e9), 'a'])],
    ['a list of a thousand million numbers', () => call('until', [int(1e9)])],
    ['a sequence of a thousand million numbers', () => call('seq', [int(1e9)])],
    ['a random text of a thousand million characters', () => call('randAlphaNum', [int(1e9)])],
  ])('is refused: %s', (_, run) => {
    expect(code(run)).toBe('OUTPUT_TOO_LARGE')
  })

  it.each<readonly [string, () => unknown]>([
    ['YAML', () => call('fromYaml', ['['.repeat(5000)])],
    ['JSON', () => call('fromJson', ['['.repeat(5000)])],
    ['TOML', () => call('fromToml', [`a = ${'['.repeat(5000)}`])],
  ])('is refused: %s nested five thousand times', (_, run) => {
    expect(code(run)).toBe('DEPTH_EXCEEDED')
  })
})

describe('a long list', () => {
  it('is made unique without comparing all with all', () => {
    // All with all would be twenty thousand million comparisons.
    const numbers = call('until', [int(200_000)])
    expect((call('uniq', [numbers]) as GoList).items).toHaveLength(200_000)
  })
})
