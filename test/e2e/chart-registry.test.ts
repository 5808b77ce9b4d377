// Charts of the proxy pulled by `oci://`: helm 3 and 4, crane and skopeo.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { digestOf } from '@chartferry/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Helm, openHelm } from '../kit/helm.ts'
import { startRealRegistry } from '../kit/real-registries.ts'
import { startServer, type TestServer } from '../kit/server.ts'
import { createSigningKey, type SigningKey } from '../kit/signing-key.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const run = promisify(execFile)
const configMap =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}"}\ndata: {a: "{{ .Values.a }}"}\n'

describeWithTools('charts of the proxy by oci://', ['helm3', 'helm4', 'crane', 'skopeo'], (tools) => {
  let upstream: TestUpstream
  let server: TestServer
  let folder: string
  let archive: Uint8Array
  let key: SigningKey | undefined
  const helms: Helm[] = []
  const host = (): string => server.url.slice('http://'.length)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-oci-'))
    upstream = await startUpstream()
    archive = await upstream.add({ name: 'web', values: 'a: one\n', templates: { 'map.yaml': configMap } })
    await upstream.add({
      name: 'web',
      version: '1.1.0+build.7',
      values: 'a: plus\n',
      templates: { 'map.yaml': configMap },
    })
    await upstream.add({ name: 'web', version: '2.0.0-rc.1' })
    helms.push(await openHelm(tools.helm3), await openHelm(tools.helm4))
    key = await createSigningKey()
    if (key === undefined && process.env.CI === 'true') throw new Error('gpg is missing')
    server = await startServer({ repositories: { local: { kind: 'hosted' }, up: upstream.url } })
  })
  afterAll(async () => {
    await key?.close()
    for (const helm of helms) await helm.close()
    await server.close()
    await upstream.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('are pulled by helm: a version, the newest, one with a plus', async () => {
    for (const helm of helms) {
      const chart = `oci://${host()}/up/web`
      await helm.must('pull', chart, '--version', '1.0.0', '--plain-http')
      expect(await readFile(join(helm.folder, 'web-1.0.0.tgz'))).toEqual(Buffer.from(archive))
      await helm.must('pull', chart, '--plain-http')
      await helm.must('pull', chart, '--plain-http', '--version', '^1.0.0')
      expect((await readdir(helm.folder)).filter((name) => name.endsWith('.tgz'))).toEqual([
        'web-1.0.0.tgz',
        'web-1.1.0+build.7.tgz',
      ])
      expect(await helm.must('template', chart, '--version', '1.1.0+build.7', '--plain-http')).toContain('a: "plus"')
      expect(await helm.must('show', 'chart', chart, '--version', '2.0.0-rc.1', '--plain-http')).toContain('name: web')
      expect((await helm.run('pull', chart, '--version', '7.0.0', '--plain-http')).code).not.toBe(0)
    }
  })

  it('are verified by helm where they are signed', async () => {
    if (key === undefined) return
    for (const [index, helm] of helms.entries()) {
      await helm.must('create', 'signed')
      const version = `1.0.${index}`
      await helm.must(
        'package',
        'signed',
        '--sign',
        '--version',
        version,
        '--key',
        key.name,
        '--keyring',
        key.secretKeyring,
      )
      const [bytes, provenance] = await Promise.all(
        ['', '.prov'].map((end) => readFile(join(helm.folder, `signed-${version}.tgz${end}`))),
      )
      await server.ask('/api/local/charts', { method: 'POST', body: bytes ?? '' })
      await server.ask('/api/local/prov', { method: 'POST', body: provenance ?? '' })
      const chart = `oci://${host()}/local/signed`
      const args = ['--version', version, '--plain-http', '--verify', '--keyring', key.publicKeyring, '-d', folder]
      await helm.must('pull', chart, ...args)
      expect(await readFile(join(folder, `signed-${version}.tgz.prov`))).toEqual(provenance)
    }
  })

  it('are read by crane and skopeo', async () => {
    const { stdout: tags } = await run(tools.crane, ['ls', `${host()}/up/web`])
    expect(tags.trim().split('\n')).toEqual(['1.0.0', '1.1.0_build.7', '2.0.0-rc.1'])
    const layout = join(folder, 'layout')
    await run(tools.crane, ['pull', '--format', 'oci', `${host()}/up/web:1.0.0`, layout])
    const hex = digestOf(archive).slice('sha256:'.length)
    expect(await readFile(join(layout, 'blobs/sha256', hex))).toEqual(Buffer.from(archive))
    await run(tools.crane, ['validate', '--remote', `${host()}/up/web:1.0.0`, '--fast'])
    const raw = await run(tools.skopeo, ['inspect', '--tls-verify=false', '--raw', `docker://${host()}/up/web:1.0.0`])
    const digest = (await run(tools.crane, ['digest', `${host()}/up/web:1.0.0`])).stdout.trim()
    expect(digestOf(Buffer.from(raw.stdout))).toBe(digest)
    const copied = join(folder, 'copied')
    await run(tools.skopeo, [
      '--insecure-policy',
      'copy',
      '--src-tls-verify=false',
      `docker://${host()}/up/web@${digest}`,
      `oci:${copied}:1.0.0`,
    ])
    expect(await readFile(join(copied, 'blobs/sha256', hex))).toEqual(Buffer.from(archive))
  })

  it('are pulled after the upstream is gone', async () => {
    await upstream.stop()
    for (const helm of helms) {
      await helm.must(
        'pull',
        `oci://${host()}/up/web`,
        '--version',
        '1.0.0',
        '--plain-http',
        '--untar',
        '--untardir',
        'again',
      )
      expect(await readdir(join(helm.folder, 'again'))).toEqual(['web'])
    }
    await upstream.start()
  })
})

describeWithTools('a registry behind the proxy', ['helm3', 'helm4', 'registry3'], (tools) => {
  it('is a chart repository for helm: what it lists is found, pulled and gone on with when it is gone', async () => {
    const registry = await startRealRegistry({ command: tools.registry3, kind: 'distribution' })
    const pusher = await openHelm(tools.helm3)
    for (const version of ['1.0.0', '1.1.0+build.1']) {
      await pusher.must('create', 'web')
      await pusher.must('package', 'web', '--version', version)
      await pusher.must('push', `web-${version}.tgz`, `oci://${registry.host}/charts`, '--plain-http')
    }
    const server = await startServer({ repositories: { oci: `oci://${registry.host}/charts` } })
    try {
      for (const path of [tools.helm3, tools.helm4]) {
        const helm = await openHelm(path)
        await helm.must('repo', 'add', 'oci', `${server.url}/oci`)
        const found = JSON.parse(await helm.must('search', 'repo', '-l', '-o', 'json')) as { version: string }[]
        expect(found.map(({ version }) => version)).toEqual(['1.1.0+build.1', '1.0.0'])
        await helm.must('pull', 'oci/web', '--version', '1.1.0+build.1')
        const pulled = await readFile(join(helm.folder, 'web-1.1.0+build.1.tgz'))
        expect(pulled).toEqual(await readFile(join(pusher.folder, 'web-1.1.0+build.1.tgz')))
        // And out again as from a registry.
        const host = server.url.slice('http://'.length)
        await helm.must('pull', `oci://${host}/oci/web`, '--version', '1.0.0', '--plain-http')
        await helm.close()
      }
      await registry.close()
      const helm = await openHelm(tools.helm4)
      await helm.must('pull', 'web', '--repo', `${server.url}/oci`, '--version', '1.0.0')
      await helm.close()
    } finally {
      await registry.close()
      await pusher.close()
      await server.close()
    }
  }, 60_000)
})
