// A value held against a schema: what stands at the schema itself, and what it combines.
import { ChartferryError } from '../../errors.ts'
import { type Check, checkPart, checkSame, type Scope } from './check.ts'
import { checkList } from './evaluate-list.ts'
import { checkObject } from './evaluate-object.ts'
import { checkNumber, checkText } from './evaluate-scalar.ts'
import { type Fault, joinFaults, referenceFault, spell } from './fault.ts'
import { checkFormat } from './formats.ts'
import { equal, isList, isNumber, isObject, isWhole, type Json, type JsonObject, member } from './json.ts'
import type { Resource, SchemaSet } from './schema-set.ts'

/** Schemas that one check of a chart's values may hold against parts of them. */
const mostSteps = 2_000_000

/**
 * What is wrong with a value; undefined where nothing is. Throws DEPTH_EXCEEDED for schemas that lead on without end:
 * after `steps` schemas, by default two million.
 */
export function evaluate(set: SchemaSet, value: Json, steps: number = mostSteps): Fault | undefined {
  const scope: Scope = { schema: set.root, value: {}, above: undefined }
  const check: Check = {
    set,
    at: [],
    scope,
    draft: 2020,
    seen: new Set(),
    steps: { left: steps },
    evaluate: evaluateAt,
  }
  return evaluateAt(set.root, value, check)
}

function evaluateAt(schema: Json, value: Json, given: Check): Fault | undefined {
  const { at, set } = given
  if (--given.steps.left < 0) {
    throw new ChartferryError(
      'DEPTH_EXCEEDED',
      'values.schema.json: the values would have to be held against too many schemas',
    )
  }
  if (!isObject(schema)) return schema === false ? { at, text: 'false schema', below: [] } : undefined
  for (let scope = given.scope.above; scope?.value === given.scope.value; scope = scope.above) {
    if (scope.schema === schema) return { at, text: 'the references of a schema lead in a circle', below: [] }
  }
  const draft = (set.resources.get(schema) as Resource).draft
  const check: Check = { ...given, draft }
  const own = faultOfWhole(schema, value, check)
  if (own !== undefined) return own
  const faults: Fault[] = []
  const target = set.targets.get(schema)?.get('$ref')
  if (target !== undefined) {
    const fault = checkReference(target, value, check)
    if (draft < 2019) return fault
    if (fault !== undefined) faults.push(fault)
  }
  if (isList(value)) faults.push(...checkList(schema, value, check))
  else if (isObject(value)) faults.push(...checkObject(schema, value, check))
  else if (isNumber(value)) faults.push(...checkNumber(schema, value, check))
  else if (typeof value === 'string') faults.push(...checkText(schema, value, check))
  if (draft >= 2019) faults.push(...checkMovingReferences(schema, value, check))
  faults.push(...checkCombined(schema, value, check))
  if (draft >= 2019) faults.push(...checkUnseen(schema, value, check))
  return joinFaults(at, faults)
}

const typeOrder = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object']

/** `type`, `const`, `enum` and `format`: where one of them fails, nothing else is looked at. */
function faultOfWhole(schema: JsonObject, value: Json, { at, draft }: Check): Fault | undefined {
  // Beside a reference an old draft reads nothing.
  if (draft < 2019 && typeof member(schema, '$ref') === 'string') return undefined
  const kind = kindOf(value)
  const type = member(schema, 'type')
  const wanted = isList(type) ? type : type === undefined ? [] : [type]
  if (
    wanted.length > 0 &&
    !wanted.includes(kind) &&
    !(wanted.includes('integer') && isNumber(value) && isWhole(value))
  ) {
    const sorted = (wanted as string[]).toSorted((a, b) => typeOrder.indexOf(a) - typeOrder.indexOf(b))
    return { at, text: `got ${kind}, want ${sorted.join(' or ')}`, below: [] }
  }
  const only = draft >= 6 ? member(schema, 'const') : undefined
  if (only !== undefined && !equal(value, only))
    return { at, text: isSimple(only) ? `value must be ${spell(only)}` : "'const' failed", below: [] }
  const choices = member(schema, 'enum')
  if (isList(choices) && !choices.some((choice) => equal(value, choice))) {
    const list = choices.map(spell)
    const words = list.length === 1 ? `value must be ${list[0]}` : `value must be one of ${list.join(', ')}`
    return { at, text: choices.every(isSimple) ? words : "'enum' failed", below: [] }
  }
  const format = member(schema, 'format')
  // Helm's library takes formats from 2019 on for remarks.
  if (typeof format !== 'string' || typeof value !== 'string' || draft >= 2019) return undefined
  const why = checkFormat(format, value)
  return why === undefined ? undefined : { at, text: `${spell(value)} is not valid ${format}: ${why}`, below: [] }
}

const isSimple = (value: Json): boolean => !isList(value) && !isObject(value)

