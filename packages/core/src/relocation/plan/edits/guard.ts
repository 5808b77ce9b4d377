// Knows the guard of a whole family of charts: rendering fails as soon as an image does not come from the registry they
// expect.
import type { ChartLeaves } from '../../../helm/chart/leaves.ts'
import { leafEdit, type PlannedEdit } from '../../model/plan.ts'

const guardPath = ['global', 'security', 'allowInsecureImages']

/** The edit that lets such a chart render, where its failure names the guard and its own values file has the leaf. */
export function findGuard(failure: string, leaves: ChartLeaves): PlannedEdit | undefined {
  if (!failure.includes('allowInsecureImages')) return undefined
  const leaf = leaves.at('values.yaml', guardPath)
  if (leaf === undefined || leaf.text !== 'false') return undefined
  return leafEdit(leaf, [{ kind: 'literal', text: 'true' }], true)
}
