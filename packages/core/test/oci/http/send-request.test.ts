import { describe, expect, it } from 'vitest'
import { retryAfter } from '../../../src/oci/http/send-request.ts'

describe('retryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  it.each([
    [undefined, undefined],
    ['3', 3000],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
  ])('takes %s as %s milliseconds', (value, milliseconds) => {
    expect(retryAfter(value, now)).toBe(milliseconds)
  })
})
