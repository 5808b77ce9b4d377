import { describe, expect, it } from 'vitest'
import { formatReference, parseReference } from '../../src/image/reference.ts'
import { formatTarget, mapReference, mapRegistry, parseTarget } from '../../src/image/target.ts'

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

describe('mapReference', () => {
  const target = parseTarget('registry.corp:5000/mirror')

  it.each([
    ['nginx', 'registry.corp:5000/mirror/library/nginx'],
    ['docker.io/acme/web:1', 'registry.corp:5000/mirror/acme/web:1'],
    ['quay.io/a/b/c:1', 'registry.corp:5000/mirror/a/b/c:1'],
    [`quay.io/a@sha256:${'0'.repeat(64)}`, `registry.corp:5000/mirror/a@sha256:${'0'.repeat(64)}`],
  ])('moves %s to %s', (from, to) => {
    const moved = mapReference(parseReference(from), target)
    expect(formatReference(moved)).toBe(to)
    expect(mapReference(moved, target)).toEqual(moved)
  })

  it('refuses a name that would be too long', () => {
    const long = parseTarget(`registry.corp/${'a'.repeat(200)}`)
    const image = parseReference(`quay.io/${'b'.repeat(100)}`)
    expect(() => mapReference(image, long)).toThrowError(expect.objectContaining({ code: 'REFERENCE_INVALID' }))
  })

  it('takes a path that only begins like the prefix for another one', () => {
    expect(formatReference(mapReference(parseReference('registry.corp:5000/mirrors/web'), target))).toBe(
      'registry.corp:5000/mirror/mirrors/web',
    )
  })
})

describe('mapRegistry', () => {
  const target = parseTarget('registry.corp:5000/mirror')

  it.each([
    ['quay.io', 'registry.corp:5000/mirror'],
    ['quay.io/', 'registry.corp:5000/mirror/'],
    ['cp.icr.io/cp', 'registry.corp:5000/mirror/cp'],
    ['bitnami', undefined],
    ['registry.corp:5000/mirror', undefined],
    ['', undefined],
  ])('moves %j to %j', (from, to) => {
    expect(mapRegistry(from, target)).toBe(to)
  })
})
