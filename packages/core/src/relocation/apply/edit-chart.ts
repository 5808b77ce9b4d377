// Applies a plan's edits to a chart archive: text is replaced in place, every other byte of every file stays.

import { ChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { replaceFiles } from '../../helm/chart/chart-archive.ts'
import { decodeExactly, fileAt } from '../../helm/chart/chart-file.ts'
import { replaceScalars } from '../../helm/yaml/edit.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import { readScalars } from '../../helm/yaml/scalars.ts'
import { type LeafEdit, type PlannedEdit, type TemplateEdit, textOf } from '../model/plan.ts'

/**
 * The archive with all edits made; the same archive where there are none.
 * Throws PLAN_STALE where a file or its text is not as the plan found it, YAML_INVALID where the new text cannot stand
 * in its place.
 */
export async function editChart(archive: ChartArchive, edits: readonly PlannedEdit[]): Promise<ChartArchive> {
  const replacements = new Map<string, Uint8Array>()
  for (const [file, ofFile] of Map.groupBy(edits, (edit) => edit.file)) {
    const bytes = fileAt(archive.chart, file)
    const text = bytes === undefined ? undefined : decodeExactly(bytes)
    if (text === undefined) throw stale(archive, file, 'the chart has no such text file')
    const leaves = ofFile.filter((edit) => edit.kind === 'leaf')
    const inTemplate = ofFile.filter((edit) => edit.kind === 'template')
    // The offsets are those of the original text; leaves are found by their paths.
    const edited = editLeaves(archive, editTemplate(archive, text, inTemplate), leaves)
    replacements.set(file, new TextEncoder().encode(edited))
  }
  return replaceFiles(archive, replacements)
}

function editLeaves(archive: ChartArchive, text: string, edits: readonly LeafEdit[]): string {
  const [first] = edits
  if (first === undefined) return text
  const where = first.file
  const scalars = new Map(readScalars(text, { where }).map((scalar) => [formatPath(scalar.path), scalar]))
  const changes = edits.map((edit) => {
    const scalar = scalars.get(formatPath(edit.path))
    if (scalar?.text !== edit.old)
      throw stale(archive, `${where}: ${formatPath(edit.path)}`, `expected ${JSON.stringify(edit.old)}`)
    const value = textOf(edit.new)
    return { path: edit.path, value: typeof scalar.value === 'boolean' ? value === 'true' : value }
  })
  return replaceScalars(text, changes, { where })
}

function editTemplate(archive: ChartArchive, text: string, edits: readonly TemplateEdit[]): string {
  const mark = text.startsWith('\uFEFF') ? 1 : 0
  let edited = text
  for (const { file, line, offset, old, new: parts } of edits.toSorted((a, b) => b.offset - a.offset)) {
    const start = offset + mark
    if (text.slice(start, start + old.length) !== old)
      throw stale(archive, `${file}:${line}`, `expected ${JSON.stringify(old)}`)
    edited = edited.slice(0, start) + textOf(parts) + edited.slice(start + old.length)
  }
  return edited
}

function stale(archive: ChartArchive, where: string, what: string): ChartferryError {
  return new ChartferryError('PLAN_STALE', `${archive.fileName}: ${where}: ${what}`)
}
