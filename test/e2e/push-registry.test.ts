// Charts and images pushed to hosted repositories by the field's own clients, logged in with names, passwords and tokens.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { digestOf } from '@chartferry/core'
import { openLayout } from '@chartferry/core/oci'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Helm, openHelm } from '../kit/helm.ts'
import { pushSignedIndex, type SignedIndex } from '../kit/images.ts'
import { startServer, type TestServer } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'

const run = promisify(execFile)
const password = 'the-password-of-ci'
const token = 'a-long-random-token-of-the-robot'

describeWithTools('a hosted repository as a registry', ['helm3', 'helm4', 'crane', 'skopeo'], (tools) => {
  let server: TestServer
  let folder: string
  let signed: SignedIndex
  const helms: Helm[] = []
  const host = (): string => server.url.slice('http://'.length)
  const crane = (...args: readonly string[]): Promise<{ stdout: string }> =>
    run(tools.crane, ['--insecure', ...args], { env: { ...process.env, DOCKER_CONFIG: join(folder, 'docker') } })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-push-'))
    helms.push(await openHelm(tools.helm3), await openHelm(tools.helm4))
    server = await startServer({
      repositories: { local: { kind: 'hosted', access: { pull: ['users'], push: ['ci', 'robot'], delete: ['ci'] } } },
      settings: {
        auth: {
          users: { ci: { password } },
          tokens: { robot: { sha256: createHash('sha256').update(token).digest('hex') } },
        },
      },
    })
    signed = await pushSignedIndex(openLayout(join(folder, 'layout')), 'v1')
  })
  afterAll(async () => {
    for (const helm of helms) await helm.close()
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('takes charts of helm, once logged in, and has them in its index at once', async () => {
    for (const [at, helm] of helms.entries()) {
      const version = `1.0.${at}`
      await helm.must('create', 'web')
      await helm.must('package', 'web', '--version', version)
      const push = ['push', `web-${version}.tgz`, `oci://${host()}/local`, '--plain-http']
      expect((await helm.run(...push)).code).not.toBe(0)
      await helm.must('registry', 'login', host(), '-u', 'ci', '-p', password, '--plain-http')
      await helm.must(...push)
      const archive = await readFile(join(helm.folder, `web-${version}.tgz`))
      const headers = { authorization: `Basic ${Buffer.from(`ci:${password}`).toString('base64')}` }
      const index = await server.ask('/local/index.yaml', { headers })
      expect(index.body.toString()).toContain(digestOf(archive).slice('sha256:'.length))
      await helm.must('pull', `oci://${host()}/local/web`, '--version', version, '--plain-http')
      expect(await readFile(join(helm.folder, `web-${version}.tgz`))).toEqual(archive)
    }
  })

  it('takes images of skopeo and crane byte for byte, with a name and a password or a token', async () => {
    const image = `${host()}/local/team/app`
    const tls = ['--insecure-policy', 'copy', '--all', '--dest-tls-verify=false']
    const from = `oci:${join(folder, 'layout')}:v1`
    await run('skopeo', [...tls, '--dest-creds', `ci:${password}`, from, `docker://${image}:v1`])
    await expect(crane('digest', `${image}:v1`)).rejects.toThrow()
    await crane('auth', 'login', host(), '-u', 'token', '-p', token)
    expect((await crane('digest', `${image}:v1`)).stdout.trim()).toBe(signed.index.digest)
    await crane('copy', `${image}:v1`, `${host()}/local/other/app:v2`)
    expect((await crane('ls', `${host()}/local/other/app`)).stdout.trim()).toBe('v2')
    await expect(crane('delete', `${image}:v1`)).rejects.toThrow(/DENIED/)
    await crane('auth', 'login', host(), '-u', 'ci', '-p', password)
    await crane('delete', `${image}:v1`)
    await expect(crane('digest', `${image}:v1`)).rejects.toThrow()
  })
})
