// A haul of hauler and a wrap of dt become a bundle, with no network at all.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readChartArchive } from '../../packages/core/src/helm/chart/chart-archive.ts'
import { buildChart } from '../kit/charts.ts'
import { type CommandRun, runChartferry } from '../kit/command.ts'
import { haulChart, haulFile, haulImage, openRecording, packHaul, packWrap } from '../kit/foreign.ts'
import { layerOf, pushImage, pushSignedIndex } from '../kit/images.ts'

const pod =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "{{ .Values.image }}"}]}\n'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chartferry-foreign-'))
  const place = openRecording()
  const { index, signature } = await pushSignedIndex(place, '1')
  const chart = { name: 'web', values: 'image: nowhere.invalid/acme/web:1\n', templates: { 'web.yaml': pod } }
  const haul = packHaul(place, [
    haulImage('nowhere.invalid/acme/web:1', index, 'imageIndex'),
    haulImage('nowhere.invalid/acme/web:1', signature, 'sigs'),
    await haulChart(place, await readChartArchive(await buildChart(chart))),
    await haulFile(place, 'kubectl', 'a program\n'),
  ])
  await writeFile(join(folder, 'haul.tar.zst'), haul)
  const tool = await pushImage(place, { layers: [layerOf('tool', 3000)] })
  const wrap = packWrap(place, {
    top: 'tool-1.0.0',
    chart: {
      'Chart.yaml': 'apiVersion: v2\nname: tool\nversion: 1.0.0\n',
      'values.yaml': 'image: nowhere.invalid/acme/tool:2\n',
      'templates/tool.yaml': pod,
    },
    images: [{ image: 'nowhere.invalid/acme/tool:2', manifests: { 'linux/amd64': tool } }],
  })
  await writeFile(join(folder, 'tool-1.0.0.wrap.tgz'), wrap)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (...args: readonly string[]): Promise<CommandRun> =>
  runChartferry(args, { cwd: folder, env: { HOME: folder, HELM_BIN: '', PATH: '/nonexistent' } })

describe('bundle create with bundles of other tools', () => {
  it('takes their charts, images and files, and leaves nothing behind', async () => {
    const made = await run('bundle', 'create', 'haul.tar.zst', 'tool-1.0.0.wrap.tgz', '--file', 'shop.ferry')
    expect(made.code, made.stderr).toBe(0)
    expect(made.stdout).toMatch(/2 charts · 2 images \(6 platforms\) · 1 file · complete/)
    expect((await readdir(folder)).filter((name) => name !== '.cache').sort()).toEqual([
      'haul.tar.zst',
      'shop.ferry',
      'tool-1.0.0.wrap.tgz',
    ])
    const { charts, images, files } = JSON.parse((await run('bundle', 'inspect', 'shop.ferry', '--json')).stdout)
    expect(charts.map((chart: { proof: { status: string } }) => chart.proof.status)).toEqual(['proven', 'proven'])
    expect(images.map((image: { attached: number }) => image.attached)).toEqual([0, 1])
    expect(files).toMatchObject([{ name: 'kubectl' }])
    expect((await run('bundle', 'verify', 'shop.ferry')).code).toBe(0)
  })

  it('says beforehand what would go in', async () => {
    const { stdout } = await run('bundle', 'create', 'haul.tar.zst', '--file', 'dry.ferry', '--dry-run')
    expect(stdout.split('\n')).toEqual(['web-1.0.0.tgz', 'nowhere.invalid/acme/web:1', 'kubectl', ''])
    expect(await readdir(folder)).not.toContain('dry.ferry')
  })

  it('leaves images where they are with --no-images', async () => {
    const made = await run('bundle', 'create', 'haul.tar.zst', '--no-images', '--file', 'charts.ferry')
    expect(made.code, made.stderr).toBe(0)
    expect(made.stdout).toMatch(/1 chart · 0 images .* 1 file/)
  })

  it('refuses one that is damaged, and writes nothing', async () => {
    await writeFile(join(folder, 'bad.tar.zst'), 'nothing of the kind')
    const { code, stderr } = await run('bundle', 'create', 'bad.tar.zst', '--file', 'bad.ferry')
    expect([code, stderr]).toEqual([2, expect.stringContaining('ARCHIVE_INVALID')])
    expect((await readdir(folder)).filter((name) => name.startsWith('bad.ferry'))).toEqual([])
  })
})
