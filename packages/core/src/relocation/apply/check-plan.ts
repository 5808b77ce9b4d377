// Whether a plan that somebody handed over is for this chart, and says of it what is true.

import { digestOf } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { decodeExactly, fileAt, lineCounter } from '../../helm/chart/chart-file.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import { readScalars } from '../../helm/yaml/scalars.ts'
import type { Plan, PlannedEdit } from '../model/plan.ts'

/**
 * Throws PLAN_STALE where the plan is for another chart, another version or other bytes, and where it says other digests of
 * the files, or other lines of the edits, than the chart has: whoever read it was shown another chart.
 */
export function checkPlan(original: ChartArchive, plan: Plan): void {
  const { name, version } = original.chart.metadata
  const { chart, originals = {} } = plan
  const refuse = (what: string): ChartferryError => new ChartferryError('PLAN_STALE', `${original.fileName}: ${what}`)
  if (chart.name !== name || chart.version !== version)
    throw refuse(`the plan was made for ${chart.name} ${chart.version}, and this is ${name} ${version}`)
  if (chart.digest !== original.digest)
    throw refuse(`the plan was made for ${name} ${version} as ${chart.digest}, and this is ${original.digest}`)
  for (const [file, digest] of Object.entries(originals)) {
    const bytes = fileAt(original.chart, file)
    if (bytes === undefined) throw refuse(`the plan speaks of ${file}, which the chart does not have`)
    if (digestOf(bytes) !== digest) throw refuse(`the plan was made for another text of ${file}`)
  }
  for (const [file, edits] of Map.groupBy(plan.edits, (edit) => edit.file)) {
    const bytes = fileAt(original.chart, file)
    const text = bytes === undefined ? undefined : decodeExactly(bytes)
    if (text === undefined) throw refuse(`the plan edits ${file}, and the chart has no such text file`)
    const lineOf = lineFinder(text, edits, file)
    for (const edit of edits) {
      const line = lineOf(edit)
      if (line === undefined || line === edit.line) continue
      throw refuse(
        `the plan says that ${JSON.stringify(edit.old)} stands in line ${edit.line} of ${file}; it is line ${line}`,
      )
    }
  }
}

/** The line that an edit is in; undefined where there is no such leaf, of which applying it tells more. */
function lineFinder(
  text: string,
  edits: readonly PlannedEdit[],
  where: string,
): (edit: PlannedEdit) => number | undefined {
  const mark = text.startsWith('\uFEFF') ? 1 : 0
  const scalars = edits.some(({ kind }) => kind === 'leaf')
    ? new Map(readScalars(text, { where }).map(({ path, start }) => [formatPath(path), start]))
    : new Map<string, number>()
  return (edit) => {
    const offset = edit.kind === 'leaf' ? scalars.get(formatPath(edit.path)) : edit.offset + mark
    return offset === undefined ? undefined : lineCounter(text)(offset)
  }
}
