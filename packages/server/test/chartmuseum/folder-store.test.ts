import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@chartferry/core'
import { formatIndexFile, parseIndexFile } from '@chartferry/core/helm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { provenanceOf, startChartMuseum, type TestChartMuseum } from '../../../../test/kit/chartmuseum.ts'
import { buildChart } from '../../../../test/kit/charts.ts'

let folder: string
const running: TestChartMuseum[] = []
const start = async (...flags: readonly string[]): Promise<TestChartMuseum> => {
  const chartmuseum = await startChartMuseum(flags, { folder })
  running.push(chartmuseum)
  return chartmuseum
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-folder-'))
})
afterEach(async () => {
  for (const chartmuseum of running.splice(0)) await chartmuseum.close()
  await rm(folder, { recursive: true, force: true })
})

const names = async (chartmuseum: TestChartMuseum, path = '/index.yaml'): Promise<string[]> =>
  [...parseIndexFile((await chartmuseum.ask(path)).body).entries].flatMap(([name, versions]) =>
    versions.map(({ version }) => `${name} ${version}`),
  )

describe('a folder of ChartMuseum’s', () => {
  it('is served as it is, at any depth, with the times of its files', async () => {
    const bytes = await buildChart({ name: 'web' })
    await mkdir(join(folder, 'org', 'repo'), { recursive: true })
    await writeFile(join(folder, 'org', 'repo', 'web-1.0.0.tgz'), bytes)
    await writeFile(join(folder, 'org', 'repo', 'web-1.0.0.tgz.prov'), provenanceOf('web', '1.0.0'))
    await utimes(join(folder, 'org', 'repo', 'web-1.0.0.tgz'), 1_600_000_000, 1_600_000_000)
    const chartmuseum = await start('--depth=2')
    expect(await names(chartmuseum, '/org/repo/index.yaml')).toEqual(['web 1.0.0'])
    expect((await chartmuseum.ask('/api/org/repo/charts/web/1.0.0')).json()).toMatchObject({
      created: '2020-09-13T12:26:40.000Z',
      digest: digestOf(bytes).slice(7),
    })
    expect((await chartmuseum.ask('/org/repo/charts/web-1.0.0.tgz')).body.equals(bytes)).toBe(true)
    expect((await chartmuseum.ask('/org/repo/charts/web-1.0.0.tgz.prov')).status).toBe(200)
    expect((await chartmuseum.push(bytes, '/api/org/repo/charts')).status).toBe(409)
    expect((await readdir(join(folder, 'org', 'repo'))).sort()).toEqual(['web-1.0.0.tgz', 'web-1.0.0.tgz.prov'])
  })

  it('may be half-written: what is whole is served, what is not is named and looked at again', async () => {
    const bytes = await buildChart({ name: 'late' })
    await writeFile(join(folder, 'web-1.0.0.tgz'), await buildChart({ name: 'web' }))
    await writeFile(join(folder, 'late-1.0.0.tgz'), bytes.subarray(0, 100))
    await writeFile(join(folder, 'web-1.0.0.tgz.prov'), '-----BEGIN PGP SIGNED MESSAGE-----\n\nname: we')
    await writeFile(join(folder, 'index-cache.yaml'), 'apiVersion: v1\nentries:\n  gone:\n  - name: gone\n    versi')
    await writeFile(join(folder, 'notes.txt'), 'x')
    const chartmuseum = await start('--always-regenerate-chart-index')
    expect(await names(chartmuseum)).toEqual(['web 1.0.0'])
    expect(
      chartmuseum.log.filter(({ msg }) => msg === 'a file cannot be taken over').map(({ file }) => file),
    ).toContain('late-1.0.0.tgz')
    await writeFile(join(folder, 'late-1.0.0.tgz'), bytes)
    while ((await names(chartmuseum)).length < 2) expect(chartmuseum.log.length).toBeLessThan(100_000)
    expect(await names(chartmuseum)).toEqual(['late 1.0.0', 'web 1.0.0'])
  })

  it('is believed in its index only for archives that have the digest', async () => {
    const [sound, other] = [await buildChart({ name: 'sound' }), await buildChart({ name: 'other' })]
    const entry = (name: string, digest: string): Record<string, unknown> => ({
      apiVersion: 'v2',
      name,
      version: '1.0.0',
      digest: digest.slice(7),
      description: 'from the index',
      created: '2021-01-01T00:00:00Z',
      urls: [`https://elsewhere.test/${name}.tgz`],
    })
    const entries = { sound: [entry('sound', digestOf(sound))], other: [entry('other', digestOf('something else'))] }
    const index = parseIndexFile(JSON.stringify({ apiVersion: 'v1', entries }))
    await writeFile(join(folder, 'index-cache.yaml'), formatIndexFile(index, 'yaml'))
    await writeFile(join(folder, 'sound-1.0.0.tgz'), sound)
    await writeFile(join(folder, 'other-1.0.0.tgz'), other)
    const charts = (await (await start()).ask('/api/charts')).json() as Record<string, Record<string, unknown>[]>
    expect(charts.sound?.[0]).toMatchObject({ description: 'from the index', urls: ['charts/sound-1.0.0.tgz'] })
    expect(charts.other?.[0]).toMatchObject({ digest: digestOf(other).slice(7) })
    expect(charts.other?.[0]?.description).toBeUndefined()
  })

  it('gives back neither what was deleted nor what was replaced', async () => {
    await writeFile(join(folder, 'web-1.0.0.tgz'), await buildChart({ name: 'web' }))
    await writeFile(join(folder, 'old-1.0.0.tgz'), await buildChart({ name: 'old' }))
    const first = await start()
    expect((await first.ask('/api/charts/old/1.0.0', { method: 'DELETE' })).status).toBe(200)
    const replaced = await buildChart({ name: 'web', values: 'new: true\n' })
    expect((await first.push(replaced, '/api/charts?force')).status).toBe(201)
    const second = await start()
    expect(await names(second)).toEqual(['web 1.0.0'])
    expect((await second.ask('/charts/web-1.0.0.tgz')).body.equals(replaced)).toBe(true)
    expect(await readdir(folder)).not.toContain('old-1.0.0.tgz')
  })

  it('shows what was replaced and deleted in it by hand', async () => {
    const chartmuseum = await start('--always-regenerate-chart-index')
    await writeFile(join(folder, 'web-1.0.0.tgz'), await buildChart({ name: 'web' }))
    await writeFile(join(folder, 'old-1.0.0.tgz'), await buildChart({ name: 'old' }))
    const until = async (done: () => Promise<boolean>): Promise<void> => {
      while (!(await done())) expect(chartmuseum.log.length).toBeLessThan(100_000)
    }
    await until(async () => (await names(chartmuseum)).length === 2)
    const other = await buildChart({ name: 'web', values: 'by: hand\n' })
    await writeFile(join(folder, 'web-1.0.0.tgz'), other)
    await rm(join(folder, 'old-1.0.0.tgz'))
    await until(async () => (await names(chartmuseum)).length === 1)
    await until(async () => (await chartmuseum.ask('/charts/web-1.0.0.tgz')).body.equals(other))
    const digest = digestOf(other).slice(7)
    await until(
      async () => ((await chartmuseum.ask('/api/charts/web/1.0.0')).json() as { digest: string }).digest === digest,
    )
    // What was pushed is nobody's to replace by hand.
    const pushed = await buildChart({ name: 'web', values: 'pushed: true\n' })
    expect((await chartmuseum.push(pushed, '/api/charts?force')).status).toBe(201)
    await writeFile(join(folder, 'web-1.0.0.tgz'), await buildChart({ name: 'web', values: 'by: hand again\n' }))
    await rm(join(folder, 'web-1.0.0.tgz'))
    await names(chartmuseum)
    expect((await chartmuseum.ask('/charts/web-1.0.0.tgz')).body.equals(pushed)).toBe(true)
  })

  it('says how far it is while many files are taken over', async () => {
    for (let patch = 0; patch < 300; patch++) {
      const version = `1.0.${patch}`
      await writeFile(join(folder, `web-${version}.tgz`), await buildChart({ name: 'web', version }))
    }
    let clock = 1_700_000_000_000
    const chartmuseum = await startChartMuseum([], { folder, now: () => (clock += 1000) })
    running.push(chartmuseum)
    expect(await names(chartmuseum)).toHaveLength(300)
    const said = chartmuseum.log.filter(({ msg }) => msg === 'files are being taken over')
    expect(said[0]).toMatchObject({ repository: '', files: expect.any(Number) })
  })

  it('is shared by servers that start at the same time', async () => {
    for (let patch = 0; patch < 30; patch++) {
      const version = `1.0.${patch}`
      await writeFile(join(folder, `web-${version}.tgz`), await buildChart({ name: 'web', version }))
    }
    const chartmuseums = await Promise.all([start(), start(), start()])
    for (const list of await Promise.all(chartmuseums.map((chartmuseum) => names(chartmuseum))))
      expect(list).toHaveLength(30)
  })
})
