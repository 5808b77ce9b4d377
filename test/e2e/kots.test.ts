// The guide of KOTS' command line with our name in it, against Debian's registry with a password; kustomize reads what
// comes out.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openRegistries } from '@chartferry/core/oci'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { layerOf, pushImage } from '../kit/images.ts'
import { makeAuthority, type RealRegistry, startRealRegistry } from '../kit/real-registries.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { describeWithTools } from '../kit/tools.ts'

const run = promisify(execFile)

describeWithTools(
  'pull --rewrite-images',
  ['docker-registry', 'htpasswd', 'openssl', 'kustomize'],
  ({ 'docker-registry': command, htpasswd, kustomize }) => {
    let folder: string
    let source: TestRegistry
    let target: RealRegistry
    let caFile: string
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'chartferry-kots-'))
      source = await startRegistry()
      const authority = await makeAuthority(folder)
      caFile = authority.caFile
      const secured = { htpasswd, user: 'me', password: 'secret', authority }
      target = await startRealRegistry({ command, kind: 'distribution', secured })
      const registries = openRegistries()
      for (const path of ['acme/web', 'acme/side', 'acme/job', 'other/web'])
        await pushImage(registries.repository(`${source.host}/${path}`), { tag: '1', layers: [layerOf(path, 200)] })
      await registries.close()
    }, 60_000)
    afterAll(async () => {
      await target.close()
      await source.close()
      await rm(folder, { recursive: true, force: true })
    })

    const chartOf = async (version: string, more = '', name = 'shop'): Promise<string> => {
      const file = join(folder, `${name}-${version}.tgz`)
      const web = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "${source.host}/acme/web:1", args: ["--sidecar-image=${source.host}/acme/side:1"]}
