// A chart whose templates do not end, ended by every command that renders.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-timeout-'))
  const templates = { 'a.yaml': '{{ range 100000000000 }}{{ end }}kind: A\n' }
  await writeFile(join(folder, 'endless.tgz'), await buildChart({ name: 'endless', templates }))
  await writeFile(join(folder, 'chartferry.yaml'), 'charts: [endless.tgz]\n')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const ferry = (...args: readonly string[]): Promise<CommandRun> =>
  runChartferry(args, { cwd: folder, env: { HOME: folder, HELM_BIN: undefined, PATH: '/nowhere' } })

describe('--render-timeout', () => {
  it.each([
    [['template', 'endless.tgz']],
    [['images', 'endless.tgz']],
    [['plan', 'endless.tgz', '--to', 'r.corp/m']],
    [['relocate', 'endless.tgz', '--to', 'r.corp/m', '--dry-run']],
    [['emit', 'list', 'endless.tgz', '--to', 'r.corp/m']],
    [['bundle', 'create', 'endless.tgz', '--file', 'endless.ferry']],
    [['lock']],
  ])('ends %j', async (args) => {
    const { code, stderr } = await ferry(...args, '--render-timeout', '200ms')
    expect([code, stderr]).toEqual([6, expect.stringContaining('the rendering took too long')])
    expect(stderr).toContain('RENDER_TIMEOUT')
    expect(stderr).toContain('--render-timeout 10m')
  })

  it.each(['0', 'soon'])('refuses %s', async (time) => {
    const { code, stderr } = await ferry('template', 'endless.tgz', '--render-timeout', time)
    expect([code, stderr]).toEqual([2, expect.stringContaining(`--render-timeout ${time}`)])
  })
})
