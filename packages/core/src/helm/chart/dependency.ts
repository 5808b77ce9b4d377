// A dependency: what a chart says of a subchart it wants, in Chart.yaml, requirements.yaml or a lock file
// (pkg/chart/dependency.go).
import { ChartferryError } from '../../errors.ts'
import { type Fields, sanitize } from './fields.ts'

/** A line of `dependencies`. Texts are empty where the line has none. */
export interface ChartDependency {
  readonly name: string
  /** A range of versions. */
  readonly version: string
  readonly repository: string
  readonly condition: string
  readonly tags: readonly string[]
  readonly enabled: boolean
  readonly importValues: readonly unknown[]
  readonly alias: string
}

const aliasName = /^[a-zA-Z0-9_-]+$/

/**
 * One dependency from its mapping. Throws CHART_INVALID for a field of a wrong type and an alias with other
 * characters than Helm allows.
 */
export function readDependency(fields: Fields): ChartDependency {
  const alias = fields.text('alias')
  if (alias !== '' && !aliasName.test(alias)) {
    throw new ChartferryError(
      'CHART_INVALID',
      `${fields.where}: alias ${JSON.stringify(alias)} has forbidden characters`,
    )
  }
  return {
    name: sanitize(fields.text('name')),
    version: sanitize(fields.text('version')),
    repository: sanitize(fields.text('repository')),
    condition: sanitize(fields.text('condition')),
    tags: fields.texts('tags').map(sanitize),
    enabled: fields.flag('enabled'),
    importValues: fields.list('import-values'),
    alias,
  }
}
