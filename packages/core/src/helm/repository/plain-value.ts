// Untrusted values made plain: copied into null-prototype objects within a budget, with the types that Helm's structs
// ask for.
import { ChartferryError } from '../../errors.ts'
import type { Limits } from '../../limits.ts'

/** A mapping without a prototype, so that no key is special. */
export type PlainMap = Record<string, unknown>

/** What may still be copied. Aliases make a small text a huge value: copying is where that is noticed. */
export interface CopyBudget {
  /** Characters and nodes left. */
  left: number
  readonly depth: number
}

/** A budget for a document of this many characters: an honest one never needs more than it is long. */
export function copyBudget(characters: number, limits: Limits): CopyBudget {
  return { left: limits.yamlNodes + 4 * characters, depth: limits.yamlDepth }
}

/** Pays for a value; throws YAML_TOO_COMPLEX when nothing is left. */
export function pay(budget: CopyBudget, cost: number): void {
  budget.left -= cost + 1
  if (budget.left < 0)
    throw new ChartferryError('YAML_TOO_COMPLEX', 'index file: its aliases unfold to far more than its text')
}

/**
 * The value as JSON would carry it: maps, lists, text, finite numbers, booleans, null. Throws YAML_TOO_COMPLEX,
 * DEPTH_EXCEEDED.
 */
export function plainValue(value: unknown, budget: CopyBudget, depth = 0): unknown {
  if (depth > budget.depth)
    throw new ChartferryError('DEPTH_EXCEEDED', `index file: nested deeper than ${budget.depth}`)
  if (typeof value === 'string') {
    pay(budget, value.length)
    return value.toWellFormed()
  }
  pay(budget, 0)
  if (Array.isArray(value)) return value.map((item) => plainValue(item, budget, depth + 1))
  if (isMap(value)) {
    const copy = emptyMap()
    for (const [key, item] of Object.entries(value)) {
      pay(budget, key.length)
      copy[key.toWellFormed()] = plainValue(item, budget, depth + 1)
    }
    return copy
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  return typeof value === 'boolean' ? value : null
}

/** A mapping as the YAML and JSON parsers give it. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A mapping without a prototype and without keys. */
export function emptyMap(): PlainMap {
  return Object.create(null) as PlainMap
}

/** As Helm's metadata has it: every kind of white space becomes a blank, what cannot be printed is dropped. */
export function printable(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text
  return text.replace(/\p{White_Space}/gu, ' ').replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '')
}
