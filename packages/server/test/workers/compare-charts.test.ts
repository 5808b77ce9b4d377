import { type Chart, readChartArchive } from '@chartferry/core'
import { describe, expect, it } from 'vitest'
import { buildChart, type ChartSpec } from '../../../../test/kit/charts.ts'
import { compareCharts } from '../../src/workers/compare-charts.ts'

const read = async (spec: ChartSpec): Promise<Chart> => (await readChartArchive(await buildChart(spec))).chart

describe('compareCharts', () => {
  it('gives unified hunks, values first, and a subchart in another version as the same subchart', async () => {
    const sub = (version: string, text: string) => ({ name: 'db', version, values: text, as: 'archive' }) as const
    const before = await read({
      name: 'a',
      values: 'a: 1\nb: 2\n',
      templates: { 'gone.yaml': 'x' },
      subcharts: [sub('1.0.0', 'c: 1\n')],
    })
    const after = await read({
      name: 'a',
      version: '2.0.0',
      values: 'a: 1\nb: 3\n',
      templates: { 'new.yaml': 'y' },
      subcharts: [sub('1.1.0', 'c: 2\n')],
    })
    const { files, more } = compareCharts(before, after)
    expect(files.map(({ file, state }) => `${file} ${state}`)).toEqual([
      'values.yaml changed',
      'Chart.yaml changed',
      'templates/gone.yaml removed',
      'templates/new.yaml added',
      'charts/db/Chart.yaml changed',
      'charts/db/values.yaml changed',
    ])
    expect(files[0]).toEqual({
      file: 'values.yaml',
      state: 'changed',
      added: 1,
      removed: 1,
      hunks: [{ head: '@@ -1,2 +1,2 @@', lines: [' a: 1', '-b: 2', '+b: 3'] }],
      isCut: false,
    })
    expect(more).toBe(0)
  })

  it('stays small, whatever it is given', async () => {
    const lines = (seed: number): string =>
      Array.from({ length: 20_000 }, (_, at) => `${(at * 7919 * seed) % 1_000_003}`).join('\n')
    const files = (seed: number): Record<string, string | Uint8Array> =>
      Object.fromEntries(Array.from({ length: 250 }, (_, at) => [`files/${at}.txt`, `${seed}`]))
    const charts = await Promise.all(
      [1, 2].map((seed) =>
        read({ name: 'a', values: lines(seed), files: { ...files(seed), 'b.bin': new Uint8Array([0, seed]) } }),
      ),
    )
    const [before, after] = charts as [Chart, Chart]
    const difference = compareCharts(before, after)
    const shown = difference.files.reduce(
      (sum, { hunks }) => sum + hunks.reduce((all, each) => all + each.lines.length, 0),
      0,
    )
    expect(shown).toBeLessThanOrEqual(4000)
    expect(difference.files.length + difference.more).toBe(252)
    expect(difference.files.find(({ file }) => file === 'b.bin')).toMatchObject({ hunks: [], isCut: true })
  })
})
