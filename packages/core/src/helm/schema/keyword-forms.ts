// What may stand under each keyword: the part of the schemas of schemas that charts break.
import { type Draft, knows } from './dialect.ts'
import { isList, isNumber, isObject, isWhole, type Json, type JsonObject, sameText } from './json.ts'

type Form = (value: Json, draft: Draft) => string | undefined

const typeOf = (value: Json): string => {
  if (value === null) return 'null'
  if (isList(value)) return 'array'
  return isNumber(value) ? 'number' : typeof value
}
const want =
  (fits: (value: Json) => boolean, wanted: string): Form =>
  (value) =>
    fits(value) ? undefined : `got ${typeOf(value)}, want ${wanted}`

const text = want((value) => typeof value === 'string', 'string')
const flag = want((value) => typeof value === 'boolean', 'boolean')
const numeric = want(isNumber, 'number')
const object = want(isObject, 'object')
const schema: Form = (value, draft) =>
  isObject(value) || (typeof value === 'boolean' && draft >= 6)
    ? undefined
    : `got ${typeOf(value)}, want boolean or object`
const schemaOrFlag: Form = (value) =>
  isObject(value) || typeof value === 'boolean' ? undefined : `got ${typeOf(value)}, want boolean or object`
const size: Form = (value) => {
  if (!isNumber(value) || !isWhole(value)) return `got ${typeOf(value)}, want integer`
  return value < 0 ? `minimum: got ${value}, want 0` : undefined
}
const bound: Form = (value, draft) => (draft === 4 ? flag(value, draft) : numeric(value, draft))
const list: Form = (value) => (isList(value) ? undefined : `got ${typeOf(value)}, want array`)
const schemas: Form = (value, draft) => {
  if (!isList(value)) return list(value, draft)
  return value.length === 0 ? 'minItems: got 0, want 1' : firstOf(value, schema, draft)
}
const names: Form = (value, draft) => {
  if (!isList(value)) return list(value, draft)
  if (value.length === 0 && draft === 4) return 'minItems: got 0, want 1'
  return firstOf(value, text, draft) ?? unique(value)
}
const kinds = new Set(['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'])
const kind: Form = (value, draft) => {
  if (!isList(value)) return typeof value === 'string' && kinds.has(value) ? undefined : "'anyOf' failed"
  if (value.length === 0) return "'anyOf' failed"
  return value.every((one) => typeof one === 'string' && kinds.has(one)) ? unique(value) : firstOf(value, kind, draft)
}

function firstOf(values: readonly Json[], form: Form, draft: Draft): string | undefined {
  return values.map((value) => form(value, draft)).find((fault) => fault !== undefined)
}

function unique(values: readonly Json[]): string | undefined {
  const seen = new Map<string, number>()
  for (const [at, value] of values.entries()) {
    const before = seen.get(sameText(value))
    if (before !== undefined) return `items at ${before} and ${at} are equal`
    seen.set(sameText(value), at)
  }
  return undefined
}

const forms: Readonly<Record<string, Form>> = {
  $ref: text,
  $schema: text,
  title: text,
  description: text,
  pattern: text,
  format: text,
  $comment: (value, draft) => (draft < 7 ? undefined : text(value, draft)),
  readOnly: (value, draft) => (draft < 7 ? undefined : flag(value, draft)),
  writeOnly: (value, draft) => (draft < 7 ? undefined : flag(value, draft)),
  deprecated: (value, draft) => (draft < 2019 ? undefined : flag(value, draft)),
  examples: (value, draft) => (draft < 6 ? undefined : list(value, draft)),
  contentEncoding: (value, draft) => (draft < 7 ? undefined : text(value, draft)),
  contentMediaType: (value, draft) => (draft < 7 ? undefined : text(value, draft)),
  $anchor: (value, draft) => (draft < 2019 ? undefined : text(value, draft)),
  type: kind,
  enum: (value, draft) => {
    if (!isList(value)) return list(value, draft)
    if (draft >= 2019) return undefined
    return value.length === 0 && draft === 4
      ? 'minItems: got 0, want 1'
      : draft === 4 || draft === 6
        ? unique(value)
        : undefined
  },
  multipleOf: (value) =>
    isNumber(value)
      ? value > 0
        ? undefined
        : `exclusiveMinimum: got ${value}, want 0`
      : `got ${typeOf(value)}, want number`,
  minimum: numeric,
  maximum: numeric,
  exclusiveMinimum: bound,
  exclusiveMaximum: bound,
  minLength: size,
  maxLength: size,
  minItems: size,
  maxItems: size,
  minProperties: size,
  maxProperties: size,
  minContains: size,
  maxContains: size,
  uniqueItems: flag,
  required: names,
  properties: object,
  patternProperties: object,
  definitions: object,
  $defs: (value, draft) => (draft < 2019 ? undefined : object(value, draft)),
  dependencies: object,
  dependentSchemas: object,
  dependentRequired: object,
  allOf: schemas,
  anyOf: schemas,
  oneOf: schemas,
  prefixItems: schemas,
  not: schema,
  if: schema,
  contains: schema,
  propertyNames: schema,
  unevaluatedItems: schema,
  unevaluatedProperties: schema,
  additionalProperties: schemaOrFlag,
  additionalItems: (value, draft) => (draft === 2020 ? undefined : schemaOrFlag(value, draft)),
  items: (value, draft) => {
    if (draft === 2020) return schema(value, draft)
    return isList(value) ? schemas(value, draft) : schema(value, draft)
  },
}

/** `then` and `else`; an object with a property `then` would be taken for a promise. */
const branch: Form = (value, draft) => (draft < 7 ? undefined : schema(value, draft))

function formOf(keyword: string): Form | undefined {
  if (keyword === 'then' || keyword === 'else') return branch
  return Object.hasOwn(forms, keyword) ? forms[keyword] : undefined
}

/** What is wrong with the keywords of one schema, as `/keyword: words`; undefined where nothing is. */
export function formFault(node: JsonObject, draft: Draft): string | undefined {
  // Beside `$ref` old drafts read nothing, but their schema of schemas looks at all of it.
  for (const [keyword, value] of Object.entries(node)) {
    const form = knows(draft, keyword) ? formOf(keyword) : undefined
    const fault = form?.(value, draft)
    if (fault !== undefined) return `/${keyword}': ${fault}`
  }
  return undefined
}
