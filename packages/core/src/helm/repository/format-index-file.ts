// An `IndexFile` becomes text again: JSON, or YAML that is one flow mapping a version, which costs no more than JSON.
import { digestHex } from '../../digest.ts'
import { isKnownField } from './entry-fields.ts'
import type { ChartVersion, IndexFile } from './index-file.ts'
import { emptyMap } from './plain-value.ts'

/**
 * `json` keeps fields that Helm does not know. `yaml` drops them, since Helm refuses a whole YAML index for one of
 * them; it is valid YAML 1.1 and 1.2.
 */
export type IndexForm = 'json' | 'yaml'

/** The text of a whole index file. The pieces are those of `formatChart`, one a chart, in the order of `entries`. */
export function formatIndexFile(index: IndexFile, form: IndexForm): string {
  return frameIndexFile(
    index,
    [...index.entries].map(([chart, versions]) => formatChart(chart, versions, form)),
    form,
  )
}

/** One chart of `entries`, to be put into a frame; pieces of charts that did not change can be kept. */
export function formatChart(chart: string, versions: readonly ChartVersion[], form: IndexForm): string {
  const items = versions.map((version) => formatEntry(version, form))
  if (form === 'json') return `${formatValue(chart)}:[${items.join(',')}]`
  return `  ${formatValue(chart)}:\n${items.map((item) => `  - ${item}\n`).join('')}`
}

/** One chart version, on one line. */
export function formatEntry(version: ChartVersion, form: IndexForm): string {
  return formatValue(fieldsOf(version, form))
}

/** The text around the pieces of `formatChart`. */
export function frameIndexFile(
  index: Omit<IndexFile, 'entries' | 'skipped'>,
  pieces: readonly string[],
  form: IndexForm,
): string {
  const lines = Object.entries({ apiVersion: index.apiVersion, ...headOf(index) })
  if (form === 'json') {
    const fields = lines.map(([key, value]) => `${formatValue(key)}:${formatValue(value)}`)
    return `{${fields.join(',')},"entries":{${pieces.join(',')}}}\n`
  }
  const fields = lines.map(([key, value]) => `${key}: ${formatValue(value)}\n`)
  return `${fields.join('')}entries:${pieces.length === 0 ? ' {}\n' : `\n${pieces.join('')}`}`
}

/**
 * What stands before and behind charts that are written as JSON, `"<name>": [<entry>,<entry>]`, with commas between
 * them: such an index is YAML, too.
 */
export function indexFrame(
  index: Omit<IndexFile, 'entries' | 'skipped'>,
  form: IndexForm,
): [head: string, end: string] {
  const lines = Object.entries({ apiVersion: index.apiVersion, ...headOf(index) })
  if (form === 'json') {
    const fields = lines.map(([key, value]) => `${formatValue(key)}:${formatValue(value)},`)
    return [`{${fields.join('')}"entries":{`, '\n  }}\n']
  }
  return [`${lines.map(([key, value]) => `${key}: ${formatValue(value)}\n`).join('')}entries: {`, '\n  }\n']
}

function headOf(index: Omit<IndexFile, 'entries' | 'skipped'>): Record<string, unknown> {
  const head = emptyMap()
  for (const key of ['generated', 'publicKeys', 'annotations', 'serverInfo'] as const) {
    if (index[key] !== undefined) head[key] = index[key]
  }
  return head
}

function fieldsOf({ fields, urls, digest, created }: ChartVersion, form: IndexForm): Record<string, unknown> {
  // Bare digits: Helm 4 before 4.2 refuses a digest with its algorithm.
  const all = { ...fields, urls, created, digest: digest === undefined ? undefined : digestHex(digest) }
  const written = emptyMap()
  for (const [key, value] of Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (value !== undefined && (form === 'json' || isKnownField(key))) written[key] = value
  }
  return written
}

/** Takes any value of JSON. Gives JSON whose strings YAML 1.1 reads alike: no raw control characters and no raw line breaks of Unicode. */
export function formatValue(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
