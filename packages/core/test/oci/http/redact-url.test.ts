import { describe, expect, it } from 'vitest'
import { redactUrl } from '../../../src/oci/http/redact-url.ts'

describe('redactUrl', () => {
  it.each([
    ['https://user:pass@h:8443/a/b?token=t#f', 'https://h:8443/a/b?…'],
    ['https://h/a', 'https://h/a'],
    ['not a url with secret', '(malformed URL)'],
  ])('makes %s into %s', (url, redacted) => {
    expect(redactUrl(url)).toBe(redacted)
  })
})
