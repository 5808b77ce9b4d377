import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readHelmRepositories, repositoriesFile } from '../../src/flags/helm-repositories.ts'

describe('repositoriesFile', () => {
  it.each([
    ['HELM_REPOSITORY_CONFIG', { HELM_REPOSITORY_CONFIG: '/a/r.yaml', HELM_CONFIG_HOME: '/b' }, 'linux', '/a/r.yaml'],
    ['HELM_CONFIG_HOME', { HELM_CONFIG_HOME: '/b', XDG_CONFIG_HOME: '/c' }, 'linux', '/b/repositories.yaml'],
    ['XDG_CONFIG_HOME', { XDG_CONFIG_HOME: '/c' }, 'darwin', '/c/helm/repositories.yaml'],
    ["Linux's own place", {}, 'linux', join(homedir(), '.config/helm/repositories.yaml')],
    ["macOS's own place", {}, 'darwin', join(homedir(), 'Library/Preferences/helm/repositories.yaml')],
    ["Windows' own place", { APPDATA: '/d' }, 'win32', '/d/helm/repositories.yaml'],
  ] as const)('is where %s says', (_, environment, platform, file) => {
    expect(repositoriesFile(environment, platform)).toBe(file)
  })
})

describe('readHelmRepositories', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-test-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const read = (text?: string) => {
    const file = join(folder, 'repositories.yaml')
    const written = text === undefined ? Promise.resolve() : writeFile(file, text)
    return written.then(() => readHelmRepositories({ HELM_REPOSITORY_CONFIG: file }))
  }

  it('reads what helm repo add has written', async () => {
    const entry =
      'name: acme\n  url: https://charts.acme.test\n  username: me\n  password: secret\n  caFile: ca.pem\n  certFile: ""'
    const { repositories } = await read(
      `apiVersion: ""\nrepositories:\n- ${entry}\n  insecure_skip_tls_verify: true\n  pass_credentials_all: false\n`,
    )
    expect(repositories).toEqual([
      {
        name: 'acme',
        url: 'https://charts.acme.test',
        username: 'me',
        password: 'secret',
        caFile: 'ca.pem',
        insecureSkipTlsVerify: true,
        passCredentials: false,
      },
    ])
  })

  it('has none where there is no file', async () => {
    expect((await read()).repositories).toEqual([])
  })

  it('skips entries without a name or a URL', async () => {
    expect((await read('repositories: [null, {name: a}, 7, {url: "https://b"}]\n')).repositories).toEqual([])
  })

  it('names the file that is no YAML', async () => {
    await expect(read('repositories: [')).rejects.toMatchObject({
      code: 'YAML_INVALID',
      message: expect.stringContaining(folder),
    })
  })
})
