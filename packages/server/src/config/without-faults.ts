// What is left of a document when its faulty parts are taken out, so that the faults of the rest can be told, too.
import { type ConfigDocument, type ConfigIssue, checkConfig } from './config-schema.ts'

/** Stands for a repository with faults: other parts may name it. */
const placeholder = { kind: 'hosted' }

/** Takes the document and its faults. Undefined where no form of it is left that can be looked at. */
export function withoutFaults(
  document: Readonly<Record<string, unknown>>,
  issues: readonly ConfigIssue[],
): ConfigDocument | undefined {
  // Rules everywhere name who is known.
  if (issues.some(({ path }) => path[0] === 'auth')) return undefined
  const lenient = checkConfig(issues.reduce((rest, { path }) => replaced(rest, path), document))
  if (!isIssues(lenient)) return lenient
  // A name that is a fault itself goes.
  const { repositories: _, ...strict } = issues.reduce((rest, { path }) => replaced(rest, path), document)
  const checked = checkConfig(strict)
  return isIssues(checked) ? undefined : checked
}

/** Whether a check has found faults. */
export function isIssues(checked: ConfigDocument | readonly ConfigIssue[]): checked is readonly ConfigIssue[] {
  return Array.isArray(checked)
}

function replaced(
  document: Readonly<Record<string, unknown>>,
  [key = '', name]: readonly string[],
): Record<string, unknown> {
  const { [key]: value, ...rest } = document
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value)
  if (key !== 'repositories' || name === undefined || !isMapping) return rest
  return { ...document, repositories: { ...value, [name]: placeholder } }
}
