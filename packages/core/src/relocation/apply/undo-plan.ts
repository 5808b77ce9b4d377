// Takes a plan's edits back: the files of the original, byte for byte, from the relocated chart.

import { digestOf } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { replaceFiles } from '../../helm/chart/chart-archive.ts'
import { decodeExactly, fileAt } from '../../helm/chart/chart-file.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import { readScalars } from '../../helm/yaml/scalars.ts'
import { type LeafEdit, type Plan, type TemplateEdit, textOf } from '../model/plan.ts'

/**
 * The chart as it was before the plan was applied: every file has its original bytes. The archive has them too where it
 * was packed as this library packs; another program compresses otherwise. Throws PLAN_STALE where the chart is not what
 * the plan made.
 */
export async function undoPlan(relocated: ChartArchive, plan: Plan): Promise<ChartArchive> {
  const { originals } = plan
  if (originals === undefined) throw stale(relocated, 'plan', 'it says nothing of the original files')
  const replacements = new Map<string, Uint8Array>()
  for (const [file, edits] of Map.groupBy(plan.edits, (edit) => edit.file)) {
    const bytes = fileAt(relocated.chart, file)
    const text = bytes === undefined ? undefined : decodeExactly(bytes)
    if (text === undefined) throw stale(relocated, file, 'the chart has no such text file')
    const leaves = edits.filter((edit) => edit.kind === 'leaf')
    const inTemplate = edits.filter((edit) => edit.kind === 'template')
    const original = new TextEncoder().encode(undoTemplate(relocated, undoLeaves(relocated, text, leaves), inTemplate))
    if (digestOf(original) !== originals[file]) throw stale(relocated, file, 'it has other changes than the plan')
    replacements.set(file, original)
  }
  return replaceFiles(relocated, replacements)
}

/** Puts each token back as it was written. */
function undoLeaves(archive: ChartArchive, text: string, edits: readonly LeafEdit[]): string {
  const [first] = edits
  if (first === undefined) return text
  const scalars = new Map(readScalars(text, { where: first.file }).map((scalar) => [formatPath(scalar.path), scalar]))
  const tokens = edits.map(({ file, path, new: parts, source }) => {
    const scalar = scalars.get(formatPath(path))
    const expected = textOf(parts)
    if (scalar?.text !== expected || source === undefined)
      throw stale(archive, `${file}: ${formatPath(path)}`, `expected ${JSON.stringify(expected)}`)
    return { ...scalar, source }
  })
  return tokens
    .sort((a, b) => b.start - a.start)
    .reduce((result, { start, end, source }) => result.slice(0, start) + source + result.slice(end), text)
}

function undoTemplate(archive: ChartArchive, text: string, edits: readonly TemplateEdit[]): string {
  let position = 0
  let result = ''
  let grown = text.startsWith('\uFEFF') ? 1 : 0
  for (const { file, line, offset, old, new: parts } of edits.toSorted((a, b) => a.offset - b.offset)) {
    const at = offset + grown
    const now = textOf(parts)
    if (text.slice(at, at + now.length) !== now)
      throw stale(archive, `${file}:${line}`, `expected ${JSON.stringify(now)}`)
    result += text.slice(position, at) + old
    position = at + now.length
    grown += now.length - old.length
  }
  return result + text.slice(position)
}

function stale(archive: ChartArchive, where: string, what: string): ChartferryError {
  return new ChartferryError('PLAN_STALE', `${archive.fileName}: ${where}: ${what}`)
}
