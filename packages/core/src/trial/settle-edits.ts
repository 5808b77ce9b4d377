// Tries planned edits on the real chart until a rendering agrees: those that show anywhere but in an image are withdrawn.
import { editChart } from '../apply/edit-chart.ts'
import type { ChartArchive } from '../chart/chart.ts'
import { type Leaf, readLeaves } from '../discover/leaf.ts'
import { ChartferryError, isChartferryError } from '../errors.ts'
import type { Target } from '../image/target.ts'
import { type Comparison, compareWithTarget } from '../observe/compare.ts'
import type { Observation, ObservedScenario } from '../observe/observe-chart.ts'
import { renderAll } from '../observe/snapshot.ts'
import { type PlannedEdit, textOf } from '../plan/plan.ts'
import { planEdits, type StuckOccurrence } from '../plan/plan-edits.ts'
import type { Proposal } from '../plan/propose-edits.ts'
import { pointOf } from '../plan/route.ts'
import { engineRenderer } from '../render/engine-renderer.ts'
import { findGuard } from './guard.ts'

/** The edits that every scenario agreed to. */
export interface Settlement {
  readonly edits: readonly PlannedEdit[]
  readonly stuck: readonly StuckOccurrence[]
  readonly comparisons: readonly Comparison[]
}

/** Each round withdraws something, or is the last one. */
const mostRounds = 6

/**
 * Settles the edits of one chart. `conventional` are edits that nothing rendered speaks for or against. Throws RENDER_FAILED where the
 * edited chart no longer renders.
 */
export async function settleEdits(
  archive: ChartArchive,
  observation: Observation,
  conventional: readonly Proposal[],
  target: Target,
): Promise<Settlement> {
  const leaves = readLeaves(archive.chart)
  const occurrences = observation.scenarios.flatMap((observed) => observed.occurrences)
  const withdrawn = new Set<string>()
  let guards: readonly PlannedEdit[] = []
  for (let round = 1; ; round++) {
    const { edits: planned, stuck } = planEdits(archive.chart, occurrences, target, { withdrawn })
    const edits = [...planned, ...unobserved(conventional, planned, withdrawn), ...guards]
    const trial = await tryEdits(await editChart(archive, edits), observation.scenarios, archive, target)
    if (trial instanceof ChartferryError) {
      const guard = guards.length === 0 ? findGuard(trial.message, leaves) : undefined
      if (guard === undefined || round >= mostRounds) throw trial
      guards = [guard]
      continue
    }
    const culprits = edits.filter((edit) => edit !== guards[0] && isPrintedElsewhere(edit, trial)).map(placeKey)
    if (culprits.length === 0 || round >= mostRounds) return { edits, stuck, comparisons: trial }
    for (const key of culprits) withdrawn.add(key)
  }
}

async function tryEdits(
  edited: ChartArchive,
  scenarios: readonly ObservedScenario[],
  original: ChartArchive,
  target: Target,
): Promise<readonly Comparison[] | ChartferryError> {
  const strict = engineRenderer().openChart(edited.chart)
  const lenient = engineRenderer({ lenient: true }).openChart(edited.chart)
  const comparisons: Comparison[] = []
  try {
    for (const { scenario, snapshot, isStrict } of scenarios) {
      const documents = await renderAll(isStrict ? strict : lenient, scenario.values, scenario.circumstances)
      comparisons.push(compareWithTarget(snapshot, documents, original.chart, target))
    }
    return comparisons
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return error
    throw error
  } finally {
    await Promise.all([strict.close(), lenient.close()])
  }
}

/** Whether the new text of an edit stands in a value that should not have changed. */
function isPrintedElsewhere(edit: PlannedEdit, comparisons: readonly Comparison[]): boolean {
  const text = textOf(edit.new)
  return comparisons.some(({ different }) =>
    different.some(({ before, after }) => String(after).includes(text) && !String(before).includes(text)),
  )
}

const placeKey = (edit: PlannedEdit): string =>
  pointOf(edit.kind === 'leaf' ? { ...edit, text: edit.old, offset: 0 } : { ...edit, kind: 'literal' })

/** Edits by convention, for leaves that nothing planned touches. */
function unobserved(
  proposals: readonly Proposal[],
  planned: readonly PlannedEdit[],
  withdrawn: ReadonlySet<string>,
): readonly PlannedEdit[] {
  const taken = new Set(planned.map(placeKey))
  return proposals
    .map(({ leaf, new: parts }: Proposal): PlannedEdit => toEdit(leaf, parts))
    .filter((edit) => !taken.has(placeKey(edit)) && !withdrawn.has(placeKey(edit)))
}

function toEdit({ file, path, line, text }: Leaf, parts: Proposal['new']): PlannedEdit {
  return { kind: 'leaf', file, path, line, old: text, new: parts, observed: false }
}
