// Checks a document that a person wrote, part by part; every fault is kept with its line, so that all can be shown at
// once.
import { isChartferryError, messageOf } from '../errors.ts'
import { formatPath, type ValuesPath } from '../helm/yaml/path.ts'

/** One part of the document. What it finds wrong is a fault; it gives undefined then. */
export interface Part {
  readonly value: unknown
  /** A setting of a mapping; undefined where it is not there. */
  at(key: string): Part | undefined
  /** A fault for each key but these, and where this is no mapping. */
  onlyKeys(...keys: readonly string[]): boolean
  /** The items of a list. */
  items(): readonly Part[]
  /** A text that is not empty. */
  text(): string | undefined
  /** What a parser makes of the text; what it throws is a fault. */
  parsed<Result>(parse: (text: string) => Result): Result | undefined
  fault(what: string): undefined
}

/** Opens the document; `tell` takes each fault with its place. */
export function openPart(value: unknown, path: ValuesPath, tell: (path: ValuesPath, what: string) => void): Part {
  const fault = (what: string): undefined => {
    tell(path, path.length === 0 ? what : `${formatPath(path)}: ${what}`)
    return undefined
  }
  const text = (): string | undefined => {
    // A version such as 1.30 is a number to YAML, and another one than the person meant.
    if (typeof value === 'number') return fault('is a number; write it in quotes')
    return typeof value === 'string' && value !== '' ? value : fault('must be text')
  }
  return {
    value,
    fault,
    text,
    at: (key) => (isMap(value) && key in value ? openPart(value[key], [...path, key], tell) : undefined),
    onlyKeys(...keys) {
      if (!isMap(value)) {
        fault('must be a mapping')
        return false
      }
      for (const key of Object.keys(value))
        if (!keys.includes(key))
          tell([...path, key], `${formatPath([...path, key])}: is not known; there are ${keys.join(', ')}`)
      return true
    },
    items() {
      if (!Array.isArray(value)) {
        fault('must be a list')
        return []
      }
      return value.map((item: unknown, index) => openPart(item, [...path, index], tell))
    },
    parsed(parse) {
      const found = text()
      if (found === undefined) return undefined
      try {
        return parse(found)
      } catch (thrown) {
        if (!isChartferryError(thrown)) throw thrown
        return fault(messageOf(thrown))
      }
    },
  }
}

/** Whether a value is a mapping. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
