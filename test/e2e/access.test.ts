// What a person with helm and curl meets at a server that knows its users.
import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type Helm, openHelm } from '../kit/helm.ts'
import { startServer, type TestServer } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const token = 'a-long-random-token-of-ci'
const basic = (name: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

describeWithTools('helm at a server with users', ['helm3', 'htpasswd'], (paths) => {
  let helm: Helm
  let server: TestServer
  let folder: string
  beforeAll(async () => {
    helm = await openHelm(paths.helm3)
    folder = await mkdtemp(join(tmpdir(), 'chartferry-users-'))
    await writeFile(join(folder, 'users'), execFileSync(paths.htpasswd, ['-nbB', 'alice', 'wonder']))
    server = await startServer({
      repositories: {
        open: { kind: 'hosted', access: { pull: ['anyone'] } },
        secret: { kind: 'hosted', access: { pull: ['alice', 'ci'], push: ['ci'] } },
        all: { kind: 'group', members: ['open', 'secret'], access: { pull: ['anyone'] } },
      },
      settings: {
        auth: {
          usersFile: join(folder, 'users'),
          tokens: { ci: { sha256: createHash('sha256').update(token).digest('hex') } },
        },
      },
    })
    for (const [repository, name] of [
      ['open', 'web'],
      ['secret', 'vault'],
    ] as const) {
      const sent = { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: await buildChart({ name }) }
      expect((await server.ask(`/api/${repository}/charts`, sent)).status).toBe(201)
    }
  })
  afterAll(async () => {
    await server.close()
    await helm.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('gives a private repository to a user, and to a token as a password', async () => {
    const nobody = await helm.run('repo', 'add', 'nobody', `${server.url}/secret`)
    expect(nobody.code).toBe(1)
    expect(nobody.stderr).toContain('401')
    for (const [username, password] of [
      ['alice', 'wonder'],
      ['ci', token],
      ['token', token],
    ] as const) {
      await helm.must('repo', 'add', username, `${server.url}/secret`, '--username', username, '--password', password)
      await helm.must('pull', `${username}/vault`, '--destination', helm.folder)
      expect((await readFile(join(helm.folder, 'vault-1.0.0.tgz'))).length).toBeGreaterThan(0)
    }
  })

  it('shows in a group what each may pull', async () => {
    const credentials = ['--username', 'alice', '--password', 'wonder']
    await helm.must('repo', 'add', 'public', `${server.url}/all`)
    await helm.must('repo', 'add', 'mine', `${server.url}/all`, ...credentials)
    expect(await helm.must('search', 'repo', 'public/')).not.toContain('vault')
    expect(await helm.must('search', 'repo', 'mine/')).toMatch(/mine\/vault[\s\S]*mine\/web/)
    await helm.must('pull', 'mine/vault', '--destination', helm.folder)
    expect((await helm.run('pull', 'vault', '--repo', `${server.url}/all`)).code).toBe(1)
  })

  it('says what to do next', async () => {
    const refused = await server.ask('/api/secret/charts', { method: 'POST', headers: basic('alice', 'wonder') })
    expect([refused.status, (refused.json() as { hint: string }).hint]).toEqual([
      403,
      'Ask whoever runs the server; `access` in its configuration says who may do what.',
    ])
  })
})

describeWithTools(
  'clients of registries at a server with users',
  ['helm3', 'helm4', 'crane', 'skopeo', 'htpasswd'],
  (paths) => {
    let server: TestServer
    let upstream: TestUpstream
    let folder: string
    const host = (): string => server.url.slice('http://'.length)

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'chartferry-clients-'))
      const users = ['alice', 'bob'].map((user) =>
        execFileSync(paths.htpasswd, ['-nbB', user, 'wonder'], { encoding: 'utf8' }).trim(),
      )
      await writeFile(join(folder, 'users'), users.join('\n'))
      upstream = await startUpstream([{ name: 'web' }])
      server = await startServer({
        repositories: {
          open: { url: upstream.url, access: { pull: ['anyone'] } },
          secret: { url: upstream.url, access: { pull: ['alice', 'ci'] } },
          others: { url: upstream.url, access: { pull: ['bob'] } },
        },
        settings: {
          auth: {
            usersFile: join(folder, 'users'),
            tokens: { ci: { sha256: createHash('sha256').update(token).digest('hex') } },
          },
        },
      })
    })
    afterAll(async () => {
      await server.close()
      await upstream.close()
      await rm(folder, { recursive: true, force: true })
    })

    /** Runs a tool with credentials of its own; gives its exit code and all it said. */
    function run(path: string, args: readonly string[], home: string): Promise<{ code: number; said: string }> {
      const env = { PATH: process.env.PATH, HOME: home, DOCKER_CONFIG: home, XDG_RUNTIME_DIR: home }
      return new Promise((done) => {
        execFile(path, args, { cwd: home, env }, (error, stdout, stderr) =>
          done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 1, said: stdout + stderr }),
        )
      })
    }

    it.each(['helm3', 'helm4'] as const)('%s logs in, and pulls what its user may', async (tool) => {
      const helm = await openHelm(paths[tool])
      const pull = (repository: string) =>
        helm.run('pull', `oci://${host()}/${repository}/web`, '--version', '1.0.0', '--plain-http')
      expect((await pull('open')).code).toBe(0)
      const nobody = await pull('secret')
      expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('this needs credentials') as string])
      const login = (password: string) =>
        helm.run('registry', 'login', host(), '--plain-http', '--username', 'alice', '--password', password)
      const wrong = await login('wrong')
      expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/401|unauthorized/i)])
      expect((await login('wonder')).code).toBe(0)
      expect((await pull('secret')).code).toBe(0)
      expect((await pull('open')).code).toBe(0)
      const refused = await pull('others')
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/403|denied|forbidden/i)])
      expect(await readFile(join(helm.folder, 'web-1.0.0.tgz'))).toEqual(
        Buffer.from(upstream.files.get('charts/web-1.0.0.tgz') ?? []),
      )
      const wrongThere = await helm.run(
        'repo',
        'add',
        'r',
        `${server.url}/secret`,
        '--username',
        'alice',
        '--password',
        'no',
      )
      expect([wrongThere.code, wrongThere.stderr]).toEqual([1, expect.stringContaining('401')])
      await helm.must('repo', 'add', 'r', `${server.url}/secret`, '--username', 'alice', '--password', 'wonder')
      await helm.must('template', 'release', 'r/web')
      await helm.close()
    })

    it('crane logs in, and is told what it may not', async () => {
      const home = await mkdtemp(join(folder, 'crane-'))
      const crane = (...args: readonly string[]) => run(paths.crane, args, home)
      expect(await crane('ls', `${host()}/open/web`)).toEqual({ code: 0, said: '1.0.0\n' })
      expect(await crane('ls', `${host()}/secret/web`)).toEqual({
        code: 1,
        said: expect.stringContaining('UNAUTHORIZED'),
      })
      expect((await crane('auth', 'login', host(), '-u', 'alice', '-p', 'wrong')).code).toBe(0)
      expect(await crane('ls', `${host()}/secret/web`)).toEqual({
        code: 1,
        said: expect.stringContaining('UNAUTHORIZED'),
      })
      expect((await crane('auth', 'login', host(), '-u', 'ci', '-p', token)).code).toBe(0)
      expect(await crane('ls', `${host()}/secret/web`)).toEqual({ code: 0, said: '1.0.0\n' })
      expect((await crane('pull', '--format', 'oci', `${host()}/secret/web:1.0.0`, join(home, 'layout'))).code).toBe(0)
      expect(await crane('ls', `${host()}/others/web`)).toEqual({ code: 1, said: expect.stringContaining('DENIED') })
    })

    it('skopeo brings credentials, and is told what it may not', async () => {
      const home = await mkdtemp(join(folder, 'skopeo-'))
      const inspect = (repository: string, ...credentials: readonly string[]) => {
        const image = `docker://${host()}/${repository}/web:1.0.0`
        return run(paths.skopeo, ['inspect', '--raw', '--tls-verify=false', ...credentials, image], home)
      }
      expect(await inspect('open')).toEqual({ code: 0, said: expect.stringContaining('schemaVersion') })
      expect(await inspect('secret')).toEqual({
        code: 1,
        said: expect.stringMatching(/unauthorized|authentication required/i),
      })
      expect(await inspect('secret', '--creds', 'alice:wrong')).toEqual({
        code: 1,
        said: expect.stringMatching(/unauthorized|invalid username|authentication required/i),
      })
      const found = await inspect('secret', '--creds', 'alice:wonder')
      expect([found.code, JSON.parse(found.said)]).toEqual([0, expect.objectContaining({ schemaVersion: 2 })])
      expect(await inspect('others', '--creds', 'alice:wonder')).toEqual({
        code: 1,
        said: expect.stringMatching(/denied/i),
      })
    })
  },
)
