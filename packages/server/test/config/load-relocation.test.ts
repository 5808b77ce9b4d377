import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isChartferryError } from '@chartferry/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ServerConfig } from '../../src/config/config.ts'
import { parseConfig } from '../../src/config/load-config.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-relocation-'))
  await writeFile(join(folder, 'rules.yaml'), 'rules:\n  - { match: quay.io/**, keep: true }\n')
  await writeFile(join(folder, 'bad.yaml'), 'rules:\n  - { match: quay.io/** }\n')
  await writeFile(join(folder, 'loki.yaml'), 'size: 1\n')
})
afterAll(() => rm(folder, { recursive: true }))

const parse = (text: string): Promise<ServerConfig> =>
  parseConfig(text, { file: join(folder, 'server.yaml'), environment: {}, overrides: {} })

async function faultsOf(text: string): Promise<readonly string[]> {
  const thrown: unknown = await parse(text).catch((failure: unknown) => failure)
  if (!isChartferryError(thrown, 'CONFIG_INVALID')) throw new Error('no CONFIG_INVALID was thrown')
  return (thrown.details.faults as string[]).map((fault) => fault.slice(fault.indexOf('server.yaml')))
}

describe('the configuration of a relocation', () => {
  it('needs a name and a target alone', async () => {
    const config = await parse(`repositories:
  up: { url: https://charts.example.com }
  corp: { kind: relocated, of: up, to: registry.corp:5000/mirror }
`)
    expect(config.repositories.get('corp')).toMatchObject({
      kind: 'relocated',
      relocation: {
        of: 'up',
        to: 'registry.corp:5000/mirror',
        mode: 'path',
        rules: [],
        images: 'present',
        unproven: 'refuse',
        warm: 0,
        registry: { prefix: 'registry.corp:5000/mirror' },
      },
    })
    expect(config.relocation).toEqual({ render: true, processes: 2, memory: 2 ** 30, within: 120_000 })
  })

  it('is taken whole, for itself and for a repository of another kind', async () => {
    const config = await parse(`publicUrl: https://charts.corp:8443/
repositories:
  up:
    url: https://charts.example.com
    relocate:
      to: registry.corp:5000
      mode: flatten
      rules: rules.yaml
      values: { loki: loki.yaml }
      images: copy
      platforms: [linux/amd64]
      unproven: mark
      warm: 2
      registry: { username: me, password: secret, plainHttp: true, pushTo: push.corp:5001 }
  local: { kind: hosted, relocate: { to: self } }
`)
    expect(config.repositories.get('up')).toMatchObject({
      kind: 'proxy',
      relocation: {
        of: 'up',
        mode: 'flatten',
        rules: [{ match: 'quay.io/**', action: { kind: 'keep' } }],
        values: new Map([['loki', { name: 'loki.yaml', text: 'size: 1\n' }]]),
        images: 'copy',
        registry: { plainHttp: true, pushTo: 'push.corp:5001', credential: { kind: 'basic', username: 'me' } },
      },
    })
    expect(config.repositories.get('local')).toMatchObject({
      kind: 'hosted',
      relocation: { of: 'local', to: 'charts.corp:8443', mode: 'host-path', images: 'pull-through' },
    })
    // They are looked at while the server runs.
    expect(config.files).toEqual(expect.arrayContaining(['rules.yaml', 'loki.yaml'].map((name) => join(folder, name))))
  })

  it('is for those who may have the original, unless it says otherwise', async () => {
    const config = await parse(`auth: { users: { alice: { password: a }, bob: { password: b } } }
repositories:
  up: { url: https://charts.example.com, access: { pull: [alice] } }
  same: { kind: relocated, of: up, to: r.corp:5000 }
  open: { kind: relocated, of: up, to: r.corp:5000, access: { pull: [users] } }
`)
    expect(config.repositories.get('same')?.access.pull).toEqual(['alice'])
    expect(config.repositories.get('open')?.access.pull).toEqual(['users'])
  })

  it('tells what does not go together, each with its line', async () => {
    const faults = await faultsOf(`repositories:
  up: { url: https://charts.example.com }
  a:
    kind: relocated
    of: none
    to: registry.corp/UPPER
  b:
    kind: relocated
    of: a
    to: self
    mode: path
  c:
    kind: relocated
    of: up
    to: registry.corp:5000
    rules: bad.yaml
    values: { loki: missing.yaml }
    platforms: [linux/amd64]
    sign: { keyFile: missing.key }
  d: { url: https://charts.example.com, relocate: { to: registry.corp:5000 } }
  e: { kind: group, members: [d], relocate: { to: registry.corp:5000/mirror, images: pull-through } }
`)
    const wanted = [
      /^server\.yaml:5: repositories\.a\.of: there is no repository "none"/,
      /^server\.yaml:6: repositories\.a\.to: target "registry/,
      /^server\.yaml:9: repositories\.b\.of: "a" is relocated itself/,
      /^server\.yaml:11: repositories\.b\.mode: .* leave `mode` out/,
      /^server\.yaml:16: repositories\.c\.rules: bad\.yaml: rule 1: needs one of/,
      /^server\.yaml:17: repositories\.c\.values: loki: there is no file /,
      /^server\.yaml:18: repositories\.c\.platforms: .*`images: copy`/,
      /^server\.yaml:19: repositories\.c\.sign: keyFile: there is no file /,
      /repositories\.e\.relocate: the member "d" of "e" is relocated itself/,
      /repositories\.e\.relocate\.to: .*give the host alone/,
    ]
    for (const pattern of wanted)
      expect(
        faults.some((fault) => pattern.test(fault)),
        String(pattern),
      ).toBe(true)
    expect(faults).toHaveLength(wanted.length)
  })

  it('does not guess the name of a server that others reach', async () => {
    const text = (listen: string): string =>
      `listen: ${listen}\nrepositories:\n  up: { kind: hosted, relocate: { to: self } }\n`
    expect(await faultsOf(text('0.0.0.0:8080'))).toEqual([
      expect.stringMatching(/repositories\.up\.relocate\.to: `self` needs `publicUrl`/),
    ])
    expect((await parse(text('127.0.0.1:8080'))).repositories.get('up')).toMatchObject({
      relocation: { to: '127.0.0.1:8080' },
    })
  })
})
