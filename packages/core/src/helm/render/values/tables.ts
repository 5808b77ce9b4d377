// Values merged into values as Helm does it: tables into tables, null as "remove this", copies where Helm copies.
import { GoList, GoMap, plain, type Value } from '../../template/value.ts'

/** Whether nulls of the upper table remove keys of the lower, or stay. */
export type MergeMode = 'coalesce' | 'merge'

/** The value where it is a table. */
export function asTable(value: Value): GoMap | undefined {
  return value instanceof GoMap ? value : undefined
}

/** Whether a value is null, so that it removes or is removed. */
export function isNull(value: Value): boolean {
  return value === null || value === undefined
}

/** A copy down to the scalars. */
export function deepCopy<T extends Value>(value: T): T {
  return copyValue(value) as T
}

function copyValue(value: Value): Value {
  if (value instanceof GoMap) return copyTable(value)
  return value instanceof GoList ? new GoList(value.items.map(copyValue), value.type) : value
}

function copyTable(table: GoMap): GoMap {
  const copy = new GoMap([], table.type)
  for (const [key, value] of table.entries) copy.entries.set(key, copyValue(value))
  return copy
}

/**
 * Brings what only `lower` has into `upper`, which is changed; `lower` is changed, too, where `upper` has nulls.
 * Follows coalesceTablesFullKey of Helm's pkg/chartutil/coalesce.go.
 */
export function mergeTables(upper: GoMap, lower: GoMap, mode: MergeMode): GoMap {
  const filled = new Set([...lower.entries].filter(([, value]) => !isNull(value)).map(([key]) => key))
  for (const [key, value] of upper.entries) if (isNull(value)) lower.entries.set(key, null)
  for (const [key, value] of lower.entries) {
    const present = upper.entries.has(key)
    const above = upper.entries.get(key)
    if (present && mode === 'coalesce' && isNull(above) && filled.has(key)) upper.entries.delete(key)
    else if (!present) upper.entries.set(key, value)
    else if (value instanceof GoMap && above instanceof GoMap) mergeTables(above, value, mode)
  }
  return upper
}

/** Removes nulls at every level of tables, in place (Helm 4 does this to the values of charts). */
export function dropNulls(table: GoMap): void {
  for (const [key, value] of table.entries) {
    if (isNull(value)) table.entries.delete(key)
    else if (value instanceof GoMap) dropNulls(value)
  }
}

/** Values files over each other, in new tables: the later one wins, also with null (Helm's mergeMaps). */
export function overlay(lower: GoMap, upper: GoMap): GoMap {
  const result = new GoMap(lower.entries)
  for (const [key, value] of upper.entries) {
    const below = result.entries.get(key)
    result.entries.set(key, value instanceof GoMap && below instanceof GoMap ? overlay(below, value) : value)
  }
  return result
}

/** The table at a dotted path (Helm's Values.Table); undefined where there is none. */
export function tableAt(values: GoMap, path: string): GoMap | undefined {
  let table: GoMap | undefined = values
  for (const key of path.split('.')) table = asTable(table?.entries.get(key))
  return table
}

/** The value at a dotted path, unless it is a table or missing (Helm's Values.PathValue). */
export function leafAt(values: GoMap, path: string): { readonly value: Value } | undefined {
  const keys = path.split('.')
  const last = keys.pop() as string
  const table = keys.length === 0 ? values : tableAt(values, keys.join('.'))
  if (table === undefined || !table.entries.has(last)) return undefined
  const value = table.entries.get(last)
  return value instanceof GoMap ? undefined : { value: plain(value) }
}
