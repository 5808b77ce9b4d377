// The names that a plan gives: what a verification holds a chart against.
import { type Naming, namingOf } from '../../reference/naming.ts'
import {
  canonicalReference,
  formatReference,
  type ImageReference,
  tryParseReference,
} from '../../reference/reference.ts'
import { parseTarget } from '../../reference/target.ts'
import type { Plan } from './plan.ts'

/** Images of the plan get just the names it says; any other image would have to move as its target and mode have it. */
export function namingOfPlan(plan: Plan): Naming {
  const otherwise = namingOf(parseTarget(plan.target), plan.mode)
  const names = new Map<string, ImageReference>()
  for (const { from, to } of plan.images) {
    const [source, name] = [tryParseReference(from), tryParseReference(to)]
    if (source !== undefined && name !== undefined) {
      names.set(canonicalText(source), name)
      // What has its name already stays.
      if (!names.has(canonicalText(name))) names.set(canonicalText(name), name)
    }
  }
  return { ...otherwise, rename: (reference) => names.get(canonicalText(reference)) ?? otherwise.rename(reference) }
}

const canonicalText = (reference: ImageReference): string => formatReference(canonicalReference(reference))
