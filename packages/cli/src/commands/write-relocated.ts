// Writes relocated charts and their plans, once every chart is relocated: one that fails leaves nothing behind.
import { readFile } from 'node:fs/promises'
import { type ChartArchive, ChartferryError } from '@chartferry/core'
import { signArchive } from '@chartferry/core/helm'
import { messageOf, replaceFile } from '@chartferry/core/internal'
import { type ChartSink, directorySink, staticRepositorySink } from '@chartferry/core/transfer'
import { readText } from '../flags/read-text.ts'
import type { Progress } from '../print/progress.ts'
import type { RelocatedChart } from '../print/relocation.ts'

/** What of the flags counts here. */
export interface WriteOptions {
  readonly destination?: string
  readonly index?: boolean
  readonly savePlan?: string
  readonly signKey?: string
  readonly passphraseFile?: string
}

/** Throws USAGE where the flags do not fit together. */
export function checkWriteOptions({ destination, index, signKey }: WriteOptions): void {
  if (destination !== undefined || (index !== true && signKey === undefined)) return
  throw new ChartferryError(
    'USAGE',
    `${signKey === undefined ? '--index' : '--sign-key'} needs a folder for the charts`,
    {
      hint: 'Give it with -d.',
    },
  )
}

/** Writes all, and gives each chart with its place. Throws KEY_INVALID, INDEX_INVALID, STORE_UNAVAILABLE. */
export async function writeRelocated(
  charts: readonly RelocatedChart[],
  options: WriteOptions,
  progress: Progress,
): Promise<readonly RelocatedChart[]> {
  const { savePlan } = options
  const signed = options.signKey === undefined ? charts : await signAll(charts, options.signKey, options.passphraseFile)
  const written = await putAll(signed, options, progress)
  const plans = charts.map(({ relocation }) => relocation.plan)
  if (savePlan !== undefined)
    await replaceFile(
      savePlan,
      new TextEncoder().encode(`${JSON.stringify(plans.length === 1 ? plans[0] : plans, null, 2)}\n`),
    )
  return written
}

async function signAll(
  charts: readonly RelocatedChart[],
  file: string,
  passphraseFile: string | undefined,
): Promise<readonly RelocatedChart[]> {
  const data = await readFile(file).catch((cause: unknown) => {
    throw new ChartferryError('FILE_NOT_FOUND', `signing key ${file}: ${messageOf(cause)}`, { cause })
  })
  const passphrase =
    passphraseFile === undefined ? undefined : (await readText(passphraseFile, 'passphrase')).replace(/\r?\n$/, '')
  const signed: RelocatedChart[] = []
  for (const chart of charts) {
    const archive: ChartArchive = await signArchive(chart.relocation.archive, { data, passphrase })
    signed.push({ ...chart, relocation: { ...chart.relocation, archive } })
  }
  return signed
}

async function putAll(
  charts: readonly RelocatedChart[],
  { destination, index }: WriteOptions,
  { report }: Progress,
): Promise<readonly RelocatedChart[]> {
  if (destination === undefined) return charts
  const sink: ChartSink =
    index === true ? staticRepositorySink(destination, { now: () => new Date() }) : directorySink(destination)
  const written: RelocatedChart[] = []
  for (const chart of charts) {
    const { archive } = chart.relocation
    if (chart.original.provenance !== undefined && archive.provenance === undefined) {
      report({
        type: 'warning',
        chart: chart.original.fileName,
        message: 'provenance dropped: it holds for the original bytes; sign the chart with --sign-key',
      })
    }
    written.push({ ...chart, path: await sink.put(archive) })
  }
  await sink.close()
  return written
}
