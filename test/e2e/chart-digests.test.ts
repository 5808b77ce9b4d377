// A chart that is named by a digest is that chart or none: in every command, in chartferry.yaml, in dependencies, from every registry.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, readChartArchive } from '@chartferry/core'
import { openRegistries } from '@chartferry/core/oci'
import { chartArtifact, pushChart } from '@chartferry/core/transfer'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { type RealRegistry, startRealRegistry } from '../kit/real-registries.ts'
import { startServer, type TestServer } from '../kit/server.ts'
import { describeWithTools } from '../kit/tools.ts'

const chartOf = (version: string, colour: string, host = 'quay.io') => ({
  name: 'web',
  version,
  values: `image: ${host}/acme/${colour}:1\n`,
  templates: {
    'pod.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n',
  },
})

describeWithTools('a chart by its digest', ['docker-registry', 'registry3', 'crane', 'helm3'], (tools) => {
  let folder: string
  let server: TestServer
  const registries: RealRegistry[] = []
  /** Of the chart in its first form, which no tag stands for any more, and of the two that tags stand for. */
  let first: string
  let second: string
  let third: string
  let places: readonly string[]
  /** Of the images, which are not there. */
  const host = (): string => registries[0]?.host ?? ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-digests-'))
    server = await startServer({ repositories: { local: { kind: 'hosted' } } })
    registries.push(
      await startRealRegistry({ command: tools['docker-registry'], kind: 'distribution' }),
      await startRealRegistry({ command: tools.registry3, kind: 'distribution' }),
      await startRealRegistry({ command: tools.crane, kind: 'crane' }),
    )
    const client = openRegistries()
    const push = async (place: string, version: string, colour: string): Promise<string> => {
      const artifact = chartArtifact(await readChartArchive(await buildChart(chartOf(version, colour, host()))))
      return (await pushChart(client.repository(`${place}/web`), artifact)).digest
    }
    places = registries.map(({ host }) => `${host}/charts`)
    for (const place of places) {
      first = await push(place, '1.0.0', 'red')
      second = await push(place, '1.0.0', 'green')
      third = await push(place, '2.0.0', 'blue')
    }
    await client.close()
  }, 60_000)
  afterAll(async () => {
    await server.close()
    for (const registry of registries) await registry.close()
    await rm(folder, { recursive: true, force: true })
  })

  const ferry = (...args: readonly string[]): Promise<CommandRun> =>
    runChartferry(args, { cwd: folder, env: { HOME: folder, HELM_BIN: tools.helm3 } })
  const at = (place: string | undefined, suffix: string): string => `oci://${place}/web${suffix}`

  it('is what is fetched, whatever a tag stands for, from each registry', async () => {
    for (const place of places) {
      const { code, stdout, stderr } = await ferry('pull', at(place, `@${first}`), '--json')
      expect([code, stderr]).toEqual([0, ''])
      expect(JSON.parse(stdout).chart.digest).toBe(digestOf(await buildChart(chartOf('1.0.0', 'red', host()))))
      const both = await ferry('template', at(place, `:2.0.0@${third}`))
      expect(both.stdout).toContain('/acme/blue:1')
    }
  })

  it('is not taken for another one', async () => {
    for (const place of places) {
      const moved = await ferry('pull', at(place, `:1.0.0@${first}`))
      expect([moved.code, moved.stderr]).toEqual([5, expect.stringContaining('contradict each other')])
      expect(moved.stderr).toContain(second)
      const version = await ferry('pull', at(place, `@${first}`), '--version', '^2')
      expect([version.code, version.stderr]).toEqual([3, expect.stringContaining('version 1.0.0 does not satisfy')])
      const absent = await ferry('pull', at(place, `@sha256:${'0'.repeat(64)}`))
      expect(absent.code).toBe(3)
    }
  }, 60_000)

  it('is what each command reads', async () => {
    const chart = at(places[0], `@${first}`)
    await writeFile(join(folder, 'images.yaml'), `charts: [{chart: "${chart}", version: 1.x.x}]\n`)
    for (const args of [
      ['template', chart],
      ['images', chart],
      ['plan', chart, '--to', 'r.corp/m'],
      ['relocate', chart, '--to', 'r.corp/m', '--dry-run', '--diff'],
      ['emit', 'list', chart, '--to', 'r.corp/m'],
    ]) {
      const { code, stdout, stderr } = await ferry(...args)
      expect([args[0], code, stderr]).toEqual([args[0], 0, expect.anything()])
      expect([args[0], stdout]).toEqual([args[0], expect.stringContaining('acme/red')])
    }
  }, 60_000)

  it.each([
    ['a tag and another version', ':1.0.0', ['--version', '2.0.0'], 3, 'version 1.0.0 does not satisfy "2.0.0"'],
    ['a digest of another kind', `@sha512:${'0'.repeat(128)}`, [], 2, 'a digest is sha256'],
    ['a digest that is none', '@sha256:12', [], 2, 'sha256:12'],
  ])('refuses %s in words', async (_title, suffix, flags, code, words) => {
    const run = await ferry('pull', at(places[0], suffix), ...flags)
    expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(words)])
  })

  it('does not ask Docker Hub for a host that has no dot', async () => {
    const run = await ferry('pull', `oci://registry/charts/web@${first}`)
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining('oci://registry:443/charts/web')])
  })

  it('is what chartferry.yaml locks', async () => {
    const write = (chart: string): Promise<void> => writeFile(join(folder, 'chartferry.yaml'), `charts: ["${chart}"]\n`)
    await write(at(places[1], `:1.0.0@${first}`))
    const moved = await ferry('lock')
    expect([moved.code, moved.stderr]).toEqual([5, expect.stringContaining('contradict each other')])
    await write(at(places[1], `@${first}`))
    // No image of it is anywhere: what the lock says of the chart is asked here.
    const { code, stderr } = await ferry('lock', '--skip-missing=all')
    expect([code, stderr]).toEqual([0, expect.anything()])
    const [chart] = JSON.parse(await readFile(join(folder, 'chartferry.lock'), 'utf8')).charts
    expect(chart.digest).toBe(digestOf(await buildChart(chartOf('1.0.0', 'red', host()))))
  })

  it('is what a dependency asks for', async () => {
    const depend = async (version: string, repository: string): Promise<CommandRun> => {
      await mkdir(join(folder, 'shop/templates'), { recursive: true })
      await writeFile(
        join(folder, 'shop/Chart.yaml'),
        `apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies: [{name: web, version: "${version}", repository: "${repository}"}]\n`,
      )
      return ferry('template', 'shop')
    }
    expect((await depend('1.0.0', at(places[0], `@${first}`))).stdout).toContain('acme/red')
    expect((await depend('1.0.0', `oci://${places[0]}`)).stdout).toContain('acme/green')
    expect((await depend('^2', at(places[0], `@${first}`))).stderr).toContain('version 1.0.0 does not satisfy "^2"')
    expect((await depend('1.0.0', at(places[0], `:1.0.0@${first}`))).stderr).toContain('contradict each other')
    expect((await depend('1.0.0', `oci://${places[0]}/api@${first}`)).stderr).toContain('names one chart')
  }, 60_000)

  it('is what the server gives of its own charts', async () => {
    const host = new URL(server.url).host
    const client = openRegistries()
    const push = async (version: string, colour: string): Promise<void> => {
      const body = await buildChart(chartOf(version, colour))
      const answer = await fetch(`${server.url}/api/local/charts`, { method: 'POST', body: new Uint8Array(body) })
      expect(answer.status).toBe(201)
    }
    await push('1.0.0', 'red')
    await push('2.0.0', 'green')
    const { digest } = await client.repository(`${host}/local/web`).resolve('1.0.0')
    await client.close()
    expect((await ferry('template', at(`${host}/local`, `@${digest}`))).stdout).toContain('acme/red')
    const other = await ferry('pull', at(`${host}/local`, `:2.0.0@${digest}`))
    expect([other.code, other.stderr]).toEqual([5, expect.stringContaining('contradict each other')])
  })
})
