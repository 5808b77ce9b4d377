// Reads a chart, and says so while it happens.
import type { ChartArchive, Report } from '@chartferry/core'
import { formatBytes } from '../print/copy-progress.ts'
import { type ChartRequest, readRequest } from './chart-request.ts'

/** The chart that is asked for, reported as the stage `read`, its warnings with it. Throws as `readRequest` does. */
export async function readReported(request: ChartRequest, report: Report, signal: AbortSignal): Promise<ChartArchive> {
  const { name: chart } = request
  report({ type: 'stage-started', chart, stage: 'read' })
  const original = await readRequest(request, signal)
  const summary = `${original.fileName} · ${formatBytes(original.bytes.length)}`
  report({ type: 'stage-finished', chart, stage: 'read', summary })
  for (const message of original.warnings) report({ type: 'warning', chart, message })
  return original
}
