import { describe, expect, it } from 'vitest'
import { buildArchive, buildChart, type ChartSpec } from '../../../../../test/kit/charts.ts'
import { readArchive } from '../../../src/helm/archive/read.ts'
import type { ChartArchive } from '../../../src/helm/chart/chart.ts'
import { readChartArchive, replaceFiles } from '../../../src/helm/chart/chart-archive.ts'
import { fileAt } from '../../../src/helm/chart/chart-file.ts'

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const textAt = (archive: ChartArchive, address: string): string =>
  Buffer.from(fileAt(archive.chart, address) ?? []).toString()

const spec: ChartSpec = {
  name: 'web',
  values: 'a: 1\n',
  subcharts: [
    { name: 'db', values: 'b: 1\n' },
    {
      name: 'cache',
      as: 'archive',
      values: 'c: 1\n',
      subcharts: [{ name: 'common', as: 'archive', values: 'd: 1\n' }],
    },
    { name: 'other', as: 'archive', values: 'e: 1\n' },
  ],
}

describe('replaceFiles', () => {
  it('replaces files through folders and nested archives', async () => {
    const archive = await readChartArchive(await buildChart(spec))
    const addresses = [
      'values.yaml',
      'charts/db/values.yaml',
      'charts/cache-1.0.0.tgz!values.yaml',
      'charts/cache-1.0.0.tgz!charts/common-1.0.0.tgz!values.yaml',
    ]
    const changed = await replaceFiles(
      archive,
      new Map(addresses.map((address) => [address, bytesOf(`at: ${address}`)])),
    )
    for (const address of addresses) expect(textAt(changed, address)).toBe(`at: ${address}`)
    expect(textAt(changed, 'charts/other-1.0.0.tgz!values.yaml')).toBe('e: 1\n')
    expect(await readChartArchive(changed.bytes, { fileName: changed.fileName })).toEqual(changed)
  })

  it('leaves every other entry as it is, duplicates and untouched nested archives included', async () => {
    const entry = (name: string, data: string, mode: number): Parameters<typeof buildArchive>[0] => [
      { name, data, mode, mtime: mode },
    ]
    const bytes = await buildArchive([
      { name: 'web\\', type: '5', mode: 0o700 },
      ...entry('web/values.yaml', 'a: 1', 0o600),
      ...entry('web/Chart.yaml', 'name: web\nversion: 1.0.0', 0),
      ...entry('web/values.yaml', 'a: 2', 0o640),
      { name: 'web/charts/other-1.0.0.tgz', data: await buildChart({ name: 'other' }) },
      ...entry(`web/files/${'long/'.repeat(60)}ü`, 'x', 0o755),
    ])
    const archive = await readChartArchive(bytes)
    const changed = await replaceFiles(archive, new Map([['values.yaml', bytesOf('a: 3')]]))
    expect(changed.entries).toEqual(
      archive.entries.map((each, index) => (index === 3 ? { ...each, data: bytesOf('a: 3') } : each)),
    )
    expect(await readArchive(changed.bytes)).toEqual(changed.entries)
  })

  it('gives the same bytes each time', async () => {
    const archive = await readChartArchive(await buildChart(spec))
    const replacements = new Map([['charts/cache-1.0.0.tgz!values.yaml', bytesOf('c: 2\n')]])
    const first = await replaceFiles(archive, replacements)
    expect((await replaceFiles(archive, replacements)).digest).toBe(first.digest)
    expect(await replaceFiles(first, replacements)).toBe(first)
  })

  it('gives the same archive where nothing differs', async () => {
    const archive = await readChartArchive(await buildChart(spec))
    expect(await replaceFiles(archive, new Map())).toBe(archive)
    expect(await replaceFiles(archive, new Map([['values.yaml', bytesOf('a: 1\n')]]))).toBe(archive)
  })

  it('drops the provenance of the old bytes, keeps the file name', async () => {
    const archive = await readChartArchive(await buildChart(spec), { fileName: 'w.tgz', provenance: bytesOf('signed') })
    const changed = await replaceFiles(archive, new Map([['values.yaml', bytesOf('a: 2')]]))
    expect(changed.fileName).toBe('w.tgz')
    expect(changed.provenance).toBeUndefined()
  })

  it.each(['nothing.yaml', 'charts/db', 'charts/cache-1.0.0.tgz!nothing', 'charts/none-1.0.0.tgz!values.yaml'])(
    'refuses the address %s, where there is no file',
    async (address) => {
      const archive = await readChartArchive(await buildChart(spec))
      await expect(replaceFiles(archive, new Map([[address, bytesOf('')]]))).rejects.toMatchObject({
        code: 'FILE_NOT_FOUND',
      })
    },
  )
})
