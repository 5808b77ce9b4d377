import { describe, expect, it } from 'vitest'
import { parseVersion } from '../../../src/helm/semver/version.ts'

describe('versions of charts', () => {
  it.each(['1.2.3', 'v1.2', '1', '01.2.3', '1.2.3-rc.1', '1.2.3-a-b+c.d', '18446744073709551615.0.0'])(
    'accepts %s as Helm does',
    (text) => {
      expect(parseVersion(text) !== undefined).toBe(true)
    },
  )

  it.each([
    '',
    'latest',
    ' 1.2.3',
    'V1.2.3',
    '1.2.3.4',
    '1.2.3-',
    '1.2.3-01',
    '1.2.3-a..b',
    '1.2.3+a_b',
    '1.2.3-é',
    '18446744073709551616.0.0',
    `1.2.3-${'a'.repeat(256)}`,
  ])('refuses %j as Helm does', (text) => {
    expect(parseVersion(text) !== undefined).toBe(false)
  })
})
