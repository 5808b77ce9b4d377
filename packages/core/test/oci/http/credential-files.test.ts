import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { credentialFiles, eraseCredential, storeCredential } from '../../../src/oci/http/credential-files.ts'

let folder: string
let path: string | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-credentials-'))
  path = process.env.PATH
})
afterEach(async () => {
  process.env.PATH = path
  await rm(folder, { recursive: true })
})

const encode = (text: string): string => Buffer.from(text).toString('base64')

async function write(name: string, document: unknown): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, typeof document === 'string' ? document : JSON.stringify(document))
  return file
}

describe('credentialFiles', () => {
  it('reads what docker login writes: auth, identity token, registry token', async () => {
    const file = await write('config.json', {
      auths: {
        'a.example:5000': { auth: encode('me:pass:word') },
        'https://b.example/v2/': { identitytoken: 'idtoken' },
        'c.example': { registrytoken: 'regtoken' },
        'd.example': { username: 'plain', password: 'text' },
        'e.example': {},
      },
    })
    const source = credentialFiles([file])
    expect(await source.credentialFor('a.example:5000')).toEqual({
      kind: 'basic',
      username: 'me',
      password: 'pass:word',
    })
    expect(await source.credentialFor('b.example')).toEqual({ kind: 'identity', token: 'idtoken' })
    expect(await source.credentialFor('c.example')).toEqual({ kind: 'bearer', token: 'regtoken' })
    expect(await source.credentialFor('d.example')).toEqual({ kind: 'basic', username: 'plain', password: 'text' })
    expect(await source.credentialFor('e.example')).toBeUndefined()
    expect(await source.credentialFor('a.example')).toBeUndefined()
  })

  it('knows Docker Hub by all its names', async () => {
    const file = await write('config.json', { auths: { 'https://index.docker.io/v1/': { auth: encode('hub:pw') } } })
    expect(await credentialFiles([file]).credentialFor('docker.io', 'library/nginx')).toMatchObject({ username: 'hub' })
  })

  it('takes the entry that names most of the path, as podman has it', async () => {
    const file = await write('auth.json', {
      auths: {
        'quay.io': { auth: encode('all:1') },
        'quay.io/team': { auth: encode('team:2') },
        'quay.io/team/app': { auth: encode('app:3') },
      },
    })
    const source = credentialFiles([file])
    expect(await source.credentialFor('quay.io', 'team/app')).toMatchObject({ username: 'app' })
    expect(await source.credentialFor('quay.io', 'team/other')).toMatchObject({ username: 'team' })
    expect(await source.credentialFor('quay.io', 'teamwork')).toMatchObject({ username: 'all' })
  })

  it('asks the files in order, and minds none that is missing', async () => {
    const first = await write('first.json', { auths: { 'a.example': { auth: encode('first:1') } } })
    const second = await write('second.json', {
      auths: { 'a.example': { auth: encode('second:2') }, 'b.example': { auth: encode('b:2') } },
    })
    const source = credentialFiles([join(folder, 'none'), first, second])
    expect(await source.credentialFor('a.example')).toMatchObject({ username: 'first' })
    expect(await source.credentialFor('b.example')).toMatchObject({ username: 'b' })
  })

  it('says which file is no JSON', async () => {
    const file = await write('broken.json', '{')
    await expect(credentialFiles([file]).credentialFor('a.example')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('asks credential helpers, of one host before that of all', async () => {
    const helper = async (name: string, script: string): Promise<void> => {
      await writeFile(join(folder, `docker-credential-${name}`), `#!/bin/sh\nread server\n${script}\n`)
      await chmod(join(folder, `docker-credential-${name}`), 0o755)
    }
    await helper('own', `printf '{"ServerURL":"%s","Username":"<token>","Secret":"id-%s"}' "$server" "$server"`)
    await helper(
      'store',
      `if [ "$server" = b.example ]; then printf '{"Username":"u","Secret":"s"}'; else echo "credentials not found in native keychain"; exit 1; fi`,
    )
    await helper('bad', 'echo "keychain is locked" >&2; exit 2')
    process.env.PATH = `${folder}${delimiter}${path}`
    const file = await write('config.json', {
      credsStore: 'store',
      credHelpers: { 'a.example': 'own', 'd.example': 'bad', 'e.example': '../evil' },
    })
    const source = credentialFiles([file])
    expect(await source.credentialFor('a.example')).toEqual({ kind: 'identity', token: 'id-a.example' })
    expect(await source.credentialFor('b.example')).toEqual({ kind: 'basic', username: 'u', password: 's' })
    expect(await source.credentialFor('c.example')).toBeUndefined()
    await expect(source.credentialFor('d.example')).rejects.toThrow('keychain is locked')
    await expect(source.credentialFor('e.example')).rejects.toThrow('is no name of a helper')
  })
})

describe('storeCredential and eraseCredential', () => {
  it('write a file for its owner alone, and leave the rest of it', async () => {
    const file = join(folder, 'new', 'config.json')
    await storeCredential(file, 'a.example', 'me', 'secret')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await writeFile(
      file,
      JSON.stringify({ ...(JSON.parse(await readFile(file, 'utf8')) as object), experimental: 'enabled' }),
    )
    await storeCredential(file, 'docker.io', 'hub', 'pw')
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      auths: { 'a.example': { auth: encode('me:secret') }, 'https://index.docker.io/v1/': { auth: encode('hub:pw') } },
      experimental: 'enabled',
    })
    expect(await eraseCredential(file, 'a.example')).toBe(true)
    expect(await eraseCredential(file, 'a.example')).toBe(false)
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      auths: { 'https://index.docker.io/v1/': {} },
      experimental: 'enabled',
    })
  })

  it('leave the file alone where it is no JSON', async () => {
    const file = await write('config.json', 'broken')
    await expect(storeCredential(file, 'a.example', 'me', 'secret')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(await readFile(file, 'utf8')).toBe('broken')
  })
})
