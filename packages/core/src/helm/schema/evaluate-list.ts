// Lists held against a schema.
import { type Check, checkPart } from './check.ts'
import { count, type Fault } from './fault.ts'
import { isList, isNumber, type Json, type JsonObject, member, sameText } from './json.ts'

/** What is wrong with a list: its size, its items, and what it should hold. */
export function checkList(schema: JsonObject, value: readonly Json[], check: Check): readonly Fault[] {
  const { at } = check
  const faults: Fault[] = []
  const add = (text: string): void => void faults.push({ at, text, below: [] })
  const least = member(schema, 'minItems')
  const most = member(schema, 'maxItems')
  if (isNumber(least) && value.length < least) add(`minItems: got ${count(value.length)}, want ${count(Number(least))}`)
  if (isNumber(most) && value.length > most) add(`maxItems: got ${count(value.length)}, want ${count(Number(most))}`)
  if (member(schema, 'uniqueItems') === true) {
    const twice = firstTwice(value)
    if (twice !== undefined) add(`items at ${count(twice[0])} and ${count(twice[1])} are equal`)
  }
  return [...faults, ...checkItems(schema, value, check), ...checkContains(schema, value, check)]
}

function firstTwice(value: readonly Json[]): readonly [number, number] | undefined {
  const seen = new Map<string, number>()
  for (const [at, item] of value.entries()) {
    const text = sameText(item)
    const before = seen.get(text)
    if (before !== undefined) return [before, at]
    seen.set(text, at)
  }
  return undefined
}

/** The first items have schemas of their own, where the draft and the schema say so; the others share one. */
function checkItems(schema: JsonObject, value: readonly Json[], check: Check): readonly Fault[] {
  const items = member(schema, 'items')
  const first = check.draft === 2020 ? member(schema, 'prefixItems') : isList(items) ? items : undefined
  const own = isList(first) ? first : []
  const isOwnList = check.draft < 2020 && isList(items)
  const rest = isOwnList ? member(schema, 'additionalItems') : items
  const faults: (Fault | undefined)[] = []
  for (const [at, item] of value.entries()) {
    const one = own[at] ?? rest
    if (one === undefined || isList(one)) continue
    check.seen.add(String(at))
    // A flag that forbids more items speaks once for all of them.
    if (at < own.length || !isOwnList || typeof one !== 'boolean') faults.push(checkPart(one, item, String(at), check))
  }
  const found = faults.filter((fault) => fault !== undefined)
  const more = value.length - own.length
  if (!isOwnList || rest !== false || more <= 0) return found
  return [...found, { at: check.at, text: `last ${count(more)} additionalItem(s) not allowed`, below: [] }]
}

function checkContains(schema: JsonObject, value: readonly Json[], check: Check): readonly Fault[] {
  const wanted = check.draft >= 6 ? member(schema, 'contains') : undefined
  if (wanted === undefined) return []
  const below: Fault[] = []
  const matched: number[] = []
  for (const [at, item] of value.entries()) {
    const fault = checkPart(wanted, item, String(at), check)
    if (fault !== undefined) below.push(fault)
    else {
      matched.push(at)
      if (check.draft === 2020) check.seen.add(String(at))
    }
  }
  const [least, most] = check.draft >= 2019 ? [member(schema, 'minContains'), member(schema, 'maxContains')] : []
  const faults: Fault[] = []
  const places = matched.join(' ')
  if (isNumber(least)) {
    const but = matched.length === 0 ? 'but none matched' : `but matched ${count(matched.length)} items at ${places}`
    const text = `min ${count(Number(least))} items required to match contains schema, ${but}`
    if (matched.length < least) faults.push({ at: check.at, text, below })
  } else if (matched.length === 0) faults.push({ at: check.at, text: 'no items match contains schema', below })
  if (isNumber(most) && matched.length > most) {
    const text = `max ${count(Number(most))} items required to match contains schema, but matched ${count(matched.length)} items at ${places}`
    faults.push({ at: check.at, text, below: [] })
  }
  return faults
}
