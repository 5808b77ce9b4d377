import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultLimits, isChartferryError } from '@chartferry/core'
import { describe, expect, it } from 'vitest'
import type { ServerConfig } from '../../src/config/config.ts'
import { loadConfig, parseConfig } from '../../src/config/load-config.ts'

const parse = (text: string, environment: Record<string, string> = {}): Promise<ServerConfig> =>
  parseConfig(text, { file: 'server.yaml', environment, overrides: {} })

async function faultsOf(promise: Promise<unknown>): Promise<readonly string[]> {
  const thrown: unknown = await promise.catch((failure: unknown) => failure)
  if (!isChartferryError(thrown, 'CONFIG_INVALID')) throw new Error('no CONFIG_INVALID was thrown')
  return thrown.details.faults as string[]
}

describe('parseConfig', () => {
  it('needs nothing to be said', async () => {
    const config = await parse('')
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      data: '.chartferry',
      indexForm: 'json',
      limits: defaultLimits,
    })
    expect(config.repositories.get('local')).toMatchObject({ kind: 'hosted' })
    expect([...config.repositories.values()].filter(({ kind }) => kind === 'proxy').length).toBeGreaterThan(3)
  })

  it('takes every setting', async () => {
    const config = await parse(
      `
listen: "[::1]:9000"
publicUrl: https://charts.example.com/
data: /var/lib/chartferry
indexFormat: yaml
logLevel: warn
redisUrl: redis://localhost
freshFor: 1h
upstreamTimeout: 10s
retryAfter: 1m
patience: 1s
stopWithin: 20s
indexMemory: 1GiB
limits: { archiveBytes: 20MiB, indexVersions: 10 }
repositories:
  mine: { kind: hosted }
  theirs: { url: "https://charts.example.com", freshFor: 1d, username: u, password: "\${SECRET}" }
  tokened: { kind: proxy, url: "http://h", token: t, insecureSkipTlsVerify: true }
`,
      { SECRET: 'pass' },
    )
    expect(config).toMatchObject({
      host: '::1',
      port: 9000,
      publicUrl: 'https://charts.example.com',
      data: '/var/lib/chartferry',
      indexForm: 'yaml',
      logLevel: 'warn',
      redisUrl: 'redis://localhost',
      upstreamTimeout: 10_000,
      retryAfter: 60_000,
      patience: 1000,
      stopWithin: 20_000,
      indexMemory: 1024 ** 3,
      limits: { ...defaultLimits, archiveBytes: 20 * 1024 ** 2, indexVersions: 10 },
    })
    expect(Object.fromEntries(config.repositories)).toMatchObject({
      mine: { kind: 'hosted' },
      theirs: {
        kind: 'proxy',
        url: 'https://charts.example.com',
        freshFor: 86_400_000,
        credential: { kind: 'basic', username: 'u', password: 'pass' },
        insecureSkipTlsVerify: false,
      },
      tokened: {
        kind: 'proxy',
        url: 'http://h',
        freshFor: 3_600_000,
        credential: { kind: 'bearer', token: 't' },
        insecureSkipTlsVerify: true,
      },
    })
  })

  it('lets the environment win over the file', async () => {
    const config = await parse('listen: 127.0.0.1:1\ndata: a\n', { CHARTFERRY_LISTEN: ':2', CHARTFERRY_DATA: 'b' })
    expect(config).toMatchObject({ host: '0.0.0.0', port: 2, data: 'b' })
  })

  it('tells all faults at once, each with its line', async () => {
    const faults = await faultsOf(
      parse(
        `listen: nowhere
color: red
freshFor: soon
repositories:
  local:
    kind: hosted
    url: https://h
  api: { kind: hosted }
  Upper: { kind: hosted }
  nourl: {}
  odd:
    url: ftp://h
    freshFor: 5
`,
        { CHARTFERRY_LOG_LEVEL: 'loud' },
      ),
    )
    expect(faults.toSorted()).toEqual(
      [
        'CHARTFERRY_LOG_LEVEL: logLevel: must be silent, error, warn, info or debug',
        'server.yaml:1: listen: write it as host:port',
        'server.yaml:2: color: there is no such setting',
        'server.yaml:3: freshFor: write it as 30s, 5m or 1h',
        'server.yaml:7: repositories.local.url: there is no such setting',
        'server.yaml:8: repositories.api: this name is needed for a route',
        'server.yaml:9: repositories.Upper: a repository name has small letters, digits, dots and dashes, at most 63',
        'server.yaml:10: repositories.nourl.url: is missing',
        'server.yaml:12: repositories.odd.url: must be an http, https or oci URL',
        'server.yaml:13: repositories.odd.freshFor: write it as 30s, 5m or 1h',
      ].toSorted(),
    )
  })

  it('tells faults of the form together with those of files and groups', async () => {
    const faults = await faultsOf(
      parse(`color: red
repositories:
  odd: { url: "ftp://h" }
  all: { kind: group, members: [odd, nobody] }
  d: { url: "https://h", caFile: /does/not/exist.pem }
`),
    )
    expect(faults).toHaveLength(4)
    expect(faults).toContain('server.yaml:1: color: there is no such setting')
    expect(faults).toContain('server.yaml:3: repositories.odd.url: must be an http, https or oci URL')
    expect(faults).toContain('server.yaml:4: repositories.all: there is no repository "nobody"')
    expect(faults.at(-1)).toMatch(/^server\.yaml:5: repositories\.d: caFile: there is no file /)
  })

  it('tells what is wrong with secrets and files', async () => {
    const faults = await faultsOf(
      parse(`repositories:
  a: { url: "https://h", username: "\${NOT_SET}", password: x }
  b: { url: "https://h", username: only }
  c: { url: "https://h", token: t, username: u, password: p }
  d: { url: "https://h", caFile: /does/not/exist.pem }
`),
    )
    expect(faults).toHaveLength(4)
    expect(faults[0]).toBe('server.yaml:2: repositories.a: username names the variable NOT_SET, which is not set')
    expect(faults[1]).toBe('server.yaml:3: repositories.b: username and password belong together')
    expect(faults[2]).toBe('server.yaml:4: repositories.c: has a token and a username or password; give one of the two')
    expect(faults[3]).toMatch(/^server\.yaml:5: repositories\.d: caFile: there is no file /)
  })

  it('tells what is wrong with the rules of a hosted repository', async () => {
    const rules = 'kind: hosted, overwrite: sometimes, versionsPerChart: 0, mostFiles: many, space: 1 acre'
    const faults = await faultsOf(parse(`repositories:\n  a: { ${rules} }\n`))
    expect(faults.map((fault) => fault.split(': ')[1])).toEqual([
      'repositories.a.overwrite',
      'repositories.a.versionsPerChart',
      'repositories.a.mostFiles',
      'repositories.a.space',
    ])
    expect(faults[0]).toContain('must be never, force or always')
  })

  it('tells what is wrong with a group', async () => {
    const faults = await faultsOf(
      parse(
        'repositories: { a: { kind: hosted }, g: { kind: group, members: [a, b, a, g], reserved: { c: [x] } }, e: { kind: group, members: [] } }',
      ),
    )
    expect(faults.join('\n')).toContain('must have a member')
    const others = await faultsOf(
      parse('repositories: { a: { kind: hosted }, g: { kind: group, members: [a, b, a, g], reserved: { c: [x] } } }'),
    )
    expect(others.map((fault) => fault.replace(/^.*repositories/, 'repositories'))).toEqual([
      'repositories.g: there is no repository "b"',
      'repositories.g: "a" is named twice',
      'repositories.g: "g" is a group itself',
      'repositories.g: names are reserved for "c", which is no member',
    ])
  })

  it.each(['- a list', 'text', 'a: [', 'a: 1\na: 2'])('refuses %j as a file', async (text) => {
    expect(await faultsOf(parse(text))).toHaveLength(1)
  })
})

describe('loadConfig', () => {
  it('reads the file that the environment names, and certificates beside it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chartferry-config-'))
    await writeFile(join(folder, 'ca.pem'), 'PEM')
    await writeFile(join(folder, 'c.yaml'), 'repositories: { a: { url: "https://h", caFile: ca.pem } }')
    const config = await loadConfig({ environment: { CHARTFERRY_CONFIG: join(folder, 'c.yaml') } })
    expect(config.repositories.get('a')).toMatchObject({ ca: 'PEM' })
    await rm(folder, { recursive: true })
  })

  it('says that a file which was named is not there', async () => {
    await expect(loadConfig({ file: '/does/not/exist.yaml', environment: {} })).rejects.toThrow('/does/not/exist.yaml')
  })
})
