// Tries edits: renders the edited chart in every scenario, and compares.

import { type ChartferryError, isChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { engineRenderer } from '../../helm/render/engine-renderer.ts'
import type { Difference } from '../../helm/render/output/diff-documents.ts'
import { parseDocuments } from '../../helm/render/output/parse-documents.ts'
import type { Naming } from '../../reference/naming.ts'
import { editChart } from '../apply/edit-chart.ts'
import type { ObservedScenario } from '../find/observe-chart.ts'
import { renderAll } from '../find/scenarios/snapshot.ts'
import type { PlannedEdit } from '../model/plan.ts'
import { type Comparison, compareRenamed } from '../verify/compare.ts'

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
  const strict = engineRenderer().openChart(edited.chart)
  const lenient = engineRenderer({ lenient: true }).openChart(edited.chart)
  const comparisons: Comparison[] = []
  try {
    for (const { scenario, snapshot, renderedBy } of scenarios) {
      const rendering = renderedBy === 'engine' ? strict : lenient
      const documents = await renderAll(rendering, scenario.values, scenario.context)
      const comparison = compareRenamed(snapshot, documents, naming)
      comparisons.push(renderedBy === 'engine' ? comparison : withoutBroken(comparison))
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
