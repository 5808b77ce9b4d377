import { describe, expect, it } from 'vitest'
import { compareVersions, parseVersion } from '../../../src/helm/semver/version.ts'

function order(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)]
  if (left === undefined || right === undefined) throw new Error(`no version: ${a} or ${b}`)
  return Math.sign(compareVersions(left, right))
}

describe('parseVersion', () => {
  it.each([
    '1.2.3',
    'v1.2.3',
    '1.2',
    '1',
    '01.02.03',
    '1.2.3-rc.1',
    '1.2.3+up1.0',
    '1.2-beta+x',
    '18446744073709551615.0.0',
  ])('takes %s as Helm does', (text) => expect(parseVersion(text)).toBeDefined())

  it.each([
    '',
    'latest',
    'V1.2.3',
    '1.2.3.4',
    '1.2.3-01',
    '1.2.3-',
    '1..2',
    ' 1.2.3',
    '18446744073709551616.0.0',
    `1.0.0-${'a'.repeat(256)}`,
  ])('refuses %s as Helm does', (text) => expect(parseVersion(text)).toBeUndefined())

  it('fills missing numbers and drops leading zeros', () => {
    const fields = { major: 1, minor: 2, patch: 0, prerelease: ['rc', 1], build: ['b'] }
    expect(parseVersion('v01.2-rc.1+b')).toMatchObject(fields)
  })

  it('takes what fits in 256 characters only as long as it stays short', () => {
    expect(parseVersion(`1-${'a'.repeat(254)}`)).toMatchObject({ major: 1, minor: 0 })
  })
})

describe('compareVersions', () => {
  it('orders as semantic versions do', () => {
    const ordered = [
      '0.9.9',
      '1.0.0-1',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0',
      '1.10.0',
    ]
    for (const [index, version] of ordered.slice(1).entries()) expect(order(ordered[index] ?? '', version)).toBe(-1)
  })

  it('ignores build metadata and the v', () => {
    expect(order('v1.0.0+a', '1.0.0+b')).toBe(0)
  })

  it('is exact where floating point is not', () => {
    expect(order('1.0.9007199254740993', '1.0.9007199254740992')).toBe(1)
    expect(order('1.0.0-9007199254740993', '1.0.0-9007199254740992')).toBe(1)
    expect(order('1.0.0-rc.9007199254740993', '1.0.0-rc.2')).toBe(1)
    expect(order('1.0.0-9007199254740993', '1.0.0')).toBe(-1)
  })

  it('takes digits above 64 bits in a prerelease for a word, as Go does', () => {
    expect(order('1.0.0-99999999999999999999', '1.0.0-10')).toBe(1)
    expect(order('1.0.0-99999999999999999999', '1.0.0-alpha')).toBe(-1)
  })
})
