// Reads a parsed YAML mapping into typed fields as Go's decoder does, and refuses what it refuses.
import { ChartferryError } from '../../errors.ts'

/** A YAML mapping, parsed. */
export type YamlMapping = Readonly<Record<string, unknown>>

/** The fields of one mapping. Absent and null give the empty value of each type; a wrong type throws CHART_INVALID. */
export interface Fields {
  /** What messages call the mapping. */
  readonly where: string
  /** A boolean counts as `true` or `false`. */
  text(key: string): string
  flag(key: string): boolean
  list(key: string): readonly unknown[]
  texts(key: string): readonly string[]
  textMap(key: string): Readonly<Record<string, string>>
  /** The mappings of a list; an empty item throws. */
  mappings(key: string): readonly Fields[]
}

/** Whether a parsed YAML value is a mapping. */
export function isMapping(value: unknown): value is YamlMapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  return value === null
    ? 'null'
    : Array.isArray(value)
      ? 'a list'
      : isMapping(value)
        ? 'a mapping'
        : `a ${typeof value}`
}

/** The fields of a mapping that was parsed with `numbersAsText`. `where` begins every message. */
export function fieldsOf(mapping: YamlMapping, where: string): Fields {
  const wrong = (key: string, value: unknown, wanted: string): ChartferryError =>
    new ChartferryError('CHART_INVALID', `${where}: ${key} is ${kindOf(value)}, not ${wanted}`)
  // encoding/json takes a key in any case where none matches exactly.
  const get = (key: string): unknown => {
    if (Object.hasOwn(mapping, key)) return mapping[key] ?? undefined
    const other = Object.keys(mapping).find((candidate) => candidate.toLowerCase() === key.toLowerCase())
    return other === undefined ? undefined : (mapping[other] ?? undefined)
  }
  const toText = (key: string, value: unknown): string => {
    if (value === undefined || value === null) return ''
    if (typeof value === 'string' || typeof value === 'boolean') return String(value)
    throw wrong(key, value, 'a text')
  }
  const list = (key: string): readonly unknown[] => {
    const value = get(key) ?? []
    if (!Array.isArray(value)) throw wrong(key, value, 'a list')
    return value
  }
  return {
    where,
    text: (key) => toText(key, get(key)),
    flag: (key) => {
      const value = get(key) ?? false
      if (typeof value !== 'boolean') throw wrong(key, value, 'true or false')
      return value
    },
    list,
    texts: (key) => list(key).map((item, index) => toText(`${key}[${index}]`, item)),
    textMap: (key) => {
      const value = get(key) ?? {}
      if (!isMapping(value)) throw wrong(key, value, 'a mapping')
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toText(`${key}.${name}`, item)]))
    },
    mappings: (key) =>
      list(key).map((item, index) => {
        if (!isMapping(item)) throw wrong(`${key}[${index}]`, item, 'a mapping')
        return fieldsOf(item, `${where}: ${key}[${index}]`)
      }),
  }
}

/** Helm's sanitizeString: any space becomes a plain one, what cannot be printed goes. */
export function sanitize(text: string): string {
  return text.replace(/[\t-\r\u0085\p{Z}]/gu, ' ').replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '')
}
