// Knows the guard of a whole family of charts: rendering fails as soon as an image does not come from the registry they
// expect.
import type { Leaf } from '../find/leaf.ts'
import { leafEdit, type PlannedEdit } from '../plan.ts'

const guardPath = ['global', 'security', 'allowInsecureImages']

/** The edit that lets such a chart render, where its failure names the guard and its own values file has the leaf. */
export function findGuard(failure: string, leaves: readonly Leaf[]): PlannedEdit | undefined {
  if (!failure.includes('allowInsecureImages')) return undefined
  const leaf = leaves.find(({ file, path }) => file === 'values.yaml' && path.join('.') === guardPath.join('.'))
  if (leaf === undefined || leaf.text !== 'false') return undefined
  return leafEdit(leaf, [{ kind: 'literal', text: 'true' }], true)
}
