// Tries planned edits on the real chart until a rendering agrees: adds what has to move along, withdraws what shows
// anywhere but in an image.

import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { engineRenderer } from '../../helm/render/engine-renderer.ts'
import type { Difference } from '../../helm/render/output/diff-documents.ts'
import { parseDocuments } from '../../helm/render/output/parse-documents.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import type { Naming } from '../../reference/naming.ts'
import { tryParseReference } from '../../reference/reference.ts'
import { editChart } from '../apply/edit-chart.ts'
import { type Comparison, compareRenamed } from '../find/compare.ts'
import { readLeaves } from '../find/leaf.ts'
import type { Observation, ObservedScenario } from '../find/observe-chart.ts'
import { renderAll } from '../find/snapshot.ts'
import { type PlannedEdit, textOf } from '../plan.ts'
import { comparedLiterals } from './compared-literals.ts'
import { findGuard } from './guard.ts'
import type { Pins } from './pin.ts'
import { planEdits, type StuckOccurrence } from './plan-edits.ts'
import { pointOf } from './route.ts'

/** The edits that every scenario agreed to. */
export interface Settlement {
  readonly edits: readonly PlannedEdit[]
  readonly stuck: readonly StuckOccurrence[]
  /** What the edits did, a scenario each, in the order of the observation. */
  readonly comparisons: readonly Comparison[]
}

export interface SettleOptions {
  readonly naming: Naming
  /** Whether what templates say may be edited. */
  readonly templateEdits: boolean
  /** Digests that the naming has behind its names. Default: none. */
  readonly pins?: Pins
}

/** Each round adds or withdraws something, or is the last one. */
const mostRounds = 8

/**
 * Settles the edits of one chart. `conventional` are edits that nothing rendered speaks for or against. Throws
 * RENDER_FAILED where the edited chart no longer renders.
 */
export async function settleEdits(
  archive: ChartArchive,
  { scenarios }: Observation,
  conventional: readonly PlannedEdit[],
  { naming, templateEdits, pins = new Map() }: SettleOptions,
): Promise<Settlement> {
  const occurrences = scenarios.flatMap((observed) => observed.occurrences)
  const hosts = new Set(occurrences.flatMap(({ reference }) => tryParseReference(reference)?.host ?? []))
  const withdrawn = new Map<string, string>()
  let guards: readonly PlannedEdit[] = []
  let along: readonly PlannedEdit[] | undefined
  for (let round = 1; ; round++) {
    const { edits: planned, stuck } = planEdits(archive.chart, occurrences, naming, { withdrawn, templateEdits, pins })
    const others = conventional.filter((edit) => !withdrawn.has(placeKey(edit)))
    const edits = mergeEdits([planned, along ?? [], guards, others])
    const trial = await tryEdits(await editChart(archive, edits), scenarios, archive, naming)
    const isLast = round >= mostRounds
    if (trial instanceof ChartferryError) {
      const guard = guards.length === 0 ? findGuard(trial.message, readLeaves(archive.chart)) : undefined
      if (guard === undefined || isLast) throw trial
      guards = [guard]
      continue
    }
    const isClean = trial.every(({ different }) => different.length === 0)
    if (isClean || isLast) return { edits, stuck, comparisons: trial }
    if (along === undefined && templateEdits) {
      along = comparedLiterals(archive.chart, hosts, naming)
      if (along.length > 0) continue
    }
    const culprits = edits.flatMap((edit) => {
      const where = guards.includes(edit) ? undefined : printedElsewhere(edit, trial)
      return where === undefined ? [] : [[placeKey(edit), where] as const]
    })
    if (culprits.length === 0) return { edits, stuck, comparisons: trial }
    for (const [key, { resource, path }] of culprits) withdrawn.set(key, `${resource} ${formatPath(path)}`)
  }
}

async function tryEdits(
  edited: ChartArchive,
  scenarios: readonly ObservedScenario[],
  original: ChartArchive,
  naming: Naming,
): Promise<readonly Comparison[] | ChartferryError> {
  const strict = engineRenderer().openChart(edited.chart)
  const lenient = engineRenderer({ lenient: true }).openChart(edited.chart)
  const comparisons: Comparison[] = []
  try {
    for (const { scenario, snapshot, isStrict } of scenarios) {
      const documents = await renderAll(isStrict ? strict : lenient, scenario.values, scenario.circumstances)
      const comparison = compareRenamed(snapshot, documents, original.chart, naming)
      comparisons.push(isStrict ? comparison : withoutBroken(comparison))
    }
    return comparisons
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return error
    throw error
  } finally {
    await Promise.all([strict.close(), lenient.close()])
  }
}

/** An exploration may print what is no YAML: nobody could install it, nor say what of it changed. */
function withoutBroken(comparison: Comparison): Comparison {
  const isBroken = ({ path, source, before }: Difference): boolean =>
    path.length === 0 && typeof before === 'string' && parseDocuments({ source, text: before }) === undefined
  return { ...comparison, different: comparison.different.filter((difference) => !isBroken(difference)) }
}

/**
 * The first value that should not have changed in which the new text of an edit stands, or which was a piece of its old
 * text.
 */
function printedElsewhere(edit: PlannedEdit, comparisons: readonly Comparison[]): Difference | undefined {
  const text = textOf(edit.new)
  const different = comparisons.flatMap((comparison) => comparison.different)
  return (
    different.find(({ before, after }) => String(after).includes(text) && !String(before).includes(text)) ??
    different.find(({ before }) => typeof before === 'string' && before.length > 1 && edit.old.includes(before))
  )
}

const placeKey = (edit: PlannedEdit): string =>
  pointOf(edit.kind === 'leaf' ? { ...edit, text: edit.old, offset: 0 } : { ...edit, kind: 'literal' })

/** All edits; where two have one place, that of the earlier list counts. */
function mergeEdits(lists: readonly (readonly PlannedEdit[])[]): readonly PlannedEdit[] {
  const edits = new Map<string, PlannedEdit>()
  for (const edit of lists.flat()) if (!edits.has(placeKey(edit))) edits.set(placeKey(edit), edit)
  return [...edits.values()]
}
