// The chart of a folder whose dependencies are not there yet: completed as `helm dependency build` does, and moved to another repository.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readChartArchive } from '@chartferry/core'
import { openRegistries } from '@chartferry/core/oci'
import { ociRepositorySink } from '@chartferry/core/transfer'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { type Helm, openHelm } from '../kit/helm.ts'
import { startRegistry, type TestRegistry } from '../kit/registry.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

const chartOf = (name: string, version = '1.0.0') => ({
  name,
  version,
  values: `image: quay.io/acme/${name}:${version}\n`,
  templates: {
    'pod.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n`,
  },
})

describeWithTools('a folder without its dependencies', ['helm3'], ({ helm3 }) => {
  let helm: Helm
  let upstream: TestUpstream
  let registry: TestRegistry
  let folder: string

  beforeEach(async () => {
    helm = await openHelm(helm3)
    upstream = await startUpstream([chartOf('cache', '1.2.0'), chartOf('cache', '1.3.0'), chartOf('named')])
    registry = await startRegistry()
    folder = await mkdtemp(join(tmpdir(), 'chartferry-test-'))
    const registries = openRegistries()
    const sink = ociRepositorySink((name) => registries.repository(`${registry.host}/charts/${name}`))
    await sink.put(await readChartArchive(await buildChart(chartOf('stored'))))
    await registries.close()
    await mkdir(join(folder, 'beside/templates'), { recursive: true })
    await writeFile(join(folder, 'beside/Chart.yaml'), 'apiVersion: v2\nname: beside\nversion: 0.1.0\n')
    await writeFile(
      join(folder, 'beside/templates/pod.yaml'),
      chartOf('beside').templates['pod.yaml'].replace('{{ .Values.image }}', 'quay.io/acme/beside:1'),
    )
    await mkdir(join(folder, 'web'))
    await writeFile(
      join(folder, 'web/Chart.yaml'),
      `apiVersion: v2 # ours
name: web
version: 1.0.0
dependencies:
  - name: cache
    version: ^1.0.0
    repository: ${upstream.url}
  - name: named
    version: 1.0.0
    repository: "@shop" # by name
  - {name: stored, version: 1.0.0, repository: "oci://${registry.host}/charts"}
  - {name: beside, version: 0.1.0, repository: "file://../beside"}
`,
    )
    await helm.must('repo', 'add', 'shop', upstream.url)
  })

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
    await Promise.all([helm.close(), upstream.close(), registry.close()])
  })

  const run = (...args: readonly string[]): Promise<CommandRun> =>
    runChartferry(args, {
      cwd: folder,
      env: { HELM_BIN: helm3, HELM_REPOSITORY_CONFIG: join(helm.folder, 'config/repositories.yaml') },
    })

  async function lock(): Promise<void> {
    await cp(join(folder, 'web'), join(folder, 'locked'), { recursive: true })
    await helm.must('dependency', 'update', join(folder, 'locked'))
    await cp(join(folder, 'locked/Chart.lock'), join(folder, 'web/Chart.lock'))
  }

  it('is relocated with the versions that the lock file names', async () => {
    await lock()
    // A newer version that the lock does not know.
    await upstream.add(chartOf('cache', '1.9.0'))
    const { code, stdout, stderr } = await run('relocate', 'web', '--to', 'reg.corp:5000/m', '-d', 'out')
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/proven by helm v3\.[0-9.]+: 4 images moved, 0 left/)
    const { chart } = await readChartArchive(await readFile(join(folder, 'out/web-1.0.0.tgz')))
    const built = (await readdir(join(folder, 'locked/charts'))).sort()
    expect(chart.subcharts.map(({ address }) => address.replace(/^charts\/|!$/g, '')).sort()).toEqual(built)
    expect(chart.subcharts.map(({ metadata }) => `${metadata.name} ${metadata.version}`)).toContain('cache 1.3.0')
  })

  it('is relocated with the newest versions asked for where nothing is locked', async () => {
    const { code, stdout } = await run('images', 'web')
    expect(code).toBe(0)
    expect(stdout).toContain('quay.io/acme/cache:1.3.0')
  })

  it('is refused where the lock file is for other dependencies', async () => {
    await lock()
    const text = await readFile(join(folder, 'web/Chart.yaml'), 'utf8')
    await writeFile(join(folder, 'web/Chart.yaml'), text.replace('^1.0.0', '^1.2.0'))
    expect(await run('images', 'web')).toMatchObject({ code: 7, stderr: expect.stringContaining('LOCK_STALE') })
  })

  it('is refused where a dependency comes from nowhere', async () => {
    const text = await readFile(join(folder, 'web/Chart.yaml'), 'utf8')
    await writeFile(join(folder, 'web/Chart.yaml'), text.replace('"@shop" # by name', '""'))
    const { code, stderr } = await run('images', 'web')
    expect([code, stderr]).toEqual([3, expect.stringContaining('dependency named is not in charts/')])
    await writeFile(join(folder, 'web/Chart.yaml'), text.replace('@shop', '@nowhere'))
    expect((await run('images', 'web')).stderr).toContain('helm repo add nowhere URL')
  })

  it('gets its dependencies from another repository afterwards, and helm agrees with the lock file', async () => {
    await lock()
    const elsewhere = await startUpstream(['1.3.0'].map((version) => chartOf('cache', version)))
    try {
      await elsewhere.add(chartOf('named'))
      await elsewhere.add(chartOf('stored'))
      const args = [
        '--to',
        'reg.corp:5000/m',
        '--dependency-repository',
        elsewhere.url,
        '-d',
        'out',
        '--save-plan',
        'plan.json',
      ]
      const { code, stderr } = await run('relocate', 'web', ...args)
      expect(code, stderr).toBe(0)
      const { chart } = await readChartArchive(await readFile(join(folder, 'out/web-1.0.0.tgz')))
      await mkdir(join(folder, 'again'))
      for (const file of ['Chart.yaml', 'Chart.lock'])
        await writeFile(join(folder, 'again', file), chart.files.get(file) ?? '')
      const text = await readFile(join(folder, 'again/Chart.yaml'), 'utf8')
      expect(text).toContain(`apiVersion: v2 # ours`)
      expect(text).toContain(`repository: ${JSON.stringify(elsewhere.url)} # by name`)
      expect(text).toContain('file://../beside')
      await upstream.stop()
      await helm.must('repo', 'remove', 'shop')
      await helm.must('repo', 'add', 'elsewhere', elsewhere.url)
      await helm.must('dependency', 'build', join(folder, 'again'))
      expect((await readdir(join(folder, 'again/charts'))).length).toBe(4)
      const undone = await run('relocate', 'out/web-1.0.0.tgz', '--undo', 'plan.json', '-d', 'back')
      expect(undone.code, undone.stderr).toBe(0)
      const back = await readChartArchive(await readFile(join(folder, 'back/web-1.0.0.tgz')))
      const lockText = await readFile(join(folder, 'web/Chart.lock'), 'utf8')
      expect(Buffer.from(back.chart.files.get('Chart.lock') ?? []).toString()).toBe(lockText)
    } finally {
      await elsewhere.close()
    }
  })
})
