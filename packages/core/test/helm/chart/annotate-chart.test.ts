import { describe, expect, it } from 'vitest'
import { buildChart } from '../../../../../test/kit/charts.ts'
import { annotateChart } from '../../../src/helm/chart/annotate-chart.ts'
import { readChartArchive } from '../../../src/helm/chart/chart-archive.ts'

const head = 'apiVersion: v2\nname: web\nversion: 1.0.0\n'

async function annotated(chartYaml: string): Promise<{ readonly text: string; readonly annotations: unknown }> {
  const archive = await readChartArchive(
    await buildChart({ name: 'web', files: { 'Chart.yaml': chartYaml }, metadata: {} }),
  )
  const { chart } = await annotateChart(archive, { 'io.example.mark': 'it: says "so"\nand why' })
  const text = new TextDecoder().decode(chart.files.get('Chart.yaml'))
  return { text, annotations: chart.metadata.annotations }
}

const mark = { 'io.example.mark': 'it: says "so"\nand why' }
const line = 'io.example.mark: "it: says \\"so\\"\\nand why"\n'

describe('annotateChart', () => {
  it('adds them behind a Chart.yaml that has none, and changes no other byte', async () => {
    expect(await annotated(`${head}# the end`)).toEqual({
      text: `${head}# the end\nannotations:\n  ${line}`,
      annotations: mark,
    })
  })

  it('adds them to those that are there', async () => {
    const text = `${head}annotations: # ours\n\n    a: b\nhome: https://example.com\n`
    expect(await annotated(text)).toEqual({
      text: text.replace('    a: b', `    ${line}    a: b`),
      annotations: { ...mark, a: 'b' },
    })
  })

  it.each([
    'annotations: {a: b}\n',
    'annotations: { }\n',
    'annotations: &x\n  a: b\n',
    `annotations:\n  ${'io.example.mark'}: old\n`,
  ])('writes Chart.yaml anew where its form leaves no place: %j', async (own) => {
    const { annotations } = await annotated(head + own)
    expect(annotations).toMatchObject(mark)
    if (own.includes('a: b')) expect(annotations).toMatchObject({ a: 'b' })
  })
})
