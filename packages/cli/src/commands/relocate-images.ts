// The images of charts that are relocated: copied before anything is written, and named by their new digests where
// those changed.
import { type ChartArchive, ChartferryError, repinDigests } from '@chartferry/core'
import type { ImagePair } from '@chartferry/core/transfer'
import type { ChartOptions } from '../flags/chart-options.ts'
import { type ImageCopyOptions, runCopy } from '../flags/copy-options.ts'
import type { Progress } from '../print/progress.ts'
import type { RelocatedChart } from '../print/relocation.ts'

/** What of the flags counts here. */
export interface CopyingOptions extends ChartOptions, ImageCopyOptions {
  readonly to?: string
  readonly plan?: string
  readonly allowUnresolved?: boolean
}

interface Run {
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Relocates a chart as it was when it was `before`. */
  readonly relocateAgain: (original: ChartArchive, before: ChartArchive) => Promise<RelocatedChart['relocation']>
  /** Gives images the digests that were settled. */
  readonly pin: (pairs: readonly ImagePair[]) => readonly ImagePair[]
}

/**
 * Copies the images of all charts, and gives the charts as they are to be written. Throws as `runCopy` and `relocate`
 * do.
 */
export async function copyTheirImages(
  charts: readonly RelocatedChart[],
  options: CopyingOptions,
  run: Run,
): Promise<readonly RelocatedChart[]> {
  const changed = await copyAll(charts, options, run)
  const repinned: RelocatedChart[] = []
  for (const chart of charts) repinned.push(await repin(chart, changed, options, run))
  return repinned
}

/**
 * All images of all charts in one copy: what they share travels once. Those that do not run with these values may be
 * missing. Gives the digests that changed.
 */
async function copyAll(
  charts: readonly RelocatedChart[],
  options: CopyingOptions,
  { progress, signal, pin }: Run,
): Promise<ReadonlyMap<string, string>> {
  const images = charts.flatMap(({ relocation }) => relocation.plan.images)
  const pairs = pin(images.map(({ from, to, rendered }) => ({ from, to, optional: !rendered })))
  // The credentials of a chart's repository are no credentials of a registry.
  const { username: _user, password: _password, ...rest } = options
  const copied = await runCopy(pairs, rest, { report: progress.report, signal, name: options.to ?? 'copy' })
  return new Map(
    copied.images.flatMap(({ source, target }) =>
      source.digest === target.digest ? [] : [[source.digest, target.digest]],
    ),
  )
}

/**
 * A chart that names a digest that changed gets the new one, and is proven again: relocated from the original with the
 * new digests.
 */
async function repin(
  chart: RelocatedChart,
  digests: ReadonlyMap<string, string>,
  { plan }: CopyingOptions,
  { progress, relocateAgain }: Run,
): Promise<RelocatedChart> {
  const original = await repinDigests(chart.original, digests)
  if (original === chart.original) return chart
  if (plan !== undefined) {
    throw new ChartferryError(
      'PLAN_STALE',
      `${plan}: without some platforms the images have other digests than it names`,
      {
        hint: 'Relocate with --to instead, or copy all platforms.',
      },
    )
  }
  const { archive, proof } = await relocateAgain(original, chart.original)
  progress.report({
    type: 'warning',
    chart: original.fileName,
    message: 'digests of images without some platforms are replaced in the chart',
  })
  return { ...chart, relocation: { ...chart.relocation, archive, proof } }
}
