import { describe, expect, it } from 'vitest'
import { satisfies } from '../../../src/helm/semver/constraint.ts'
import { readVersion } from '../../../src/helm/semver/version.ts'
import { readVersionRange } from '../../../src/helm/semver/version-range.ts'

describe('satisfies', () => {
  it('is false where version or constraint cannot be read', () => {
    expect(satisfies('>=1.19-0', 'v1.24.3-gke.100')).toBe(true)
    expect(satisfies('>=1.19', 'v1.24.3-gke.100')).toBe(false)
    expect(satisfies('foo', '1.0.0')).toBe(false)
    expect(satisfies('*', 'foo')).toBe(false)
  })
})

describe('readVersionRange', () => {
  it('says why a text is no range, in the words of Masterminds', () => {
    expect(readVersionRange('foo')).toBe('improper constraint: "foo"')
    expect(readVersionRange(Array(33).fill('1').join('||'))).toBe('too many constraint groups (max 32)')
    expect(readVersionRange('1'.repeat(513))).toBe('constraint string is too long (max 512 bytes)')
  })

  it('comes to an end on hostile ranges', () => {
    expect(readVersionRange(`1${' '.repeat(500)}x`)).toBeTypeOf('function')
    expect(readVersionRange('1 '.repeat(255))).toBeTypeOf('function')
  })
})

describe('readVersion', () => {
  it('says why a text is no version, in the words of Masterminds', () => {
    expect(readVersion('1.2.3.4')).toBe('invalid semantic version')
    expect(readVersion('1.2.3-01')).toBe('version segment starts with 0')
    expect(readVersion('99999999999999999999')).toBe(
      'error parsing version segment: strconv.ParseUint: parsing "99999999999999999999": value out of range',
    )
  })
})
