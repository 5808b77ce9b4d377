// `relocate --undo`: the files of the original chart again, from the relocated one and its plan.

import { type ChartArchive, ChartferryError, type Plan, undoPlan } from '@chartferry/core'
import { directorySink } from '@chartferry/core/transfer'
import { say, sayJson } from '../print/say.ts'

/** What of the flags counts here. */
export interface UndoOptions {
  readonly destination?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

/**
 * Undoes a plan, writes the chart, and says whether the archive has the original's bytes, too. Throws PLAN_STALE,
 * USAGE.
 */
export async function undoRelocation(relocated: ChartArchive, plan: Plan, options: UndoOptions): Promise<void> {
  const { destination, dryRun = false, json = false } = options
  if (destination === undefined && !dryRun) {
    throw new ChartferryError('USAGE', 'the destination of the original is missing', {
      hint: 'Give a folder with -d, or --dry-run to write nothing.',
    })
  }
  const original = await undoPlan(relocated, plan)
  const isSameArchive = original.digest === plan.chart.digest
  const sink = destination === undefined || dryRun ? undefined : directorySink(destination)
  const path = await sink?.put(original)
  await sink?.close()
  const files = Object.keys(plan.originals ?? {})
  if (json) {
    const archive = path ?? null
    sayJson({ chart: plan.chart, archive, digest: original.digest, isSameArchive, files })
    return
  }
  const { name, version } = plan.chart
  const packed = isSameArchive
    ? 'the archive has the bytes of the original'
    : 'the archive has other bytes, since another program packed the original'
  say(`${name} ${version}: ${files.length} files have their original bytes again; ${packed}`)
  if (path !== undefined) say(`${path}  ${original.digest}`)
}