`
      await writeFile(file, await buildChart({ name, version, templates: { 'web.yaml': web, 'more.yaml': more } }))
      return file
    }
    const job = (): string =>
      `apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: tidy}\nspec:\n  schedule: "@daily"\n  jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: "${source.host}/acme/job:1"}]}}}}\n`
    const pull = (chart: string, ...flags: readonly string[]): Promise<CommandRun> =>
      runChartferry([
        'pull',
        chart,
        '--rewrite-images',
        '--registry-endpoint',
        target.host,
        '--image-namespace',
        'shop',
        '--registry-username',
        'me',
        '--registry-password',
        'secret',
        '--ca-file',
        caFile,
        '--plain-http-host',
        source.host,
        ...flags,
      ])
    const built = async (overlay: string): Promise<string> => (await run(kustomize, ['build', overlay])).stdout
    const tree = async (place: string): Promise<readonly string[]> =>
      (await readdir(place, { recursive: true })).filter((name) => !name.includes('blobs')).sort()

    it('lays out what KOTS does, and its midstream names the private registry alone', async () => {
      const out = join(folder, 'first')
      const { code, stdout, stderr } = await pull(await chartOf('1.0.0', job()), '--working-dir', out)
      expect(code, stderr).toBe(0)
      expect(stdout).toContain(`${target.host}/shop/job:1`)
      const files = await tree(out)
      for (const file of [
        'upstream/shop/Chart.yaml',
        'base/kustomization.yaml',
        'base/templates/web.yaml',
        'overlays/midstream/kustomization.yaml',
        'overlays/midstream/pullsecrets.yaml',
        'overlays/midstream/secret.yaml',
        'overlays/downstreams/this-cluster/kustomization.yaml',
        'images/index.json',
      ])
        expect(files).toContain(file)
      const manifests = await built(join(out, 'overlays/midstream'))
      expect(manifests).not.toContain(source.host)
      expect(manifests).toContain(`image: ${target.host}/shop/web:1`)
      expect(manifests).toContain(`--sidecar-image=${target.host}/shop/side:1`)
      expect(manifests.match(/imagePullSecrets:\n\s+- name: shop-registry/g)).toHaveLength(2)
      expect(manifests).toContain('kots.io/app-slug: shop')
      // What was pushed can be pulled.
      const listed = await runChartferry([
        'copy',
        `${target.host}/shop/web:1`,
        '--to',
        source.host,
        '--mode',
        'hash',
        '--ca-file',
        caFile,
        '--plain-http-host',
        source.host,
      ])
      expect(listed.code).not.toBe(0)
      expect(listed.stderr).toMatch(/REGISTRY_DENIED|COPY_INCOMPLETE/)
    })

    it('updates: what was written by hand stays, a dropped image leaves the list', async () => {
      const out = join(folder, 'update')
      expect((await pull(await chartOf('1.0.0', job()), '--working-dir', out)).code).toBe(0)
      const downstream = join(out, 'overlays/downstreams/this-cluster')
      const patch = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 7}\n'
      await writeFile(join(downstream, 'replicas.yaml'), patch)
      await writeFile(
        join(downstream, 'kustomization.yaml'),
        'resources: [../../midstream]\npatches: [{path: replicas.yaml}]\n',
      )
      const midstream = join(out, 'overlays/midstream/kustomization.yaml')
      await writeFile(
        midstream,
        (await readFile(midstream, 'utf8')).replace(
          '\nimages:\n',
          '\nnamePrefix: my-\nimages:\n  - {name: mine, newName: r.corp/mine}\n',
        ),
      )
      await writeFile(join(out, 'overlays/midstream/notes.txt'), 'mine')

      const { code, stdout, stderr } = await pull(await chartOf('1.1.0'), '--working-dir', out)
      expect(code, stderr).toBe(0)
      expect(stdout).toMatch(/acme\/job:1 .*dropped/)
      expect(stdout).toMatch(/acme\/web:1 .*kept/)
      const manifests = await built(downstream)
      expect(manifests).toContain('replicas: 7')
      expect(manifests).toContain('name: my-web')
      expect(manifests).not.toContain('job:1')
      const text = await readFile(midstream, 'utf8')
      expect(text).toContain('newName: r.corp/mine')
      expect(text).not.toContain('acme/job')
      expect(await readFile(join(out, 'overlays/midstream/notes.txt'), 'utf8')).toBe('mine')
    })

    it('names conflicts, and writes nothing then', async () => {
      const out = join(folder, 'conflict')
      expect((await pull(await chartOf('1.0.0', job()), '--working-dir', out)).code).toBe(0)
      const downstream = join(out, 'overlays/downstreams/this-cluster/kustomization.yaml')
      const lost = 'resources: [../../midstream]\npatches: [{target: {kind: CronJob, name: tidy}, patch: "[]"}]\n'
      await writeFile(downstream, lost)
      const before = await readFile(join(out, 'chartferry-kots.json'), 'utf8')
      const gone = await pull(await chartOf('1.1.0'), '--working-dir', out)
      expect([gone.code, gone.stderr]).toEqual([7, expect.stringContaining('a patch is for CronJob/tidy')])
      await writeFile(downstream, 'resources: [../../midstream]\n')

      const midstream = join(out, 'overlays/midstream/kustomization.yaml')
      const written = await readFile(midstream, 'utf8')
      await writeFile(midstream, written.replace(`newName: ${target.host}/shop/web`, 'newName: r.corp/mine'))
      const changed = await pull(await chartOf('1.1.0'), '--working-dir', out)
      expect([changed.code, changed.stderr]).toEqual([7, expect.stringContaining('acme/web')])
      await writeFile(midstream, `${written}\n  - [`)
      const broken = await pull(await chartOf('1.1.0'), '--working-dir', out)
      expect([broken.code, broken.stderr]).toEqual([
        2,
        expect.stringContaining('overlays/midstream/kustomization.yaml'),
      ])
      expect(await readFile(join(out, 'chartferry-kots.json'), 'utf8')).toBe(before)
    })

    it('refuses folders that are not its own, and what only Replicated gives', async () => {
      const out = join(folder, 'strange')
      const chart = await chartOf('1.0.0')
      await mkdir(out)
      await writeFile(join(out, 'letter.txt'), 'mine')
      expect((await pull(chart, '--working-dir', out)).stderr).toContain('it was not made by this command')
      expect(await readdir(out)).toEqual(['letter.txt'])
      await rm(join(out, 'letter.txt'))
      await writeFile(join(out, 'chartferry-kots.json'), '{"format": "chartferry.kots/v9"}')
      expect((await pull(chart, '--working-dir', out)).stderr).toContain('a newer chartferry wrote it')
      await rm(out, { recursive: true })
      expect((await pull(chart, '--working-dir', out)).code).toBe(0)
      expect((await pull(await chartOf('1.0.0', '', 'cafe'), '--working-dir', out)).stderr).toContain(
        'it is that of shop',
      )
      // A run that broke off before its parts were whole is forgotten, one that broke off later completed.
      await mkdir(join(out, '.chartferry-new/parts/base'), { recursive: true })
      expect((await pull(chart, '--working-dir', out)).code).toBe(0)
      expect(await readdir(out)).not.toContain('.chartferry-new')

      const licensed = await pull('replicated://shop', '--working-dir', out)
      expect([licensed.code, licensed.stderr]).toEqual([2, expect.stringContaining('Replicated')])
      const license = await pull(chart, '--license-file', 'license.yaml')
      expect([license.code, license.stderr]).toEqual([2, expect.stringContaining('--license-file license.yaml')])
    })

    it('refuses two images that would get one name, and offers whole paths', async () => {
      const pods = `apiVersion: v1\nkind: Pod\nmetadata: {name: other}\nspec: {containers: [{name: a, image: "${source.host}/other/web:1"}]}\n`
      const chart = await chartOf('2.0.0', pods)
      const collided = await pull(chart, '--working-dir', join(folder, 'collided'))
      expect([collided.code, collided.stderr]).toEqual([7, expect.stringContaining('Give --mode path')])
      const whole = await pull(chart, '--mode', 'path', '--working-dir', join(folder, 'whole'))
      expect(whole.code, whole.stderr).toBe(0)
      expect(await built(join(folder, 'whole/overlays/midstream'))).toContain(`${target.host}/shop/other/web:1`)
    })

    it('takes a folder of manifests', async () => {
      const manifests = join(folder, 'plain')
      await mkdir(manifests)
      await writeFile(join(manifests, 'job.yaml'), job())
      const out = join(folder, 'plain-out')
      const { code, stderr } = await pull(manifests, '--working-dir', out)
      expect(code, stderr).toBe(0)
      expect(await built(join(out, 'overlays/downstreams/this-cluster'))).toContain(`${target.host}/shop/job:1`)
    })

    it('is restored from the registry, but for the login', async () => {
      const out = join(folder, 'kept')
      const again = join(folder, 'again')
      expect((await pull(await chartOf('3.0.0'), '--working-dir', out)).code).toBe(0)
      const download = (...flags: readonly string[]): Promise<CommandRun> =>
        runChartferry([
          'kots',
          'download',
          'shop',
          '--registry-endpoint',
          target.host,
          '--image-namespace',
          'shop',
          '--registry-username',
          'me',
          '--registry-password',
          'secret',
          '--ca-file',
          caFile,
          ...flags,
        ])
      const { code, stderr } = await download('--working-dir', again)
      expect(code, stderr).toBe(0)
      expect(await built(join(again, 'overlays/midstream'))).toBe(await built(join(out, 'overlays/midstream')))
      expect((await download('--working-dir', again)).stderr).toContain('there is a working folder already')
      expect((await download('--working-dir', join(folder, 'none'), '--version', '9')).code).toBe(3)
      // The next pull goes on from there.
      const { stdout } = await pull(await chartOf('3.0.0'), '--working-dir', again)
      expect(stdout).toMatch(/acme\/web:1 .*kept/)
    })
  },
)
