// Images and charts through the registries that people run, judged by crane, skopeo and helm.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { readChartArchive } from '@chartferry/core'
import { openRegistries, type Registries } from '@chartferry/core/oci'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { digestOf } from '../../packages/core/src/digest.ts'
import type { Descriptor } from '../../packages/core/src/oci/content/descriptor.ts'
import { copyImages } from '../../packages/core/src/oci/copy/copy.ts'
import { buildChart } from '../kit/charts.ts'
import { runChartferry } from '../kit/command.ts'
import { type Helm, openHelm } from '../kit/helm.ts'
import { pushSignedIndex, type SignedIndex } from '../kit/images.ts'
import { type Authority, makeAuthority, type RealRegistry, startRealRegistry } from '../kit/real-registries.ts'
import { describeWithTools } from '../kit/tools.ts'

const run = promisify(execFile)

async function digests(items: AsyncIterable<Descriptor>): Promise<string[]> {
  const found: string[] = []
  for await (const { digest } of items) found.push(digest)
  return found.sort()
}

describeWithTools('registry to registry', ['docker-registry', 'registry3', 'crane', 'skopeo'], (tools) => {
  const registries: RealRegistry[] = []
  let client: Registries
  let signed: SignedIndex
  beforeAll(async () => {
    for (const [command, kind] of [
      [tools['docker-registry'], 'distribution'],
      [tools.registry3, 'distribution'],
      [tools.crane, 'crane'],
    ] as const)
      registries.push(await startRealRegistry({ command, kind }))
    client = openRegistries()
    signed = await pushSignedIndex(client.repository(`${registries[0]?.host}/team/app`), 'v1', { layerSize: 50_000 })
  }, 60_000)
  afterAll(async () => {
    await client.close()
    for (const registry of registries) await registry.close()
  })

  it('copies through each kind of registry with every digest, signature and referrer', async () => {
    const hosts = [0, 1, 2, 0].map((index) => registries[index]?.host ?? '')
    const names = hosts.map((host, step) => `${host}/${step === 0 ? 'team/app' : `step${step}/app`}`)
    for (let step = 1; step < names.length; step++) {
      const [from = '', to = ''] = [names[step - 1], names[step]]
      const item = { source: client.repository(from), from: 'v1', sink: client.repository(to), tag: 'v1' }
      const { images } = await copyImages([item])
      expect(images[0], to).toMatchObject({ target: signed.index, referrers: 3 })
      // A client that knows nothing of the copy, and the tools of others.
      const fresh = openRegistries()
      const far = fresh.repository(to)
      expect(await digests(far.referrers(signed.index))).toEqual([signed.sbom.digest])
      expect(await digests(far.referrers(signed.sbom))).toEqual([signed.sbomSignature.digest])
      expect(await far.resolve(`${signed.index.digest.replace(':', '-')}.sig`)).toEqual(signed.signature)
      for (const child of [...signed.children, signed.attestation]) expect(await far.has(child)).toBe(true)
      await fresh.close()
      await run(tools.crane, ['validate', '--insecure', '--remote', `${to}:v1`])
      const raw = await run(tools.skopeo, ['inspect', '--raw', '--tls-verify=false', `docker://${to}:v1`], {
        encoding: 'buffer',
      })
      expect(digestOf(raw.stdout)).toBe(signed.index.digest)
    }
  }, 60_000)
})

