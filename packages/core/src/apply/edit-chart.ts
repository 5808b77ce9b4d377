// Applies a plan's edits to a chart archive: scalars are replaced in place, every other byte of every file stays.

import type { ChartArchive } from '../chart/chart.ts'
import { replaceFiles } from '../chart/chart-archive.ts'
import { fileAt } from '../chart/chart-file.ts'
import { decodeExactly } from '../discover/leaf.ts'
import { ChartferryError } from '../errors.ts'
import { type PlannedEdit, textOf } from '../plan/plan.ts'
import { replaceScalars } from '../yaml/edit.ts'
import { formatPath } from '../yaml/path.ts'
import { readScalars } from '../yaml/scalars.ts'

/**
 * The archive with all edits made; the same archive where there are none.
 * Throws PLAN_STALE where a file or leaf is not as the plan found it, YAML_INVALID where the new text cannot stand in its place.
 */
export async function editChart(archive: ChartArchive, edits: readonly PlannedEdit[]): Promise<ChartArchive> {
  const replacements = new Map<string, Uint8Array>()
  for (const [file, ofFile] of Map.groupBy(edits, (edit) => edit.file)) {
    const bytes = fileAt(archive.chart, file)
    const text = bytes === undefined ? undefined : decodeExactly(bytes)
    if (text === undefined) throw stale(archive, file, 'the chart has no such text file')
    replacements.set(file, new TextEncoder().encode(editText(archive, file, text, ofFile)))
  }
  return replaceFiles(archive, replacements)
}

function editText(archive: ChartArchive, file: string, text: string, edits: readonly PlannedEdit[]): string {
  const scalars = new Map(readScalars(text, { where: file }).map((scalar) => [formatPath(scalar.path), scalar]))
  const changes = edits.map((edit) => {
    const scalar = scalars.get(formatPath(edit.path))
    if (scalar?.text !== edit.old)
      throw stale(archive, `${file}: ${formatPath(edit.path)}`, `expected ${JSON.stringify(edit.old)}`)
    const text = textOf(edit.new)
    return { path: edit.path, value: typeof scalar.value === 'boolean' ? text === 'true' : text }
  })
  return replaceScalars(text, changes, { where: file })
}

function stale(archive: ChartArchive, where: string, what: string): ChartferryError {
  return new ChartferryError('PLAN_STALE', `${archive.fileName}: ${where}: ${what}`)
}
