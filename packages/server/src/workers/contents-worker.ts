// The thread in which archives are opened for what is shown of their inside: one answer, as it is sent or put into a page.
import { parentPort, workerData } from 'node:worker_threads'
import { type Chart, ChartferryError, type Limits, readChartArchive } from '@chartferry/core'
import { parseYaml } from '@chartferry/core/helm'
import { answerOf } from './thread-answer.ts'
import type { ValuesQuestion } from './values-view.ts'

/**
 * Of one archive its templates with its values as JSON, its values.yaml as it is, its README as HTML, or a page of its
 * values (`ValuesView`); of two what differs between them (`ChartDifference`).
 */
export type ContentsQuestion =
  | { readonly part: 'templates' | 'values' | 'readme' | 'difference' }
  | ({ readonly part: 'values-view' } & ValuesQuestion)

/** What a thread is started with. */
export interface ContentsWork {
  readonly archives: readonly Uint8Array[]
  readonly limits: Limits
  readonly question: ContentsQuestion
}

type Reader = (charts: readonly Chart[], question: ContentsQuestion) => Uint8Array | Promise<Uint8Array>

const readers: Readonly<Record<ContentsQuestion['part'], Reader>> = {
  values: ([chart]) => valuesOf(chart),
  templates: ([chart]) => {
    const files = chart?.files ?? new Map<string, Uint8Array>()
    const templates = [...files]
      .filter(([name]) => name.startsWith('templates/'))
      .map(([name, text]) => ({ name, data: Buffer.from(text).toString('base64') }))
    const text = Buffer.from(files.get('values.yaml') ?? '').toString()
    const parsed = text.trim() === '' ? {} : parseYaml(text, { where: 'values.yaml' })
    return json({ templates, values: parsed ?? {} })
  },
  readme: async ([chart]) => {
    const { readmeHtml } = await import('./readme-html.ts')
    const [, bytes] = [...(chart?.files ?? [])].find(([name]) => /^readme(?:\.md|\.txt)?$/i.test(name)) ?? []
    if (bytes === undefined) throw new ChartferryError('CHART_NOT_FOUND', 'the chart has no README')
    return Buffer.from(readmeHtml(Buffer.from(bytes).toString()))
  },
  'values-view': async ([chart], question) => {
    const { viewValues } = await import('./values-view.ts')
    const asked = question.part === 'values-view' ? question : { from: 1, query: '' }
    return json(viewValues(Buffer.from(valuesOf(chart)).toString(), asked))
  },
  difference: async ([before, after]) => {
    const { compareCharts } = await import('./compare-charts.ts')
    if (before === undefined || after === undefined) throw new Error('a difference needs two charts')
    return json(compareCharts(before, after))
  },
}

function valuesOf(chart: Chart | undefined): Uint8Array {
  const values = chart?.files.get('values.yaml')
  if (values === undefined) throw new ChartferryError('CHART_NOT_FOUND', 'values.yaml not found')
  return values
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value))

async function contentsOf({ archives, limits, question }: ContentsWork): Promise<Uint8Array> {
  const charts: Chart[] = []
  for (const bytes of archives) charts.push((await readChartArchive(bytes, { limits })).chart)
  return readers[question.part](charts, question)
}

parentPort?.postMessage(await answerOf(() => contentsOf(workerData as ContentsWork)))
