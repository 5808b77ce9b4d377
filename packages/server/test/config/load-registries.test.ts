import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ServerConfig } from '../../src/config/config.ts'
import { parseConfig } from '../../src/config/load-config.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-registries-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const parse = (text: string, environment: Record<string, string> = {}): Promise<ServerConfig> =>
  parseConfig(text, { file: join(folder, 'server.yaml'), environment, overrides: {} })

describe('registries of the server', () => {
  it('are written as in chartferry.yaml, with variables and files beside the configuration', async () => {
    await writeFile(join(folder, 'ca.pem'), 'CERTIFICATE')
    await writeFile(join(folder, 'token.txt'), 'abc\n')
    const { registries, files } = await parse(
      `registries:
  quay.io:
    mirrors: [mirror.corp/quay, {location: other.corp:5000, plainHttp: true, tokenFile: token.txt}]
    caFile: ca.pem
    username: ci
    password: \${SECRET}
    trustRealms: [gitlab.corp]
    pushTo: push.corp:5001
`,
      { SECRET: 'pass' },
    )
    expect(registries).toEqual([
      {
        prefix: 'quay.io',
        mirrors: [
          { location: 'mirror.corp/quay' },
          { location: 'other.corp:5000', plainHttp: true, credential: { kind: 'bearer', token: 'abc' } },
        ],
        pushTo: 'push.corp:5001',
        ca: 'CERTIFICATE',
        credential: { kind: 'basic', username: 'ci', password: 'pass' },
        trustedRealms: ['gitlab.corp'],
      },
    ])
    expect(files).toEqual(expect.arrayContaining([join(folder, 'ca.pem'), join(folder, 'token.txt')]))
  })

  it('are read from registries.conf and hosts.toml too, the first that names one counts', async () => {
    await writeFile(
      join(folder, 'registries.conf'),
      '[[registry]]\nprefix = "quay.io"\nblocked = true\n[[registry]]\nprefix = "ghcr.io"\n[[registry.mirror]]\nlocation = "conf.corp/ghcr"\n',
    )
    await mkdir(join(folder, 'registries.conf.d'))
    await writeFile(
      join(folder, 'registries.conf.d', 'a.conf'),
      '[[registry]]\nprefix = "gcr.io"\nlocation = "gcr.corp"\n',
    )
    await mkdir(join(folder, 'hosts', 'ghcr.io'), { recursive: true })
    await mkdir(join(folder, 'hosts', 'k8s.lab'), { recursive: true })
    for (const host of ['ghcr.io', 'k8s.lab'])
      await writeFile(join(folder, 'hosts', host, 'hosts.toml'), '[host."https://toml.corp"]\n')
    const { registries } = await parse(
      `registriesConf: registries.conf\nhostsDir: ${join(folder, 'hosts')}\nregistries: {quay.io: {location: quay.corp}}\n`,
    )
    expect(registries.map(({ prefix, location, mirrors = [] }) => [prefix, location ?? mirrors[0]?.location])).toEqual([
      ['quay.io', 'quay.corp'],
      ['ghcr.io', 'conf.corp/ghcr'],
      ['gcr.io', 'gcr.corp'],
      ['k8s.lab', 'toml.corp'],
    ])
  })

  it('have their faults told with their lines, all at once', async () => {
    const text = `registriesConf: none.conf
registries:
  quay.io:
    mirror: [x.corp]
  ghcr.io:
    plainHttp: yes please
    caFile: none.pem
    username: \${NOT_SET}
`
    const failed = await parse(text).catch((thrown: Error) => thrown.message)
    expect(failed).toMatch(/server\.yaml:4: registries\.quay\.io\.mirror: is not known/)
    expect(failed).toMatch(/server\.yaml:6: registries\.ghcr\.io\.plainHttp: must be true or false/)
    expect(failed).toMatch(/none\.pem/)
    expect(failed).toMatch(/NOT_SET/)
    expect(failed).toMatch(/none\.conf/)
  })
})
