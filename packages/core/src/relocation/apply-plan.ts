// A plan that was made before, applied and proven: on another machine, or for another registry.

import { ChartferryError } from '../errors.ts'
import type { ChartArchive } from '../helm/chart/chart.ts'
import type { ChartRenderer, RenderValues } from '../helm/render/chart-renderer.ts'
import { engineRenderer } from '../helm/render/engine-renderer.ts'
import { parseTarget } from '../reference/target.ts'
import { editChart } from './apply/edit-chart.ts'
import { observeChart } from './find/observe-chart.ts'
import type { Circumstances } from './find/scenarios.ts'

import { type ChangedDigests, repinPlan } from './plan/repin-plan.ts'

import { retarget } from './plan/retarget.ts'
import type { Plan } from './plan.ts'
import { type Proof, unverified, verify } from './verify/verify.ts'

export interface ProveOptions {
  /** Default: the engine in this process. */
  readonly renderer?: ChartRenderer | undefined
  /** Values of the user, for rendering only. Default: none. */
  readonly values?: RenderValues
  /** Default: the renderer's own. */
  readonly circumstances?: Circumstances
}

export interface ApplyPlanOptions extends ProveOptions {
  /** Another target than the plan's: `host[:port][/prefix]`. Default: the plan's. */
  readonly to?: string | undefined
  /** What digests have become since platforms were left out. Default: every image has its digest still. */
  readonly digests?: ChangedDigests
}

/** A chart that a plan relocated. */
export interface AppliedPlan {
  readonly plan: Plan
  readonly archive: ChartArchive
  readonly proof: Proof
}

/** Applies a plan to the chart that it was made for, and proves nothing. Throws PLAN_STALE for any other bytes. */
export async function editByPlan(
  original: ChartArchive,
  plan: Plan,
  { to, digests = new Map() }: Pick<ApplyPlanOptions, 'to' | 'digests'> = {},
): Promise<Pick<AppliedPlan, 'plan' | 'archive'>> {
  if (plan.chart.digest !== original.digest) {
    const { name, version, digest } = plan.chart
    throw new ChartferryError('PLAN_STALE', `${original.fileName}: the plan was made for ${name} ${version}, ${digest}`)
  }
  const retargeted = to === undefined ? plan : retarget(plan, parseTarget(to))
  const moved = repinPlan(original.chart, retargeted, digests)
  return { plan: moved, archive: await editChart(original, moved.edits) }
}

/**
 * Applies a plan to the chart that it was made for. Throws PLAN_STALE for any other bytes, VERIFICATION_FAILED where
 * the result renders otherwise than planned.
 */
export async function applyPlan(
  original: ChartArchive,
  plan: Plan,
  options: ApplyPlanOptions = {},
): Promise<AppliedPlan> {
  const { plan: moved, archive } = await editByPlan(original, plan, options)
  return { plan: moved, archive, proof: await provePlan(original, archive, moved, options) }
}

/** Proves that a chart is another one relocated by a plan. Throws VERIFICATION_FAILED where it is not. */
export async function provePlan(
  original: ChartArchive,
  archive: ChartArchive,
  plan: Plan,
  options: ProveOptions = {},
): Promise<Proof> {
  const proof = await proveRelocation(original, archive, plan, options)
  if (proof.status === 'refuted') {
    const details = { plan, proof }
    throw new ChartferryError('VERIFICATION_FAILED', `${original.fileName}: ${proof.reasons.join('\n')}`, { details })
  }
  return proof
}

/** Proves, or refutes, that a chart is another one relocated by a plan, whoever did it. */
export async function proveRelocation(
  original: ChartArchive,
  relocated: ChartArchive,
  plan: Plan,
  options: ProveOptions = {},
): Promise<Proof> {
  const { renderer = engineRenderer(), values = {}, circumstances = {} } = options
  const { scenarios, failed } = await observeChart(original.chart, values, circumstances)
  const provable = scenarios.filter(({ isStrict }) => isStrict)
  if (provable.length === 0) return unverified(failed[0]?.reason ?? '')
  return verify(original, relocated, plan, renderer, provable)
}
