// Objects held against a schema.
import { type Check, checkAlone, checkPart, checkSame } from './check.ts'
import { count, type Fault, quote, quoteAll } from './fault.ts'
import { isList, isNumber, isObject, type Json, type JsonObject, member } from './json.ts'

/** What is wrong with an object: its size, its names, and what stands under them. */
export function checkObject(schema: JsonObject, value: JsonObject, check: Check): readonly Fault[] {
  const { at, draft } = check
  const names = Object.keys(value)
  const faults: Fault[] = []
  const add = (text: string, below: readonly Fault[] = []): void => void faults.push({ at, text, below })
  const addAny = (fault: Fault | undefined): void => {
    if (fault !== undefined) faults.push(fault)
  }
  const least = member(schema, 'minProperties')
  const most = member(schema, 'maxProperties')
  if (isNumber(least) && names.length < least)
    add(`minProperties: got ${count(names.length)}, want ${count(Number(least))}`)
  if (isNumber(most) && names.length > most)
    add(`maxProperties: got ${count(names.length)}, want ${count(Number(most))}`)
  const missing = missingOf(member(schema, 'required'), value)
  if (missing.length > 0) add(`missing ${missing.length === 1 ? 'property' : 'properties'} ${quoteAll(missing)}`)
  for (const [name, dependency] of entriesOf(schema, 'dependencies')) {
    if (!Object.hasOwn(value, name)) continue
    if (isList(dependency)) addMissing(name, dependency)
    else addAny(checkSame(dependency, value, check))
  }
  faults.push(...checkMembers(schema, value, check))
  if (draft < 6) return faults
  const form = member(schema, 'propertyNames')
  for (const name of form === undefined ? [] : names) {
    const fault = form === undefined ? undefined : checkName(form, name, check)
    if (fault !== undefined) add(`invalid propertyName ${quote(name)}`, fault)
  }
  if (draft < 2019) return faults
  for (const [name, dependent] of entriesOf(schema, 'dependentSchemas'))
    if (Object.hasOwn(value, name)) addAny(checkSame(dependent, value, check))
  for (const [name, dependent] of entriesOf(schema, 'dependentRequired'))
    if (Object.hasOwn(value, name)) addMissing(name, dependent)
  return faults

  function addMissing(name: string, wanted: Json): void {
    const absent = missingOf(wanted, value)
    if (absent.length > 0) add(`properties ${quoteAll(absent)} required, if ${quote(name)} exists`)
  }
}

/** A name is held against its schema as a text of its own, so its faults stand at no place. */
function checkName(form: Json, name: string, check: Check): readonly Fault[] | undefined {
  const fault = checkAlone(form, name, check)
  if (fault === undefined) return undefined
  return fault.stands === 'group' ? fault.below : [fault]
}

function checkMembers(schema: JsonObject, value: JsonObject, check: Check): readonly Fault[] {
  const properties = member(schema, 'properties')
  const patterns = entriesOf(schema, 'patternProperties')
  const rest = member(schema, 'additionalProperties')
  const unwanted: string[] = []
  const faults: (Fault | undefined)[] = []
  for (const [name, item] of Object.entries(value)) {
    const own = isObject(properties) ? member(properties, name) : undefined
    const schemas = own === undefined ? [] : [own]
    for (const [pattern, below] of patterns)
      if (check.set.expressions.get(pattern)?.program.test(name)) schemas.push(below)
    if (schemas.length === 0 && rest === false) unwanted.push(name)
    else if (schemas.length === 0 && rest !== undefined) schemas.push(rest)
    if (schemas.length > 0 || rest === false) check.seen.add(name)
    faults.push(...schemas.map((one) => checkPart(one, item, name, check)))
  }
  const found = faults.filter((fault) => fault !== undefined)
  if (unwanted.length === 0) return found
  return [...found, { at: check.at, text: `additional properties ${quoteAll(unwanted)} not allowed`, below: [] }]
}

function missingOf(names: Json | undefined, value: JsonObject): readonly string[] {
  if (!isList(names)) return []
  return names.filter((name) => typeof name === 'string').filter((name) => !Object.hasOwn(value, name))
}

function entriesOf(schema: JsonObject, keyword: string): readonly (readonly [string, Json])[] {
  const value = member(schema, keyword)
  return isObject(value) ? Object.entries(value) : []
}
