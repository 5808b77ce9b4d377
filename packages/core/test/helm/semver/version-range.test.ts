import { describe, expect, it } from 'vitest'
import { isChartferryError } from '../../../src/errors.ts'
import { parseVersion } from '../../../src/helm/semver/version.ts'
import { parseVersionRange } from '../../../src/helm/semver/version-range.ts'

// Verdicts of Masterminds semver 3.5.0.
const verdicts: readonly (readonly [range: string, taken: string, refused: string])[] = [
  ['*', '1.2.3', '1.2.3-rc.1'],
  ['*-0', '1.2.3-rc.1', ''],
  ['=1.2', '1.2.9', '1.3.0'],
  ['1.x', '1.9.9', '2.0.0'],
  ['1.2.*', '1.2.9', '1.3.0'],
  ['~1', '1.9.9', '2.0.0'],
  ['~1.2.3', '1.2.9', '1.3.0'],
  ['~>1.2', '1.2.9', '1.3.0'],
  ['~0.0.0', '9.9.9', '9.9.9-a'],
  ['^1.2', '1.9.0', '2.0.0'],
  ['^0.2.3', '0.2.9', '0.3.0'],
  ['^0.0.3', '0.0.3', '0.0.4'],
  ['^0.0', '0.0.9', '0.1.0'],
  ['^0', '0.9.0', '1.0.0'],
  ['>=1.19-0', '1.20.0-gke.100', '1.18.9'],
  ['>=1.19', '1.20.0', '1.20.0-gke.100'],
  ['>=1.2 <2', '1.9.9', '2.0.0'],
  ['>=1.2, <2', '1.9.9', '2.0.0'],
  ['>= 1.2 , < 2', '1.9.9', '2.0.0'],
  ['>1.1', '1.2.0', '1.1.9'],
  ['>11', '12.0.0', '11.9.9'],
  ['<=11', '11.9.9', '12.0.0'],
  ['<=11.1', '11.1.9', '11.2.0'],
  ['=>1.1', '1.1.0', '1.0.9'],
  ['=<1.1.0', '1.1.0', '1.1.1'],
  ['!=4.x', '5.0.0', '4.9.9'],
  ['!=4.1.x', '4.2.0', '4.1.9'],
  ['!=4.1.2', '4.1.3', '4.1.2'],
  ['1.0 - 2.0', '2.0.9', '2.1.0'],
  ['^1 || 3.x', '3.4.5', '2.0.0'],
  ['<1.0.0 || >=2.0.0-beta', '2.0.0-rc.1', '1.0.0-beta'],
  ['1.2.3+any', '1.2.3+other', '1.2.4'],
]

function satisfies(range: string, version: string): boolean {
  const parsed = parseVersion(version)
  if (parsed === undefined) throw new Error(`no version: ${version}`)
  return parseVersionRange(range)(parsed)
}

describe('parseVersionRange', () => {
  it.each(verdicts)('%s takes %s and not %s', (range, taken, refused) => {
    expect(satisfies(range, taken)).toBe(true)
    if (refused !== '') expect(satisfies(range, refused)).toBe(false)
  })

  it.each([
    '',
    ' ',
    'latest',
    '1.2 ||',
    '>>1',
    '==1',
    '1.2.3.4',
    '1x',
    '1|2',
    '1,,2',
    `>=1${' '.repeat(600)}`,
    `${'1||'.repeat(33)}1`,
  ])('refuses %j', (range) => {
    expect(() => parseVersionRange(range)).toThrow(
      expect.toSatisfy((thrown) => isChartferryError(thrown, 'VERSION_INVALID')),
    )
  })

  it('refuses text made to backtrack, at which an expression that does would not end', () => {
    for (const hostile of [
      `1${' '.repeat(500)}!`,
      `${'1 '.repeat(250)}!`,
      `${'1-1'.repeat(160)}!`,
      `1.${'1'.repeat(500)}`,
    ]) {
      expect(() => parseVersionRange(hostile)).toThrow()
    }
  })
})
