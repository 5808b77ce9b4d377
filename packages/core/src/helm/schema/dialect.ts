// The drafts of JSON Schema that Helm's library knows (santhosh-tekuri/jsonschema 6.0.3), and the keywords of each.
import { isObject, type Json } from './json.ts'

/** A draft, by the year or the number it is known by. */
export type Draft = 4 | 6 | 7 | 2019 | 2020

/** What stands under a keyword: a schema, a list of schemas, schemas by name, or either of the first two. */
export type Position = 'one' | 'list' | 'map' | 'one or list' | 'map of schemas or names'

const positions: readonly (readonly [from: Draft, Readonly<Record<string, Position>>])[] = [
  [
    4,
    {
      definitions: 'map',
      not: 'one',
      allOf: 'list',
      anyOf: 'list',
      oneOf: 'list',
      properties: 'map',
      additionalProperties: 'one',
      patternProperties: 'map',
      items: 'one or list',
      additionalItems: 'one',
      dependencies: 'map of schemas or names',
    },
  ],
  [6, { propertyNames: 'one', contains: 'one' }],
  [7, { if: 'one', else: 'one' }],
  [
    2019,
    {
      $defs: 'map',
      dependentSchemas: 'map',
      unevaluatedProperties: 'one',
      unevaluatedItems: 'one',
      contentSchema: 'one',
    },
  ],
  [2020, { prefixItems: 'list' }],
]

const tables = new Map<Draft, Map<string, Position>>()

/** The keywords of a draft under which schemas stand. */
export function positionsOf(draft: Draft): ReadonlyMap<string, Position> {
  let table = tables.get(draft)
  if (table === undefined) {
    table = new Map(positions.filter(([from]) => from <= draft).flatMap(([, keywords]) => Object.entries(keywords)))
    // Not in the table above: an object with a property of this name would be taken for a promise.
    if (draft >= 7) table.set('then', 'one')
    tables.set(draft, table)
  }
  return table
}

/** Keywords that only later drafts have: an older one reads over them. */
const laterKeywords: Readonly<Record<string, Draft>> = {
  const: 6,
  contains: 6,
  propertyNames: 6,
  if: 7,
  minContains: 2019,
  maxContains: 2019,
  dependentRequired: 2019,
  dependentSchemas: 2019,
  unevaluatedProperties: 2019,
  unevaluatedItems: 2019,
  $recursiveRef: 2019,
  $dynamicRef: 2020,
  prefixItems: 2020,
}

/** Whether a draft knows a keyword that some draft knows. */
export function knows(draft: Draft, keyword: string): boolean {
  return draft >= (laterKeywords[keyword] ?? 4)
}

const addresses: Readonly<Record<string, Draft>> = {
  'json-schema.org/schema': 2020,
  'json-schema.org/draft/2020-12/schema': 2020,
  'json-schema.org/draft/2019-09/schema': 2019,
  'json-schema.org/draft-07/schema': 7,
  'json-schema.org/draft-06/schema': 6,
  'json-schema.org/draft-04/schema': 4,
}

/** The draft that a schema names with `$schema`; undefined where it names another one, `fallback` where it names none. */
export function draftOf(schema: Json, fallback: Draft): Draft | undefined {
  const name = isObject(schema) ? schema.$schema : undefined
  if (typeof name !== 'string') return fallback
  return addresses[name.replace(/#$/, '').replace(/^https?:\/\//, '')]
}
