import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalReference,
  familiarName,
  formatReference,
  parseReference,
  tryParseReference,
} from '../../src/reference/reference.ts'

const hex = 'a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4'

describe('parseReference', () => {
  it.each([
    ['nginx', { path: 'nginx' }],
    ['nginx:1.27', { path: 'nginx', tag: '1.27' }],
    ['acme/web', { path: 'acme/web' }],
    ['localhost/web', { host: 'localhost', path: 'web' }],
    ['localhost:5000/a/b:1', { host: 'localhost:5000', path: 'a/b', tag: '1' }],
    ['quay.io/coreos/etcd:v3.5', { host: 'quay.io', path: 'coreos/etcd', tag: 'v3.5' }],
    ['Registry/web', { host: 'Registry', path: 'web' }],
    ['[2001:db8::1]:5000/web', { host: '[2001:db8::1]:5000', path: 'web' }],
    ['a__b/c-d/e--f.g', { path: 'a__b/c-d/e--f.g' }],
    [`web@sha256:${hex}`, { path: 'web', digest: `sha256:${hex}` }],
    [`r.io/web:1@sha256:${hex}`, { host: 'r.io', path: 'web', tag: '1', digest: `sha256:${hex}` }],
    [`${hex}:latest`.slice(1), { path: hex.slice(1), tag: 'latest' }],
    ['busybox:_weird.Tag-1', { path: 'busybox', tag: '_weird.Tag-1' }],
  ])('reads %s', (text, parts) => {
    expect(parseReference(text)).toEqual(parts)
    expect(formatReference(parseReference(text))).toBe(text)
  })

  it.each([
    ['an empty text', ''],
    ['64 hexadecimal digits', hex],
    ['an upper-case path', 'quay.io/Acme/Web'],
    ['an upper-case name', 'Nginx'],
    ['a scheme', 'https://quay.io/a/b'],
    ['two slashes', 'quay.io//web'],
    ['a slash at the end', 'quay.io/web/'],
    ['three underscores', 'a___b'],
    ['a tag of 129 characters', `web:${'a'.repeat(129)}`],
    ['an empty tag', 'web:'],
    ['a digest that is too short', 'web@sha256:abcd'],
    ['a port that is no number', 'reg.io:port/web'],
    ['a path of 256 characters', 'a'.repeat(256)],
    ['a Docker Hub name that is too long once library/ is added', 'a'.repeat(248)],
    ['white space', 'a b'],
    ['a template', '{{ .Values.image }}'],
  ])('refuses %s', (_, text) => {
    expect(tryParseReference(text)).toBeUndefined()
    expect(() => parseReference(text)).toThrowError(expect.objectContaining({ code: 'REFERENCE_INVALID' }))
  })
})

describe('canonicalReference', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx'],
    ['acme/web:1', 'docker.io/acme/web:1'],
    ['docker.io/nginx:1', 'docker.io/library/nginx:1'],
    ['index.docker.io/acme/web', 'docker.io/acme/web'],
    ['quay.io/web:1', 'quay.io/web:1'],
  ])('writes %s as %s', (short, long) => {
    expect(formatReference(canonicalReference(parseReference(short)))).toBe(long)
  })
})

describe('familiarName', () => {
  it.each([
    ['docker.io/library/nginx:1', 'nginx:1'],
    ['docker.io/acme/web', 'acme/web'],
    ['quay.io/acme/web', 'quay.io/acme/web'],
    ['docker.io/localhost/web', 'docker.io/localhost/web'],
  ])('shortens %s to %s', (long, short) => {
    expect(familiarName(parseReference(long))).toBe(short)
  })

  const component = fc.stringMatching(/^[a-z0-9]{1,8}$/)
  const reference = fc.record({
    host: fc.option(fc.constantFrom('docker.io', 'quay.io', 'localhost:5000', 'index.docker.io'), { nil: undefined }),
    path: fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
    tag: fc.option(fc.stringMatching(/^\w[\w.-]{0,10}$/), { nil: undefined }),
  })

  it('means the same image as the long form', () => {
    fc.assert(
      fc.property(reference, ({ host, path, tag }) => {
        const text = `${host ? `${host}/` : ''}${path}${tag ? `:${tag}` : ''}`
        const parsed = tryParseReference(text)
        fc.pre(parsed !== undefined)
        if (parsed === undefined) return
        const canonical = formatReference(canonicalReference(parsed))
        expect(formatReference(canonicalReference(parseReference(familiarName(parsed))))).toBe(canonical)
        expect(formatReference(parsed)).toBe(text)
      }),
    )
  })
})
