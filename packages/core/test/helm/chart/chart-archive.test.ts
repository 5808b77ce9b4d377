import { describe, expect, it } from 'vitest'
import { buildArchive, buildChart, type ChartSpec, type TarEntry } from '../../../../../test/kit/charts.ts'
import { digestOf } from '../../../src/digest.ts'
import { ChartferryError } from '../../../src/errors.ts'
import type { Chart } from '../../../src/helm/chart/chart.ts'
import { readChartArchive, writeChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { fileAt } from '../../../src/helm/chart/chart-file.ts'
import { defaultLimits, type Limits } from '../../../src/limits.ts'

const chartYaml = (name: string): string => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`
const web: TarEntry = { name: 'web/Chart.yaml', data: chartYaml('web') }

async function refusal(bytes: Promise<Uint8Array> | Uint8Array, limits: Limits = defaultLimits): Promise<string> {
  const thrown = await readChartArchive(await bytes, { fileName: 'x.tgz', limits }).catch((error: unknown) => error)
  if (!(thrown instanceof ChartferryError)) throw new Error('was not refused', { cause: thrown })
  return `${thrown.code} ${thrown.message.replace('chart archive x.tgz: ', '')}`
}

const outline = (chart: Chart): unknown => ({
  [`${chart.address}(${chart.metadata.name})`]: [[...chart.files.keys()], ...chart.subcharts.map(outline)],
})

function nested(depth: number, as: 'folder' | 'archive'): ChartSpec {
  const name = `c${depth}`
  return depth === 1 ? { name } : { name, subcharts: [{ ...nested(depth - 1, as), as }] }
}

describe('readChartArchive', () => {
  it('reads a chart with subcharts as folders and archives, each file with its address', async () => {
    const bytes = await buildChart({
      name: 'web',
      values: 'a: 1\n',
      templates: { 'a.yaml': 'kind: A' },
      subcharts: [
        { name: 'db', values: 'b: 1\n' },
        {
          name: 'redis',
          as: 'archive',
          values: 'c: 1\n',
          subcharts: [{ name: 'common', as: 'archive' }, { name: 'x' }],
        },
      ],
    })
    const archive = await readChartArchive(bytes)
    expect(archive).toMatchObject({ fileName: 'web-1.0.0.tgz', digest: digestOf(bytes), warnings: [] })
    expect(archive.bytes).toBe(bytes)
    expect(outline(archive.chart)).toEqual({
      '(web)': [
        ['Chart.yaml', 'values.yaml', 'templates/a.yaml'],
        { 'charts/db/(db)': [['Chart.yaml', 'values.yaml']] },
        {
          'charts/redis-1.0.0.tgz!(redis)': [
            ['Chart.yaml', 'values.yaml'],
            { 'charts/redis-1.0.0.tgz!charts/common-1.0.0.tgz!(common)': [['Chart.yaml']] },
            { 'charts/redis-1.0.0.tgz!charts/x/(x)': [['Chart.yaml']] },
          ],
        },
      ],
    })
    const text = fileAt(archive.chart, 'charts/redis-1.0.0.tgz!values.yaml')
    expect(Buffer.from(text ?? []).toString()).toBe('c: 1\n')
    expect(fileAt(archive.chart, 'charts/redis-1.0.0.tgz!nothing')).toBeUndefined()
  })

  it('keeps the file name and the provenance it is given', async () => {
    const provenance = Buffer.from('signed')
    const archive = await readChartArchive(await buildChart({ name: 'web' }), { fileName: 'w.tgz', provenance })
    expect(archive).toMatchObject({ fileName: 'w.tgz', provenance })
  })

  it('takes what begins with _ or . in charts/, and provenance, for no subchart', async () => {
    const files = { 'charts/_a/values.yaml': '', 'charts/.b': '', 'charts/c-1.0.0.tgz.prov': '' }
    const { chart } = await readChartArchive(await buildChart({ name: 'web', files }))
    expect(outline(chart)).toEqual({ '(web)': [['Chart.yaml', ...Object.keys(files)]] })
  })

  it('reads an archive made of the folder itself, and one with backslashes', async () => {
    const folder = await buildArchive([{ name: './Chart.yaml', data: chartYaml('web') }, { name: './a/b' }])
    expect(outline((await readChartArchive(folder)).chart)).toEqual({ '(web)': [['Chart.yaml', 'a/b']] })
    const windows = await buildArchive([
      { name: 'web\\Chart.yaml', data: chartYaml('web') },
      { name: 'web\\charts\\db\\Chart.yaml', data: chartYaml('db') },
    ])
    expect(outline((await readChartArchive(windows)).chart)).toEqual({
      '(web)': [['Chart.yaml'], { 'charts/db/(db)': [['Chart.yaml']] }],
    })
  })

  it('reads a Chart.yaml with a byte order mark, and keeps the mark', async () => {
    const { chart } = await readChartArchive(await buildArchive([{ ...web, data: `\ufeff${chartYaml('web')}` }]))
    expect(chart.metadata.name).toBe('web')
    expect(Buffer.from(chart.files.get('Chart.yaml') ?? []).toString()).toContain('\ufeff')
  })

  it('reads the dependencies of requirements.yaml', async () => {
    const files = { 'requirements.yaml': 'dependencies:\n- name: db\n  version: 1.0.0\n' }
    const { chart } = await readChartArchive(await buildChart({ name: 'web', apiVersion: 'v1', files }))
    expect(chart.metadata.dependencies).toMatchObject([{ name: 'db', version: '1.0.0' }])
  })

  it('lets the last of duplicate entries count, and says so', async () => {
    const values = (data: string): TarEntry => ({ name: 'web/charts/db/values.yaml', data })
    const db = { name: 'web/charts/db/Chart.yaml', data: chartYaml('db') }
    const archive = await readChartArchive(await buildArchive([web, db, values('a: 1'), values('a: 2')]))
    expect(Buffer.from(fileAt(archive.chart, 'charts/db/values.yaml') ?? []).toString()).toBe('a: 2')
    expect(archive.warnings).toEqual([
      'more than one entry of the same path, the last one counts: charts/db/values.yaml',
    ])
    expect(archive.entries).toHaveLength(4)
  })

  it('shares its limits with nested archives', async () => {
    const data = { name: 'db', as: 'archive', files: { big: 'x'.repeat(600) } } as const
    const bytes = buildChart({ name: 'web', subcharts: [data, { ...data, name: 'db2' }] })
    expect(await refusal(bytes, { ...defaultLimits, unpackedBytes: 1500 })).toBe(
      'ARCHIVE_TOO_LARGE charts/db2-1.0.0.tgz!: unpacks to more than 1500 bytes',
    )
    expect(await refusal(bytes, { ...defaultLimits, archiveEntries: 6 })).toContain('TOO_MANY_ENTRIES')
  })

  it('reads nested charts up to the depth limit', async () => {
    for (const as of ['folder', 'archive'] as const) {
      const { chart } = await readChartArchive(await buildChart(nested(8, as)))
      expect(chart.subcharts[0]?.subcharts[0]?.metadata.name).toBe('c6')
    }
  })
})

describe('readChartArchive, hostile', () => {
  it('two charts in one archive', async () => {
    const bytes = buildArchive([web, { name: 'other/Chart.yaml', data: chartYaml('other') }])
    expect(await refusal(bytes)).toBe('CHART_INVALID two folders, web and other, where one chart is expected')
  })

  it('file outside the folder', async () => {
    const bytes = buildArchive([{ name: 'Chart.yaml', data: chartYaml('web') }])
    expect(await refusal(bytes)).toBe('CHART_INVALID Chart.yaml stands outside the chart folder')
  })

  it('no Chart.yaml', async () => {
    expect(await refusal(buildArchive([{ name: 'web/values.yaml' }]))).toBe('CHART_INVALID there is no Chart.yaml')
    expect(await refusal(buildArchive([]))).toBe('CHART_INVALID there is no Chart.yaml')
  })

  it('Chart.yaml that is a list', async () => {
    const bytes = buildArchive([{ ...web, data: '- name: web\n' }])
    expect(await refusal(bytes)).toBe('CHART_INVALID Chart.yaml: not a mapping')
  })

  it('subchart whose name leaves its folder', async () => {
    const bytes = buildArchive([web, { name: 'web/charts/a/Chart.yaml', data: chartYaml('../../x') }])
    expect(await refusal(bytes)).toBe('PATH_UNSAFE charts/a/: Chart.yaml: "../../x" cannot be the name of a chart')
  })

  it('version that is not semver', async () => {
    expect(await refusal(buildChart({ name: 'web', version: 'latest' }))).toBe(
      'CHART_INVALID Chart.yaml: version "latest" is not semantic',
    )
  })

  it('subchart without Chart.yaml, a folder or a file', async () => {
    const inside = (path: string): Promise<string> => refusal(buildChart({ name: 'web', files: { [path]: 'x' } }))
    expect(await inside('charts/db/values.yaml')).toBe('CHART_INVALID charts/db/: there is no Chart.yaml')
    expect(await inside('charts/README.md')).toBe('CHART_INVALID charts/README.md/: there is no Chart.yaml')
  })

  it('nested archive that is none, is a folder, or stands there twice', async () => {
    const inside = (...entries: TarEntry[]): Promise<string> => refusal(buildArchive([web, ...entries]))
    const file = { name: 'web/charts/db-1.0.0.tgz', data: 'no archive' }
    expect(await inside(file)).toContain('ARCHIVE_INVALID charts/db-1.0.0.tgz!: not a gzip file')
    expect(await inside({ ...file, name: `${file.name}/x` })).toBe(
      'CHART_INVALID charts/db-1.0.0.tgz!: a folder named like an archive',
    )
    expect(await inside(file, file)).toBe('CHART_INVALID charts/db-1.0.0.tgz stands in it twice')
  })

  it('nested archives ten deep', async () => {
    expect(await refusal(buildChart(nested(10, 'archive')))).toMatch(
      /^DEPTH_EXCEEDED (charts\/c\d-1\.0\.0\.tgz!){8}: charts are nested deeper than 8$/,
    )
    expect(await refusal(buildChart(nested(10, 'folder')))).toContain('DEPTH_EXCEEDED')
  })
})

describe('writeChartArchive', () => {
  it('packs entries into an archive of the same chart', async () => {
    const { entries, chart } = await readChartArchive(await buildChart({ name: 'web', values: 'a: 1\n' }))
    const written = await writeChartArchive(entries, { fileName: 'w.tgz' })
    expect(written).toMatchObject({ fileName: 'w.tgz', entries })
    expect(written.chart).toEqual(chart)
  })
})
