import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errorOf } from '../../../../../test/kit/error-of.ts'
import { parseContainersConf, readContainersConf } from '../../../src/transfer/reaching/containers-conf.ts'
import { readHostsFolder } from '../../../src/transfer/reaching/hosts-toml.ts'
import { readOwnRegistries, rememberPlainHttp } from '../../../src/transfer/reaching/own-registries.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-reaching-'))
})
afterEach(() => rm(folder, { recursive: true }))
const write = async (name: string, text: string): Promise<void> => {
  await mkdir(join(folder, name, '..'), { recursive: true })
  await writeFile(join(folder, name), text)
}

describe('registries.conf', () => {
  it('says where registries are, what is asked first, and what is not asked at all', () => {
    const text = `unqualified-search-registries = ["docker.io"]
[[registry]]
prefix = "quay.io/team"
location = "registry.corp/quay/"
blocked = true
mirror-by-digest-only = true
[[registry.mirror]]
location = "mirror.corp:5000/quay"
insecure = true
[[registry]]
location = "plain.corp:5000"
insecure = true
[[registry.mirror]]
location = "other.corp"
pull-from-mirror = "tag-only"
[[registry]]
prefix = "*.example.com"
location = "all.corp"
`
    expect(parseContainersConf(text, 'registries.conf')).toEqual([
      {
        prefix: 'quay.io/team',
        location: 'registry.corp/quay',
        blocked: true,
        mirrors: [
          { location: 'mirror.corp:5000/quay', pulls: 'digest', insecureSkipTlsVerify: true, httpAllowed: true },
        ],
      },
      {
        prefix: 'plain.corp:5000',
        blocked: false,
        insecureSkipTlsVerify: true,
        httpAllowed: true,
        mirrors: [{ location: 'other.corp', pulls: 'tag' }],
      },
      { prefix: '*.example.com', location: 'all.corp', blocked: false, mirrors: [] },
    ])
    expect(() => parseContainersConf('[[registry]', 'a.conf')).toThrow('a.conf: toml: line 1')
  })

  it('is read where the environment says, and a drop-in replaces what was said of a prefix', async () => {
    await write('containers/registries.conf', '[[registry]]\nlocation = "a.corp"\n[[registry]]\nlocation = "b.corp"\n')
    await write('containers/registries.conf.d/10-b.conf', '[[registry]]\nlocation = "b.corp"\nblocked = true\n')
    await write('containers/registries.conf.d/20-c.txt', '[[registry]]\nlocation = "c.corp"\n')
    const found = await readContainersConf({ XDG_CONFIG_HOME: folder })
    const own = found.filter(({ prefix }) => prefix.endsWith('.corp'))
    expect(own.map(({ prefix, blocked }) => [prefix, blocked])).toEqual([
      ['a.corp', false],
      ['b.corp', true],
    ])
    const named = join(folder, 'containers/registries.conf')
    expect(await readContainersConf({ CONTAINERS_REGISTRIES_CONF: named })).toHaveLength(2)
    expect(await readContainersConf({ CONTAINERS_REGISTRIES_CONF: join(folder, 'none') })).toEqual([])
  })
})

describe('hosts.toml', () => {
  it('has mirrors in their order, with what may be asked of each', async () => {
    await write(
      'docker.io/hosts.toml',
      'server = "https://registry-1.docker.io"\n[host."http://mirror.corp:5000/hub"]\ncapabilities = ["pull", "resolve"]\n[host."https://other.corp/v2/hub"]\ncapabilities = ["pull"]\noverride_path = true\nskip_verify = true\nca = "ca.crt"\n[host."https://push.corp"]\ncapabilities = ["push"]\n',
    )
    await write('docker.io/ca.crt', 'PEM')
    await write('own.corp_5000_/hosts.toml', 'server = "http://m.corp"\n[host."http://m.corp"]\n')
    await write('_default/hosts.toml', '[host."https://all.corp"]\n')
    const [hub, own, ...more] = await readHostsFolder(folder)
    expect(hub).toEqual({
      prefix: 'docker.io',
      location: 'registry-1.docker.io',
      mirrors: [
        { location: 'mirror.corp:5000/hub', plainHttp: true },
        { location: 'other.corp/hub', pulls: 'digest', insecureSkipTlsVerify: true, ca: 'PEM' },
      ],
    })
    expect(own).toMatchObject({ prefix: 'own.corp:5000', blocked: true, mirrors: [{ location: 'm.corp' }] })
    expect(more).toEqual([])
  })

  it('is passed over with a word where it cannot be decoded', async () => {
    await write('a.corp/hosts.toml', 'server = \n')
    const warnings: string[] = []
    expect(await readHostsFolder(folder, (message) => warnings.push(message))).toEqual([])
    expect(warnings.join()).toContain('hosts.toml is passed over: ')
    expect(await readHostsFolder(join(folder, 'none'))).toEqual([])
  })
})

describe('our own file', () => {
  it('remembers who speaks http, and keeps what else it says', async () => {
    const file = join(folder, 'chartferry', 'registries.yaml')
    expect(await readOwnRegistries(file)).toEqual([])
    await rememberPlainHttp('a.corp:5000', true, file)
    expect(await readOwnRegistries(file)).toEqual([{ prefix: 'a.corp:5000', plainHttp: true }])
    await write(
      'chartferry/registries.yaml',
      'registries:\n  a.corp:5000: {plainHttp: true, mirrors: [m.corp]}\n  b.corp: {caFile: ca.pem, trustRealms: [t.corp]}\n',
    )
    await write('chartferry/ca.pem', 'PEM')
    await rememberPlainHttp('a.corp:5000', false, file)
    expect(await readOwnRegistries(file)).toEqual([
      { prefix: 'b.corp', ca: 'PEM', trustedRealms: ['t.corp'] },
      { prefix: 'a.corp:5000', mirrors: [{ location: 'm.corp' }] },
    ])
  })

  it('says all that is wrong with it, with its line', async () => {
    const file = join(folder, 'registries.yaml')
    await write(
      'registries.yaml',
      'registries:\n  https://a.corp: {}\n  b.corp: {mirror: x, plainHttp: 1}\n  c.corp: {plainHttp: 1, caFile: none.pem}\n',
    )
    const { code, message } = await errorOf(readOwnRegistries(file))
    expect(code).toBe('CONFIG_INVALID')
    expect(message.split('\n')).toHaveLength(5)
    expect(message).toContain('registries.yaml:3: registries."b.corp".mirror: is not known')
  })
})
