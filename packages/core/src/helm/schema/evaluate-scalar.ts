// Texts and numbers held against a schema.
import type { Check } from './check.ts'
import { count, type Fault, number, quote } from './fault.ts'
import { isMultiple, isNumber, type JsonObject, member } from './json.ts'

/** What is wrong with a text: its length in characters, and its pattern, an expression of Go's. */
export function checkText(schema: JsonObject, value: string, { at, set }: Check): readonly Fault[] {
  const texts: string[] = []
  const least = member(schema, 'minLength')
  const most = member(schema, 'maxLength')
  const length = least === undefined && most === undefined ? 0 : Array.from(value).length
  if (isNumber(least) && length < least) texts.push(`minLength: got ${count(length)}, want ${count(Number(least))}`)
  if (isNumber(most) && length > most) texts.push(`maxLength: got ${count(length)}, want ${count(Number(most))}`)
  const pattern = member(schema, 'pattern')
  if (typeof pattern === 'string' && set.expressions.get(pattern)?.program.test(value) === false)
    texts.push(`${quote(value)} does not match pattern ${quote(pattern)}`)
  return texts.map((text) => ({ at, text, below: [] }))
}

/** What is wrong with a number: its bounds, and what it should be a multiple of. */
export function checkNumber(schema: JsonObject, value: number | bigint, { at, draft }: Check): readonly Fault[] {
  const faults: Fault[] = []
  const bound = (keyword: string, breaks: (limit: number | bigint) => boolean, as = keyword): void => {
    const limit = member(schema, keyword)
    if (!isNumber(limit) || !breaks(limit)) return
    faults.push({ at, text: `${as}: got ${number(value)}, want ${number(limit)}`, below: [] })
  }
  // In draft 4 the bound is `minimum`, and a flag beside it says that the bound itself is out.
  const [overFlag, underFlag] = [
    member(schema, 'exclusiveMinimum') === true,
    member(schema, 'exclusiveMaximum') === true,
  ]
  if (overFlag) bound('minimum', (limit) => value <= limit, 'exclusiveMinimum')
  else bound('minimum', (limit) => value < limit)
  if (underFlag) bound('maximum', (limit) => value >= limit, 'exclusiveMaximum')
  else bound('maximum', (limit) => value > limit)
  if (draft >= 6) {
    bound('exclusiveMinimum', (limit) => value <= limit)
    bound('exclusiveMaximum', (limit) => value >= limit)
  }
  bound('multipleOf', (limit) => !isMultiple(value, limit))
  return faults
}
