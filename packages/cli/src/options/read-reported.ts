// Reads a chart, and says so while it happens.
import type { ChartArchive, Report } from '@chartferry/core'
import { readChart } from './chart-source.ts'
import type { AccessOptions } from './named-chart.ts'

/** The chart of an argument, reported as the stage `read`, its warnings with it. Throws as `readChart` does. */
export async function readReported(
  argument: string,
  options: AccessOptions,
  report: Report,
  signal: AbortSignal,
): Promise<ChartArchive> {
  report({ type: 'stage-started', chart: argument, stage: 'read' })
  const original = await readChart(argument, options, signal)
  const summary = `${original.fileName} · ${original.bytes.length} bytes`
  report({ type: 'stage-finished', chart: argument, stage: 'read', summary })
  for (const message of original.warnings) report({ type: 'warning', chart: argument, message })
  return original
}
