// A chart of a bundle, relocated to where the images of the bundle are, or will be.
import type { ChartArchive, ChartId } from '../helm/chart/chart.ts'
import { editByPlan } from '../relocation/apply-plan.ts'
import type { Plan } from '../relocation/model/plan.ts'
import type { Bundle } from './bundle/read-bundle.ts'

/** A chart as it was bundled, and as it is written or served. */
export interface RelocatedFromBundle {
  readonly original: ChartArchive
  /** The original where the bundle has no plan for it. */
  readonly archive: ChartArchive
  /** For the registry given. Default: the bundle has none. */
  readonly plan: Plan | undefined
}

/**
 * Relocates one chart to a registry, by the plan that the bundle carries, with the digests that the bundle has.
 * Nothing is rendered: what was proven is what the bundle carries. Throws CHART_NOT_FOUND, REFERENCE_INVALID for a
 * target that is none, BUNDLE_INVALID.
 */
export async function relocateBundled(
  bundle: Bundle,
  id: ChartId,
  to: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<RelocatedFromBundle> {
  const original = await bundle.charts.fetch(id, { signal })
  const plan = await bundle.plan(id)
  if (plan === undefined) return { original, archive: original, plan: undefined }
  return { original, ...(await editByPlan(original, plan, { to, digests: bundle.changedDigests })) }
}
