// Writes a plan for a file: JSON or YAML, both of which `parsePlan` reads.
import { dump } from 'js-yaml'
import type { Plan } from './plan.ts'

/** How a plan is written. */
export type PlanForm = 'json' | 'yaml'

/** The text of a plan, with a line end. */
export function formatPlan(plan: Plan, form: PlanForm): string {
  return form === 'json' ? `${JSON.stringify(plan, null, 2)}\n` : dump(plan, { lineWidth: -1, noRefs: true })
}
