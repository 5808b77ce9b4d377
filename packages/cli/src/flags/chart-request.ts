// A chart that a command is to read: named on the command line, or by a declaration.
import { type ChartArchive, ChartferryError, type Digest } from '@chartferry/core'
import type { ChartOptions } from './chart-options.ts'
import { readChart } from './chart-source.ts'

export interface ChartRequest {
  /** As the person wrote it. */
  readonly name: string
  /** What `readChart` takes. */
  readonly argument: string
  /** How it is reached and rendered. */
  readonly options: ChartOptions
  /** The digest that its archive must have, and the file that says so. Default: any. */
  readonly promised?: { readonly digest: Digest; readonly by: string }
}

/** A chart of the command line. */
export function chartRequest(name: string, options: ChartOptions): ChartRequest {
  return { name, argument: name, options }
}

/** Reads the chart. Throws as `readChart` does, and LOCK_OUTDATED where its bytes are not those that were promised. */
export async function readRequest(
  { name, argument, options, promised }: ChartRequest,
  signal: AbortSignal,
): Promise<ChartArchive> {
  const archive = await readChart(argument, options, signal)
  if (promised === undefined || archive.digest === promised.digest) return archive
  const { version } = archive.chart.metadata
  throw new ChartferryError(
    'LOCK_OUTDATED',
    `chart ${name} ${version}: its digest is ${archive.digest}; ${promised.by} has ${promised.digest}`,
  )
}
