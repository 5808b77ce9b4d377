// A plan that was made before, applied and proven: on another machine, or for another registry.

import type { ChartArchive } from '../helm/chart/chart.ts'
import type { ChartRenderer, RenderValues } from '../helm/render/chart-renderer.ts'
import { engineRenderer } from '../helm/render/engine-renderer.ts'
import { parseTarget } from '../reference/target.ts'
import { checkPlan } from './apply/check-plan.ts'
import { editChart } from './apply/edit-chart.ts'
import { observeChart } from './find/observe-chart.ts'
import type { RenderContext } from './find/scenarios/scenarios.ts'
import type { Plan } from './model/plan.ts'
import { type ChangedDigests, repinPlan } from './model/repin-plan.ts'
import { retarget } from './model/retarget.ts'
import type { DeniedImage } from './plan/denied-images.ts'
import type { Proof } from './verify/proof.ts'
import { prove, throwIfRefuted } from './verify/prove.ts'

export interface ProveOptions {
  /** Default: the engine in this process. */
  readonly renderer?: ChartRenderer | undefined
  /** Values of the user, for rendering only. Default: none. */
  readonly values?: RenderValues
  /** Default: the renderer's own. */
  readonly context?: RenderContext
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
  /** Images that a rule denies and that stay where they are, as was asked for. Default: none. */
  readonly denied?: readonly DeniedImage[]
}

/** Applies a plan to the chart that it was made for, and proves nothing. Throws PLAN_STALE as `checkPlan` does. */
export async function editByPlan(
  original: ChartArchive,
  plan: Plan,
  { to, digests = new Map() }: Pick<ApplyPlanOptions, 'to' | 'digests'> = {},
): Promise<Pick<AppliedPlan, 'plan' | 'archive'>> {
  checkPlan(original, plan)
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
  throwIfRefuted(original, plan, proof)
  return proof
}

/** Proves, or refutes, that a chart is another one relocated by a plan, whoever did it. */
export async function proveRelocation(
  original: ChartArchive,
  relocated: ChartArchive,
  plan: Plan,
  options: ProveOptions = {},
): Promise<Proof> {
  const { renderer = engineRenderer(), values = {}, context = {} } = options
  const observation = await observeChart(original.chart, values, context)
  return prove(original, relocated, plan, renderer, observation)
}