describeWithTools('a registry with TLS and a password', ['docker-registry', 'htpasswd', 'helm3', 'skopeo'], (tools) => {
  let folder: string
  let registry: RealRegistry
  let authority: Authority
  let helm: Helm
  let config: string
  const env = (): Record<string, string> => ({
    HELM_REGISTRY_CONFIG: config,
    HOME: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
  })
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-tls-'))
    config = join(folder, 'registry.json')
    authority = await makeAuthority(folder)
    registry = await startRealRegistry({
      command: tools['docker-registry'],
      kind: 'distribution',
      secured: { htpasswd: tools.htpasswd, user: 'ci', password: 's3cret:with', authority },
    })
    helm = await openHelm(tools.helm3)
    await writeFile(join(folder, 'web-1.2.3+build.5.tgz'), await buildChart({ name: 'web', version: '1.2.3+build.5' }))
  }, 60_000)
  afterAll(async () => {
    await registry.close()
    await helm.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('refuses before login, and a wrong password; login keeps the right one where helm finds it', async () => {
    const push = ['push', 'web-1.2.3+build.5.tgz', `oci://${registry.host}/charts`, '--ca-file', authority.caFile]
    const before = await runChartferry(push, { cwd: folder, env: env() })
    expect(before.code).toBe(4)
    expect(before.stderr).toContain(`chartferry login ${registry.host}`)
    const login = ['login', registry.host, '-u', 'ci', '--ca-file', authority.caFile]
    const wrong = await runChartferry([...login, '-p', 'wrong'], { env: env() })
    expect(wrong.code).toBe(4)
    const right = await runChartferry([...login, '-p', 's3cret:with'], { env: env() })
    expect(right.stderr).toBe('')
    expect(right.code).toBe(0)
    expect(JSON.parse(await readFile(config, 'utf8'))).toEqual({
      auths: { [registry.host]: { auth: Buffer.from('ci:s3cret:with').toString('base64') } },
    })
    const distrusted = await runChartferry(['push', 'web-1.2.3+build.5.tgz', `oci://${registry.host}/charts`], {
      cwd: folder,
      env: env(),
    })
    expect(distrusted.code).toBe(8)
    expect(distrusted.stderr).toContain('certificate')
    expect((await runChartferry(push, { cwd: folder, env: env() })).code).toBe(0)
  }, 60_000)

  it('exchanges charts with helm in both directions, byte for byte', async () => {
    const access = ['--ca-file', authority.caFile, '--registry-config', config]
    const chart = join(folder, 'web-1.2.3+build.5.tgz')
    await helm.must('pull', `oci://${registry.host}/charts/web`, '--version', '1.2.3+build.5', ...access)
    expect((await readFile(join(helm.folder, 'web-1.2.3+build.5.tgz'))).equals(await readFile(chart))).toBe(true)
    await helm.must('push', chart, `oci://${registry.host}/from-helm`, ...access)
    const pull = [
      'pull',
      `oci://${registry.host}/from-helm/web`,
      '--version',
      '>=1.0',
      '-d',
      'pulled',
      '--ca-file',
      authority.caFile,
    ]
    const pulled = await runChartferry(pull, { cwd: folder, env: env() })
    expect(pulled.stderr).toBe('')
    expect((await readFile(join(folder, 'pulled', 'web-1.2.3+build.5.tgz'))).equals(await readFile(chart))).toBe(true)
  }, 60_000)

  it('logs out', async () => {
    const { stdout } = await runChartferry(['logout', registry.host], { env: env() })
    expect(stdout).toBe(`logged out of ${registry.host}\n`)
    expect(JSON.parse(await readFile(config, 'utf8'))).toEqual({ auths: {} })
  })
})

