// The thread in which an archive is opened for what ChartMuseum's API shows of it: one answer, as it is sent.
import { parentPort, workerData } from 'node:worker_threads'
import { ChartferryError, type Limits, readChartArchive } from '@chartferry/core'
import { parseYaml } from '@chartferry/core/helm'
import { answerOf } from './thread-answer.ts'

/** Its templates with its values as JSON, or its values.yaml as it is. */
export type ContentsPart = 'templates' | 'values'

/** What a thread is started with. */
export interface ContentsWork {
  readonly bytes: Uint8Array
  readonly limits: Limits
  readonly part: ContentsPart
}

async function contentsOf({ bytes, limits, part }: ContentsWork): Promise<Uint8Array> {
  const { files } = (await readChartArchive(bytes, { limits })).chart
  const values = files.get('values.yaml')
  if (part === 'values') {
    if (values === undefined) throw new ChartferryError('CHART_NOT_FOUND', 'values.yaml not found')
    return values
  }
  const templates = [...files]
    .filter(([name]) => name.startsWith('templates/'))
    .map(([name, text]) => ({ name, data: Buffer.from(text).toString('base64') }))
  const text = Buffer.from(values ?? '').toString()
  const parsed = text.trim() === '' ? {} : parseYaml(text, { where: 'values.yaml' })
  return Buffer.from(JSON.stringify({ templates, values: parsed ?? {} }))
}

parentPort?.postMessage(await answerOf(() => contentsOf(workerData as ContentsWork)))