function kindOf(value: Json): string {
  if (value === null) return 'null'
  if (isList(value)) return 'array'
  return isNumber(value) ? 'number' : typeof value
}

function checkReference(target: Json, value: Json, check: Check): Fault | undefined {
  const fault = checkSame(target, value, check)
  return fault === undefined ? undefined : referenceFault(check.at, fault)
}

/** `$recursiveRef` and `$dynamicRef`: the outermost schema on the way that offers itself counts. */
function checkMovingReferences(schema: JsonObject, value: Json, check: Check): readonly Fault[] {
  const targets = check.set.targets.get(schema)
  const recursive = targets?.get('$recursiveRef')
  const dynamic = targets?.get('$dynamicRef')
  const faults: (Fault | undefined)[] = []
  if (recursive !== undefined) faults.push(checkReference(recursiveTarget(recursive, check), value, check))
  if (dynamic !== undefined) faults.push(checkReference(dynamicTarget(dynamic, schema, check), value, check))
  return faults.filter((fault) => fault !== undefined)
}

function outermost(check: Check, offer: (resource: Resource) => Json | undefined): Json | undefined {
  let found: Json | undefined
  for (let scope: Scope | undefined = check.scope; scope !== undefined; scope = scope.above) {
    const resource = check.set.resources.get(scope.schema)
    found = (resource === undefined ? undefined : offer(resource)) ?? found
  }
  return found
}

function recursiveTarget(target: Json, check: Check): Json {
  if (!isObject(target) || member(target, '$recursiveAnchor') !== true) return target
  const offer = ({ root }: Resource): Json | undefined =>
    isObject(root) && member(root, '$recursiveAnchor') === true ? root : undefined
  return outermost(check, offer) ?? target
}

function dynamicTarget(target: Json, schema: JsonObject, check: Check): Json {
  const reference = member(schema, '$dynamicRef')
  const anchor = typeof reference === 'string' ? (reference.split('#')[1] ?? '') : ''
  if (!isObject(target) || member(target, '$dynamicAnchor') !== anchor) return target
  return outermost(check, ({ dynamicAnchors }) => dynamicAnchors.get(anchor)) ?? target
}

/** `not`, `allOf`, `anyOf`, `oneOf`, and `if` with what follows from it. */
function checkCombined(schema: JsonObject, value: Json, check: Check): readonly Fault[] {
  const { at, draft } = check
  const faults: Fault[] = []
  const add = (text: string, below: readonly Fault[] = []): void => void faults.push({ at, text, below })
  const not = member(schema, 'not')
  if (not !== undefined && checkSame(not, value, check) === undefined) add("'not' failed")
  const all = listOf(schema, 'allOf').map((one) => checkSame(one, value, check))
  const failed = all.filter((fault) => fault !== undefined)
  if (failed.length > 0) add("'allOf' failed", failed)
  const any = listOf(schema, 'anyOf').map((one) => checkSame(one, value, check))
  if (any.length > 0 && !any.includes(undefined)) add("'anyOf' failed", any as Fault[])
  faults.push(...checkOneOf(listOf(schema, 'oneOf'), value, check))
  const condition = draft >= 7 ? member(schema, 'if') : undefined
  if (condition === undefined) return faults
  const branch = member(schema, checkSame(condition, value, check) === undefined ? 'then' : 'else')
  const fault = branch === undefined ? undefined : checkSame(branch, value, check)
  return fault === undefined ? faults : [...faults, fault]
}

function checkOneOf(choices: readonly Json[], value: Json, check: Check): readonly Fault[] {
  const below: Fault[] = []
  let matched: number | undefined
  for (const [index, choice] of choices.entries()) {
    const fault = checkSame(choice, value, check)
    if (fault !== undefined) below.push(fault)
    else if (matched === undefined) matched = index
    else return [{ at: check.at, text: `'oneOf' failed, subschemas ${matched}, ${index} matched`, below: [] }]
  }
  if (choices.length === 0 || matched !== undefined) return []
  return [{ at: check.at, text: "'oneOf' failed, none matched", below }]
}

/** `unevaluatedProperties` and `unevaluatedItems`: what no schema has looked at. */
function checkUnseen(schema: JsonObject, value: Json, check: Check): readonly Fault[] {
  const keyword = isList(value) ? 'unevaluatedItems' : isObject(value) ? 'unevaluatedProperties' : undefined
  const rest = keyword === undefined ? undefined : member(schema, keyword)
  if (rest === undefined) return []
  const names = Object.keys(value as object).filter((name) => !check.seen.has(name))
  for (const name of names) check.seen.add(name)
  const faults = names.map((name) => checkPart(rest, (value as JsonObject)[name] as Json, name, check))
  return faults.filter((fault) => fault !== undefined)
}

/** The schemas in a list; none where the keyword is missing. */
function listOf(schema: JsonObject, keyword: string): readonly Json[] {
  const value = member(schema, keyword)
  return isList(value) ? value : []
}
