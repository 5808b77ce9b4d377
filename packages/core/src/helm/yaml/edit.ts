// Replaces scalars of a YAML text in place: quotes, comments, line ends, indentation and every other byte stay.
import { ChartferryError } from '../../errors.ts'
import type { ParseYamlOptions } from './parse.ts'
import { formatPath, type ValuesPath } from './path.ts'
import { scalarText } from './scalar-text.ts'
import { readScalars, type Scalar } from './scalars.ts'

/** A new string or boolean for one scalar, which a path or the offset of its token names. */
export type ScalarEdit =
  | { readonly path: ValuesPath; readonly value: string | boolean }
  | { readonly start: number; readonly value: string | boolean }

interface Replacement {
  readonly scalar: Scalar
  readonly value: string | boolean
}

function refuse(where: string, why: string): ChartferryError {
  return new ChartferryError('YAML_INVALID', `${where}: ${why}`)
}

/** One replacement a token, by its offset. */
function replacementsOf(
  where: string,
  scalars: readonly Scalar[],
  edits: readonly ScalarEdit[],
): Map<number, Replacement> {
  const byPath = new Map(scalars.map((scalar) => [formatPath(scalar.path), scalar]))
  const byStart = new Map(scalars.map((scalar) => [scalar.start, scalar]))
  const replacements = new Map<number, Replacement>()
  for (const edit of edits) {
    const name = 'path' in edit ? formatPath(edit.path) : `offset ${edit.start}`
    const scalar = 'path' in edit ? byPath.get(name) : byStart.get(edit.start)
    if (!scalar) throw refuse(where, `there is no scalar at ${name}`)
    if (scalar.start < 0) throw refuse(where, `${name} is empty: there is no text to replace`)
    if (typeof edit.value === 'string' && !edit.value.isWellFormed())
      throw refuse(where, `the new text of ${name} is not Unicode`)
    const other = replacements.get(scalar.start)
    if (other && other.value !== edit.value) {
      const names = `${formatPath(other.scalar.path)} and ${name}`
      throw refuse(where, `${names} are one anchored scalar, which cannot be both ${other.value} and ${edit.value}`)
    }
    replacements.set(scalar.start, { scalar, value: edit.value })
  }
  return replacements
}

/** Throws unless the new scalars are the old ones but for the values replaced. */
function checkOnlyPlanned(
  where: string,
  old: readonly Scalar[],
  now: readonly Scalar[],
  planned: ReadonlyMap<number, Replacement>,
): void {
  const wrong = old.findIndex((before, index) => {
    const after = now[index]
    const expected = planned.has(before.start) ? planned.get(before.start)?.value : before.value
    return !after || formatPath(after.path) !== formatPath(before.path) || !Object.is(after.value, expected)
  })
  const scalar = old[wrong] ?? now[old.length]
  if (scalar) throw refuse(where, `the new text cannot stand in its place without changing ${formatPath(scalar.path)}`)
}

/**
 * The text with scalars replaced, strings each in its style where that can hold the new value. A path through an
 * alias or `<<` edits the anchored scalar, for all its paths. The result is parsed again: exactly the planned paths
 * have changed. Throws YAML_INVALID where an edit names no scalar, a null that is not written, or one token for two
 * different values, and where the new text cannot stand in its place.
 */
export function replaceScalars(text: string, edits: readonly ScalarEdit[], options: ParseYamlOptions = {}): string {
  const { where = 'YAML' } = options
  const scalars = readScalars(text, options)
  const planned = replacementsOf(where, scalars, edits)
  let result = text
  for (const [start, { scalar, value }] of [...planned].sort(([a], [b]) => b - a)) {
    if (scalar.value === value) continue
    const token = typeof value === 'string' ? scalarText(scalar, value) : String(value)
    result = result.slice(0, start) + token + result.slice(scalar.end)
  }
  if (result !== text) checkOnlyPlanned(where, scalars, readScalars(result, options), planned)
  return result
}
