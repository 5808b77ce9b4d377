// What a person with helm and curl meets at a server that knows its users.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type Helm, openHelm } from '../kit/helm.ts'
import { startServer, type TestServer } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'

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
