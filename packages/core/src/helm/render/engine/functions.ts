// Every function that a template of a chart can call, by name and version of Helm.
import { functionTable } from '../../functions/function-table.ts'
import { builtins } from '../../template/builtins.ts'
import type { GoFunction } from '../../template/value.ts'
import { helmFunctions } from './helm-functions.ts'

const tables = new Map<3 | 4, ReadonlyMap<string, GoFunction>>()

/** The functions of a major version of Helm; sprig's win over the builtins, the engine's over sprig's. */
export function functionsOf(helm: 3 | 4): ReadonlyMap<string, GoFunction> {
  const known = tables.get(helm)
  if (known !== undefined) return known
  const table = new Map(builtins.map((fn) => [fn.name, fn]))
  for (const [name, fn] of functionTable(helm)) table.set(name, fn)
  for (const fn of helmFunctions) table.set(fn.name, fn)
  tables.set(helm, table)
  return table
}
