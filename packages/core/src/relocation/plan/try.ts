// Tries edits: renders the edited chart in every scenario, and compares.

import { type ChartferryError, isChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import type { Difference } from '../../helm/render/output/diff-documents.ts'
import { parseDocuments } from '../../helm/render/output/parse-documents.ts'
import type { Naming } from '../../reference/naming.ts'
import { editChart } from '../apply/edit-chart.ts'
import type { ObservedScenario } from '../find/observe-chart.ts'
import { openEngines } from '../find/scenarios/open-engines.ts'
import { valuesOf } from '../find/scenarios/scenario.ts'
import { renderAll } from '../find/scenarios/snapshot.ts'
import type { PlannedEdit } from '../model/plan.ts'
import { type Comparison, compareRenamed } from '../verify/compare.ts'
import { firstLine } from '../verify/proof.ts'
import { editKey } from './round.ts'

/** What the edits did, a scenario each; or why the edited chart does not render. */
export type Trial = readonly Comparison[] | ChartferryError

/** Tries edits on the real chart. Throws as `editChart` does, and what the engine throws beside RENDER_FAILED. */
export async function tryEdits(
  archive: ChartArchive,
  edits: readonly PlannedEdit[],
  scenarios: readonly ObservedScenario[],
  naming: Naming,
): Promise<Trial> {
  const edited = await editChart(archive, edits)
  const engines = openEngines(edited.chart)
  const comparisons: Comparison[] = []
  try {
    for (const { scenario, snapshot, renderedBy } of scenarios) {
      const rendering = engines.for(scenario, renderedBy)
      const documents = await renderAll(rendering, valuesOf(scenario, edited.chart), scenario.context)
      const comparison = compareRenamed(snapshot, documents, naming)
      comparisons.push(renderedBy === 'engine' ? comparison : withoutBroken(comparison))
    }
    return comparisons
  } catch (error) {
    if (isChartferryError(error, 'RENDER_FAILED')) return error
    throw error
  } finally {
    await engines.close()
  }
}

/** An exploration may print what is no YAML: nobody could install it, nor say what of it changed. */
function withoutBroken(comparison: Comparison): Comparison {
  const isBroken = ({ path, source, before }: Difference): boolean =>
    path.length === 0 && typeof before === 'string' && parseDocuments({ source, text: before }) === undefined
  return { ...comparison, different: comparison.different.filter((difference) => !isBroken(difference)) }
}

/**
 * The first edit with which a chart no longer renders that renders without any, and why: a schema or a template refuses
 * its text. Undefined where no edit alone is to blame.
 */
export async function findRefused(
  archive: ChartArchive,
  edits: readonly PlannedEdit[],
  guards: readonly PlannedEdit[],
  scenarios: readonly ObservedScenario[],
  naming: Naming,
): Promise<readonly [place: string, why: string] | undefined> {
  const suspects = edits.filter((edit) => !guards.includes(edit))
  const refusal = async (some: readonly PlannedEdit[]): Promise<ChartferryError | undefined> => {
    const trial = await tryEdits(archive, [...some, ...guards], scenarios, naming)
    return Array.isArray(trial) ? undefined : (trial as ChartferryError)
  }
  if ((await refusal([])) !== undefined) return undefined
  // With the first `low` edits it renders; with the first `high` it does not.
  let [low, high] = [0, suspects.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((await refusal(suspects.slice(0, middle))) === undefined) low = middle
    else high = middle
  }
  const culprit = suspects[low]
  const error = culprit === undefined ? undefined : await refusal(suspects.slice(0, high))
  if (culprit === undefined || error === undefined) return undefined
  const portless = suspects.slice(0, high).map(withoutPort)
  const takesNoPort = /:\d+$/.test(naming.target.host) && (await refusal(portless)) === undefined
  const why = `cannot be edited, ${firstLine(error.message)}`
  return [editKey(culprit), takesNoPort ? `${why}; it does not take a port` : why]
}

/** The edit as it would be for a registry without a port. */
const withoutPort = (edit: PlannedEdit): PlannedEdit => ({
  ...edit,
  new: edit.new.map((part) => (part.kind === 'host' ? { ...part, text: part.text.replace(/:\d+$/, '') } : part)),
})
