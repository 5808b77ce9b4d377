// The fields of an index entry in the types that Helm decodes them to (Helm pkg/chart/metadata.go, pkg/repo/index.go).
import { type CopyBudget, emptyMap, isMap, type PlainMap, pay, plainValue, printable } from './plain-value.ts'

/** Why a field cannot be what Helm expects of it; the entry is skipped. */
export class FieldFault {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

type Reader = (value: unknown, where: string, budget: CopyBudget) => unknown

/** YAML keys longer than this break Helm's parser; no honest key comes near. */
const longestKey = 1000

/** Text; numbers and booleans become text as Helm's YAML reading makes them. */
const text: Reader = (value, where, budget) => {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string') throw new FieldFault(`${where} is not text`)
  pay(budget, value.length)
  return value.toWellFormed()
}

const cleanText: Reader = (value, where, budget) => printable(String(text(value, where, budget)))

/** True and false, in the words of YAML 1.1, which Helm reads. */
const flag: Reader = (value, where) => {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' && /^(y|yes|on|true)$/i.test(value)) return true
  if (typeof value === 'string' && /^(n|no|off|false)$/i.test(value)) return false
  throw new FieldFault(`${where} is neither true nor false`)
}

const time: Reader = (value, where) => {
  if (typeof value === 'string' && isTime(value)) return value
  throw new FieldFault(`${where} is not a time in the form of RFC 3339`)
}

const listOf =
  (item: Reader): Reader =>
  (value, where, budget) => {
    if (!Array.isArray(value)) throw new FieldFault(`${where} is not a list`)
    pay(budget, value.length)
    return value.map((one, index) => item(one ?? '', `${where}[${index}]`, budget))
  }

const mapOfText: Reader = (value, where, budget) => {
  if (!isMap(value)) throw new FieldFault(`${where} is not a mapping`)
  const copy = emptyMap()
  for (const [key, item] of Object.entries(value)) {
    if (key.length > longestKey) throw new FieldFault(`${where} has a key longer than ${longestKey} characters`)
    copy[key.toWellFormed()] = text(item ?? '', `${where}.${printable(key)}`, budget)
    pay(budget, key.length)
  }
  return copy
}

const record =
  (readers: Readonly<Record<string, Reader>>): Reader =>
  (value, where, budget) => {
    if (!isMap(value)) throw new FieldFault(`${where} is not a mapping`)
    return readFields(value, readers, `${where}.`, budget)
  }

const anything: Reader = (value, _where, budget) => plainValue(value, budget)

const maintainer = record({ name: cleanText, email: cleanText, url: cleanText })

const dependency = record({
  name: cleanText,
  version: cleanText,
  repository: cleanText,
  condition: cleanText,
  tags: listOf(cleanText),
  enabled: flag,
  'import-values': listOf(anything),
  alias: text,
})

const readers: Readonly<Record<string, Reader>> = {
  apiVersion: text,
  name: cleanText,
  version: text,
  home: cleanText,
  sources: listOf(cleanText),
  description: cleanText,
  keywords: listOf(cleanText),
  maintainers: listOf(maintainer),
  icon: cleanText,
  condition: cleanText,
  tags: cleanText,
  appVersion: cleanText,
  deprecated: flag,
  annotations: mapOfText,
  kubeVersion: cleanText,
  dependencies: listOf(dependency),
  type: text,
  urls: listOf(text),
  created: time,
  removed: flag,
  digest: text,
  checksum: text,
  engine: text,
  tillerVersion: text,
  url: text,
}

/** Whether Helm knows the field. In YAML it refuses the whole index file for one that it does not know. */
export function isKnownField(field: string): boolean {
  return Object.hasOwn(readers, field)
}

/** Whether a text is a time that Go's decoder takes: RFC 3339. */
export function isTime(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) && !Number.isNaN(Date.parse(value))
}

/** The fields of an entry, nulls left out. Throws FieldFault, YAML_TOO_COMPLEX. */
export function readEntryFields(entry: Readonly<Record<string, unknown>>, budget: CopyBudget): PlainMap {
  return readFields(entry, readers, '', budget, true)
}

function readFields(
  source: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, Reader>>,
  where: string,
  budget: CopyBudget,
  keepUnknown = false,
): PlainMap {
  const fields = emptyMap()
  for (const [key, value] of Object.entries(source)) {
    pay(budget, key.length)
    const reader = Object.hasOwn(known, key) ? known[key] : keepUnknown ? anything : undefined
    if (reader === undefined || value === null || value === undefined) continue
    fields[key] = reader(value, where + key, budget)
  }
  return fields
}