describeWithTools('chartferry copy and relocate --copy', ['docker-registry', 'helm3', 'crane'], (tools) => {
  let folder: string
  let registry: RealRegistry
  let signed: SignedIndex
  let env: Record<string, string>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-copy-'))
    env = { HOME: folder, XDG_CACHE_HOME: join(folder, 'cache'), HELM_BIN: tools.helm3 }
    registry = await startRealRegistry({ command: tools['docker-registry'], kind: 'distribution' })
    const client = openRegistries()
    signed = await pushSignedIndex(client.repository(`${registry.host}/team/app`), 'v1')
    await client.close()
    const values = `image: ${registry.host}/team/app:v1\n`
    const templates = {
      'pod.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: {{ .Values.image }}}]}\n',
    }
    await writeFile(join(folder, 'web-1.0.0.tgz'), await buildChart({ name: 'web', values, templates }))
  }, 60_000)
  afterAll(async () => {
    await registry.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('copies named images, those of a list, a chart and a plan', async () => {
    const image = `${registry.host}/team/app:v1`
    await writeFile(join(folder, 'list'), `# images\n${image} ${registry.host}/listed:v2\n`)
    const ways = [
      [['copy', image, '--to', `${registry.host}/named`], 'named/team/app:v1'],
      [['copy', '--images', 'list'], 'listed:v2'],
      [['copy', '--chart', 'web-1.0.0.tgz', '--to', `${registry.host}/charted`], 'charted/team/app:v1'],
    ] as const
    for (const [args, name] of ways) {
      const { code, stdout, stderr } = await runChartferry([...args], { cwd: folder, env })
      expect(code, stderr).toBe(0)
      expect(stdout).toContain(`${registry.host}/${name}`)
      expect(stdout).toContain(signed.index.digest)
      await run(tools.crane, ['validate', '--insecure', '--remote', `${registry.host}/${name}`])
    }
  }, 60_000)

  it('copies the images of a chart while it is relocated, and from the plan again', async () => {
    const to = `${registry.host}/relocated`
    const args = ['relocate', 'web-1.0.0.tgz', '--to', to, '--copy', '-d', 'out', '--save-plan', 'plan.json']
    const { code, stderr } = await runChartferry(args, { cwd: folder, env })
    expect(code, stderr).toBe(0)
    await run(tools.crane, ['validate', '--insecure', '--remote', `${to}/team/app:v1`])
    const again = await runChartferry(['copy', '--plan', 'plan.json', '--json'], { cwd: folder, env })
    expect(JSON.parse(again.stdout)).toMatchObject({
      images: [{ present: true, digest: signed.index.digest, referrers: 3 }],
      bytes: { sent: 0 },
    })
  }, 60_000)

  it('leaves platforms out, and names the new digest in the chart, proven again', async () => {
    const values = `image: ${registry.host}/team/app@${signed.index.digest}\n`
    const templates = {
      'pod.yaml':
        'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: {{ .Values.image }}}]}\n',
    }
    await writeFile(join(folder, 'pinned-1.0.0.tgz'), await buildChart({ name: 'pinned', values, templates }))
    const to = `${registry.host}/smaller`
    const args = [
      'relocate',
      'pinned-1.0.0.tgz',
      '--to',
      to,
      '--copy',
      '--platform',
      'linux/amd64,linux/arm64',
      '-d',
      'out',
    ]
    const { code, stdout, stderr } = await runChartferry(args, { cwd: folder, env })
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('proven')
    expect(stderr).toContain('signatures of the whole index do not hold for it')
    const relocated = await readChartArchive(await readFile(join(folder, 'out', 'pinned-1.0.0.tgz')))
    const [, digest = ''] =
      /@(sha256:\w+)/.exec(Buffer.from(relocated.chart.files.get('values.yaml') ?? []).toString()) ?? []
    expect(digest).not.toBe(signed.index.digest)
    await run(tools.crane, ['validate', '--insecure', '--remote', `${to}/team/app@${digest}`])
  }, 60_000)

  it('stops at a gate that fails, with its words, and pushes nothing', async () => {
    const args = [
      'copy',
      `${registry.host}/team/app:v1`,
      '--to',
      `${registry.host}/gated`,
      '--gate',
      'echo "CVE-1 in $CHARTFERRY_REFERENCE"; false',
    ]
    const { code, stderr } = await runChartferry(args, { cwd: folder, env })
    expect(code).toBe(5)
    expect(stderr).toContain(`CVE-1 in ${registry.host}/team/app:v1`)
    expect(stderr).toContain('GATE_REFUSED')
    await expect(run(tools.crane, ['digest', '--insecure', `${registry.host}/gated/team/app:v1`])).rejects.toThrow()
  }, 60_000)
})
