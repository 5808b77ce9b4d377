import { describe, expect, it } from 'vitest'
import { formatTarget, parseTarget } from '../../src/reference/target.ts'

describe('parseTarget', () => {
  it.each([
    ['registry.corp:5000/mirror', { host: 'registry.corp:5000', prefix: 'mirror' }],
    ['registry.corp', { host: 'registry.corp', prefix: '' }],
    ['localhost/a/b/', { host: 'localhost', prefix: 'a/b' }],
    ['10.0.0.5:8080', { host: '10.0.0.5:8080', prefix: '' }],
  ])('reads %s', (text, target) => {
    expect(parseTarget(text)).toEqual(target)
    expect(formatTarget(parseTarget(text))).toBe(text.replace(/\/$/, ''))
  })

  it.each([
    ['a scheme', 'https://registry.corp/mirror'],
    ['a host that would be a path of Docker Hub', 'registry/mirror'],
    ['an upper-case path', 'registry.corp/Mirror'],
    ['a tag', 'registry.corp/mirror:1'],
    ['nothing', ''],
  ])('refuses %s', (_, text) => {
    expect(() => parseTarget(text)).toThrowError(expect.objectContaining({ code: 'REFERENCE_INVALID' }))
  })
})
