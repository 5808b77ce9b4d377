// JSON values as schemas and values hold them. Integers that a double would round are bigints.

/** A JSON value. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [name: string]: Json
}

/** Whether a value is an object, and no list. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value is a list. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** Whether a value is a number. */
export function isNumber(value: Json | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

/** Whether a number has no fraction, as 1.0 has none. */
export function isWhole(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isInteger(value)
}

/** The value that an object has under a name of its own. */
export function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** Reads JSON. Throws SyntaxError. */
export function readJson(text: string): Json {
  return JSON.parse(text, (_name, value: unknown, context?: { readonly source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value) || context?.source === undefined) return value
    return /^-?\d+$/.test(context.source) ? BigInt(context.source) : value
  }) as Json
}

/** Whether two values are the same by JSON Schema: 1 and 1.0 are, the order of names does not count. */
export function equal(one: Json, other: Json): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint and a number of the same value are equal
  if (isNumber(one) && isNumber(other)) return one == other
  if (isList(one))
    return isList(other) && one.length === other.length && one.every((item, at) => equal(item, other[at] as Json))
  if (!isObject(one) || !isObject(other)) return one === other
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && equal(one[name] as Json, other[name] as Json))
  )
}

/** A text that equal values share, and no others. */
export function sameText(value: Json): string {
  if (isNumber(value)) return isWhole(value) ? BigInt(value).toString() : String(value)
  if (isList(value)) return `[${value.map(sameText).join()}]`
  if (!isObject(value)) return JSON.stringify(value)
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${sameText(value[name] as Json)}`).join()}}`
}

/** Whether a number is a whole multiple of another, reckoned in decimals as both are written. */
export function isMultiple(value: number | bigint, of: number | bigint): boolean {
  const [one, other] = [decimalOf(value), decimalOf(of)]
  const places = Math.max(one.places, other.places)
  const scaled = ({ digits, places: own }: Decimal): bigint => digits * 10n ** BigInt(places - own)
  return scaled(other) !== 0n && scaled(one) % scaled(other) === 0n
}

interface Decimal {
  readonly digits: bigint
  /** Digits behind the point; the exponent of a double bounds them. */
  readonly places: number
}

function decimalOf(value: number | bigint): Decimal {
  const [, sign = '', whole = '0', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(String(value)) ?? []
  const digits = BigInt(sign + whole + fraction)
  const places = fraction.length - Number(exponent)
  return places < 0 ? { digits: digits * 10n ** BigInt(-places), places: 0 } : { digits, places }
}
