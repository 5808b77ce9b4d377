// A mirror made by the command, served as plain files, and taken by helm.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runChartferry } from '../kit/command.ts'
import { openHelm } from '../kit/helm.ts'
import { describeWithTools } from '../kit/tools.ts'
import { startUpstream, type TestUpstream } from '../kit/upstream.ts'

describeWithTools('chartferry mirror', ['helm3', 'helm4'], (tools) => {
  let source: TestUpstream
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'chartferry-mirror-'))
    source = await startUpstream([{ name: 'web' }, { name: 'web', version: '2.0.0+build.1' }, { name: 'other' }])
  })
  afterAll(async () => {
    await source.close()
    await rm(folder, { recursive: true })
  })

  it('makes what helm takes from any web server', async () => {
    const run = await runChartferry(['mirror', source.url, '-d', 'mirror', '--chart', 'w*', '--json'], { cwd: folder })
    expect([run.code, run.stderr]).toEqual([0, ''])
    expect(JSON.parse(run.stdout)).toMatchObject({ versions: 2, fetched: 2, present: 0, failed: [] })
    const plain = await startUpstream()
    for (const entry of await readdir(join(folder, 'mirror'), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile()) plain.files.set(path.slice(join(folder, 'mirror').length + 1), await readFile(path))
    }
    await source.stop()
    for (const path of [tools.helm3, tools.helm4]) {
      const helm = await openHelm(path)
      await helm.must('repo', 'add', 'mirror', plain.url)
      await helm.must('pull', 'mirror/web', '--version', '2.0.0+build.1')
      expect(await readFile(join(helm.folder, 'web-2.0.0+build.1.tgz'))).toEqual(
        Buffer.from(source.files.get('charts/web-2.0.0+build.1.tgz') ?? []),
      )
      await helm.close()
    }
    await plain.close()
    await source.start()
  })

  it('says what could not be had, and ends accordingly', async () => {
    source.fail(404, 'charts/other-1.0.0.tgz')
    const run = await runChartferry(['mirror', source.url, '-d', 'mirror'], { cwd: folder })
    expect(run.stdout).toBe('mirror: 2 versions · 0 fetched, 0 B · 2 there already\n')
    expect([run.code, run.stderr]).toEqual([3, expect.stringContaining('other 1.0.0: ')])
    const usage = await runChartferry(['mirror', source.url], { cwd: folder })
    expect([usage.code, usage.stderr]).toEqual([2, expect.stringContaining('--warm')])
  })

  it('leaves out what a gate refuses, and says so', async () => {
    source.fail(undefined, 'charts/other-1.0.0.tgz')
    const args = ['mirror', source.url, '-d', 'gated', '--gate', 'echo too old >&2; test "$CHARTFERRY_CHART" != web #']
    const run = await runChartferry(args, { cwd: folder })
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(/^gated: 1 versions · 3 fetched, .* · 0 there already · 2 refused\n$/)
    expect(run.stderr).toContain('! web 2.0.0+build.1 refused: exit 1: too old')
    const again = JSON.parse((await runChartferry([...args, '--json'], { cwd: folder })).stdout)
    expect(again).toMatchObject({ versions: 1, fetched: 0, present: 1, refused: [{ chart: 'web' }, { chart: 'web' }] })
    const warm = await runChartferry(['mirror', source.url, '--warm', '--gate', 'true'], { cwd: folder })
    expect([warm.code, warm.stderr]).toEqual([2, expect.stringContaining('--warm keeps none')])
  })
})
