// One check of a value on its way through the schemas, and how it goes on to the next.
import type { Draft } from './dialect.ts'
import type { Fault } from './fault.ts'
import type { Json } from './json.ts'
import type { SchemaSet } from './schema-set.ts'

/** One step of a check: the schemas around it, innermost last. */
export interface Scope {
  readonly schema: Json
  /** The same for schemas that are held against the same value. */
  readonly value: object
  readonly above: Scope | undefined
}

/** What is known on the way: the schemas, where the value stands, what has been looked at. */
export interface Check {
  readonly set: SchemaSet
  readonly at: readonly string[]
  readonly scope: Scope
  readonly draft: Draft
  /** Names and numbers of items that some schema has looked at; what `unevaluated…` leaves alone. */
  readonly seen: Set<string>
  /** How many schemas may still be looked at, in all of the check. */
  readonly steps: { left: number }
  /** Holds a value against a schema. */
  readonly evaluate: (schema: Json, value: Json, check: Check) => Fault | undefined
}

/** Holds a part of the value against a schema. */
export function checkPart(schema: Json, value: Json, name: string, check: Check): Fault | undefined {
  const scope: Scope = { schema, value: {}, above: check.scope }
  return check.evaluate(schema, value, { ...check, at: [...check.at, name], scope, seen: new Set() })
}

/** Holds the same value against another schema; what that one looked at counts where it finds no fault. */
export function checkSame(schema: Json, value: Json, check: Check): Fault | undefined {
  const seen = new Set<string>()
  const scope: Scope = { schema, value: check.scope.value, above: check.scope }
  const fault = check.evaluate(schema, value, { ...check, scope, seen })
  if (fault === undefined) for (const name of seen) check.seen.add(name)
  return fault
}

/** Holds a value that stands at no place, such as a name, against a schema. */
export function checkAlone(schema: Json, value: Json, check: Check): Fault | undefined {
  const scope: Scope = { schema, value: {}, above: check.scope }
  return check.evaluate(schema, value, { ...check, at: [], scope, seen: new Set() })
}
