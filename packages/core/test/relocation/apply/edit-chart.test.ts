import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import type { ChartArchive } from '../../../src/helm/chart/chart.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'
import { editChart } from '../../../src/relocation/apply/edit-chart.ts'
import type { LeafEdit, TemplateEdit } from '../../../src/relocation/model/plan.ts'

const edit = (file: string, old: string, text: string): LeafEdit => ({
  kind: 'leaf',
  file,
  path: ['registry'],
  line: 1,
  old,
  new: [{ kind: 'literal', text }],
  observed: true,
})

const textOf = (archive: ChartArchive, path: string): string =>
  Buffer.from(archive.chart.files.get(path) ?? []).toString()

describe('editChart', () => {
  it('changes nothing where there is nothing to change', async () => {
    const archive = await readChartArchive(await buildChart({ name: 'web', values: 'registry: a\n' }))
    expect(await editChart(archive, [])).toBe(archive)
  })

  it('edits a subchart inside an archive inside an archive', async () => {
    const inner = { name: 'inner', values: '# kept\nregistry: quay.io\n', as: 'archive' } as const
    const middle = { name: 'middle', subcharts: [inner], as: 'archive' } as const
    const archive = await readChartArchive(await buildChart({ name: 'outer', subcharts: [middle] }))
    const file = 'charts/middle-1.0.0.tgz!charts/inner-1.0.0.tgz!values.yaml'
    const edited = await editChart(archive, [edit(file, 'quay.io', 'reg.corp')])
    const values = edited.chart.subcharts[0]?.subcharts[0]?.files.get('values.yaml')
    expect(Buffer.from(values ?? []).toString()).toBe('# kept\nregistry: reg.corp\n')
  })

  it('drops the provenance of what it changes', async () => {
    const bytes = await buildChart({ name: 'web', values: 'registry: a\n' })
    const archive = await readChartArchive(bytes, { provenance: new Uint8Array([1]) })
    expect((await editChart(archive, [edit('values.yaml', 'a', 'b')])).provenance).toBeUndefined()
  })

  it.each([
    ['another text', edit('values.yaml', 'other', 'b')],
    ['no such file', edit('charts/none/values.yaml', 'a', 'b')],
    ['no such leaf', { ...edit('values.yaml', 'a', 'b'), path: ['none'] }],
  ])('refuses a plan for %s', async (_, planned) => {
    const archive = await readChartArchive(await buildChart({ name: 'web', values: 'registry: a\n' }))
    await expect(editChart(archive, [planned])).rejects.toMatchObject({ code: 'PLAN_STALE' })
  })

  it('splices a template, a byte order mark left out of the count', async () => {
    const text = '\uFEFFa: 1\nimage: nginx:1\nother: nginx:1\n'
    const archive = await readChartArchive(await buildChart({ name: 'web', templates: { 'a.yaml': text } }))
    const file = 'templates/a.yaml'
    const planned: TemplateEdit = {
      kind: 'template',
      file,
      line: 2,
      offset: 12,
      old: '',
      new: [{ kind: 'host', text: 'reg.corp/' }],
      observed: true,
    }
    expect(textOf(await editChart(archive, [planned]), file)).toBe(
      '\uFEFFa: 1\nimage: reg.corp/nginx:1\nother: nginx:1\n',
    )
    await expect(editChart(archive, [{ ...planned, old: 'busybox' }])).rejects.toMatchObject({ code: 'PLAN_STALE' })
  })

  it('keeps every byte that is not of the leaf', async () => {
    const line = fc.constantFrom('# comment', '', 'a: 1', 'b: "x"  # y', 'c: [1, 2]')
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.constantFrom('\n', '\r\n'), async (lines, end) => {
        const before = ['registry: quay.io # ours', ...new Set(lines), ''].join(end)
        const archive = await readChartArchive(await buildChart({ name: 'web', values: before }))
        const edited = await editChart(archive, [edit('values.yaml', 'quay.io', 'reg.corp:5000/m')])
        expect(textOf(edited, 'values.yaml')).toBe(before.replace('quay.io', 'reg.corp:5000/m'))
      }),
      { numRuns: 30 },
    )
  })
})
