import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namingOf, targetModes } from '../../src/reference/naming.ts'
import { formatReference, parseReference } from '../../src/reference/reference.ts'
import { parseTarget } from '../../src/reference/target.ts'

const target = parseTarget('reg.corp:5000/m')
const digest = `sha256:${'0'.repeat(64)}`

describe('namingOf', () => {
  it.each([
    ['path', 'nginx', 'library/nginx'],
    ['path', 'docker.io/acme/web:1', 'acme/web:1'],
    ['path', `quay.io/a/b/c@${digest}`, `a/b/c@${digest}`],
    ['host-path', 'quay.io/acme/web:1', 'quay.io/acme/web:1'],
    ['host-path', 'nginx:1', 'docker.io/library/nginx:1'],
    ['host-path', 'localhost:5000/x:1', 'localhost-5000/x:1'],
    ['proxy', 'busybox:1.36', 'busybox:1.36'],
    ['proxy', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
    ['proxy', 'quay.io/coreos/etcd:v3', 'coreos/etcd:v3'],
    ['proxy', `busybox@${digest}`, `busybox@${digest}`],
    ['flatten', 'debian', 'debian'],
    ['flatten', 'weaveworks/weave-kube:2.8', 'weaveworks-weave-kube:2.8'],
    ['flatten', 'quay.io/coreos/etcd:v3', 'quay.io-coreos-etcd:v3'],
    ['flatten', 'registry.k8s.io/kops/dns:1', 'kops-dns:1'],
    ['flatten', 'localhost:5000/x/y:1', 'localhost-5000-x-y:1'],
    ['last', 'quay.io/a/web:1', 'web:1'],
  ] as const)('in mode %s calls %s %s', (mode, from, to) => {
    expect(formatReference(namingOf(target, mode).rename(parseReference(from)))).toBe(`reg.corp:5000/m/${to}`)
  })

  it('keeps apart in mode hash what other modes would give one name', () => {
    const names = ['quay.io/a/web:1', 'ghcr.io/b/web:1'].map((text) =>
      formatReference(namingOf(target, 'hash').rename(parseReference(text))),
    )
    expect(new Set(names).size).toBe(2)
    expect(names[0]).toMatch(/^reg\.corp:5000\/m\/web-[0-9a-f]{16}:1$/)
  })

  const component = fc.stringMatching(/^[a-z0-9]{1,8}$/)
  const path = fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
  const host = fc.constantFrom('', 'docker.io/', 'quay.io/', 'localhost:5000/')

  it.each(targetModes)('changes nothing the second time in mode %s', (mode) => {
    const naming = namingOf(target, mode)
    fc.assert(
      fc.property(host, path, (prefix, name) => {
        const once = naming.rename(parseReference(`${prefix}${name}:1`))
        expect(naming.rename(once)).toEqual(once)
      }),
    )
  })

  it('refuses a name that would be too long', () => {
    const long = namingOf(parseTarget(`reg.corp/${'a'.repeat(200)}`))
    expect(() => long.rename(parseReference(`quay.io/${'b'.repeat(100)}`))).toThrowError(
      expect.objectContaining({ code: 'REFERENCE_INVALID' }),
    )
  })

  it('takes a path that only begins like the prefix for another one', () => {
    expect(formatReference(namingOf(target).rename(parseReference('reg.corp:5000/mirrors/web')))).toBe(
      'reg.corp:5000/m/mirrors/web',
    )
  })

  it.each([
    ['path', 'quay.io', 'reg.corp:5000/m'],
    ['path', 'quay.io/', 'reg.corp:5000/m/'],
    ['path', 'cp.icr.io/cp', 'reg.corp:5000/m/cp'],
    ['path', 'bitnami', undefined],
    ['path', 'reg.corp:5000/m', undefined],
    ['path', '', undefined],
    ['host-path', 'quay.io', 'reg.corp:5000/m/quay.io'],
    ['flatten', 'quay.io', undefined],
  ] as const)('in mode %s renames the registry %j to %j', (mode, from, to) => {
    expect(namingOf(target, mode).renameRegistry(from)).toBe(to)
  })
})
