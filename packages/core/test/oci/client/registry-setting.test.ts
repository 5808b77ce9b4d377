import { describe, expect, it } from 'vitest'
import { placesOf, type RegistrySetting } from '../../../src/oci/client/registry-setting.ts'

const settings: readonly RegistrySetting[] = [
  { prefix: 'quay.io', mirrors: [{ location: 'mirror.corp/quay', plainHttp: true }], plainHttp: false },
  {
    prefix: 'quay.io/team',
    location: 'team.corp',
    blocked: true,
    mirrors: [{ location: 'm.corp:5000', pulls: 'tag' }],
  },
  { prefix: '*.example.com', location: 'all.corp/example' },
  { prefix: 'pull.corp/mirror', pushTo: 'push.corp:5001/in' },
]
const names = (name: string): object => {
  const slash = name.indexOf('/')
  const { read, push } = placesOf(settings, name.slice(0, slash), name.slice(slash + 1))
  return { read: read.map(({ host, path }) => `${host}/${path}`), push: `${push.host}/${push.path}` }
}

describe('placesOf', () => {
  it.each([
    ['ghcr.io/a/b', ['ghcr.io/a/b'], 'ghcr.io/a/b'],
    ['quay.io/a/b', ['mirror.corp/quay/a/b', 'quay.io/a/b'], 'quay.io/a/b'],
    ['quay.io/team/b', ['m.corp:5000/b'], 'team.corp/b'],
    ['quay.io/teams/b', ['mirror.corp/quay/teams/b', 'quay.io/teams/b'], 'quay.io/teams/b'],
    ['quay.io:443/a', ['quay.io:443/a'], 'quay.io:443/a'],
    ['sub.example.com:5000/a/b', ['all.corp/example/a/b'], 'all.corp/example/a/b'],
    ['example.com/a', ['example.com/a'], 'example.com/a'],
    ['pull.corp/mirror/a/b', ['pull.corp/mirror/a/b'], 'push.corp:5001/in/a/b'],
  ])('has the places of %s', (name, read, push) => expect(names(name)).toEqual({ read, push }))

  it('gives each place its own access', () => {
    const [mirror, main] = placesOf(settings, 'quay.io', 'a').read
    expect([mirror?.access.plainHttp, main?.access.plainHttp]).toEqual([true, false])
  })
})
