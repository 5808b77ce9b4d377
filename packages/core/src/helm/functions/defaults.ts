// Choosing between values: default, empty, coalesce, ternary (sprig's defaults.go).
import { define, defineVariadic } from '../template/function.ts'
import { truth } from '../template/kind.ts'
import type { GoFunction } from '../template/value.ts'

/** The functions of this family. */
export const defaultFunctions: readonly GoFunction[] = [
  defineVariadic('default', ['any'], 'any', (fallback, given) => (truth(given[0]) ? given[0] : fallback)),
  define('empty', ['any'], (value) => !truth(value)),
  defineVariadic('coalesce', [], 'any', (values) => values.find(truth) ?? null),
  defineVariadic('all', [], 'any', (values) => values.every(truth)),
  defineVariadic('any', [], 'any', (values) => values.some(truth)),
  define('ternary', ['any', 'any', 'bool'], (yes, no, decision) => (decision ? yes : no)),
]
