// The proof of a relocation, from what was observed of the original; and what a refutation means.
import { ChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import type { ChartRenderer } from '../../helm/render/chart-renderer.ts'
import type { Observation } from '../find/observe-chart.ts'
import type { Plan } from '../model/plan.ts'
import { type Proof, unverified, verify } from './verify.ts'

/** Proves, or refutes, what a plan claims of two charts, in every scenario in which the original renders. */
export async function prove(
  original: ChartArchive,
  relocated: ChartArchive,
  plan: Plan,
  renderer: ChartRenderer,
  { scenarios, failed }: Observation,
): Promise<Proof> {
  const provable = scenarios.filter(({ renderedBy }) => renderedBy === 'engine')
  if (provable.length === 0) return unverified(failed[0]?.reason ?? '')
  return verify(original, relocated, plan, renderer, provable)
}

/** Nobody gets a chart whose proof failed. Throws VERIFICATION_FAILED with all reasons. */
export function throwIfRefuted({ fileName }: ChartArchive, plan: Plan, proof: Proof): void {
  if (proof.status !== 'refuted') return
  throw new ChartferryError('VERIFICATION_FAILED', `${fileName}: ${proof.reasons.join('\n')}`, {
    details: { plan, proof },
  })
}
