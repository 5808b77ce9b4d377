// An index file as it is kept: the text of each chart compressed by itself, so that one chart is read without the
// others, a changed one is compressed alone, and all together are the gzip stream that is sent.
import { crc32 } from 'node:zlib'
import { digestHex, digestOf, parseIndexDigest } from '../../digest.ts'
import { addText, type DeflatedText, deflateText, gzipHead, gzipTail, inflateText, noText } from './deflated-text.ts'
import { isKnownField } from './entry-fields.ts'
import { formatEntry, formatValue, type IndexForm, indexFrame } from './format-index-file.ts'
import type { ChartVersion, IndexFile } from './index-file.ts'
import { emptyMap } from './plain-value.ts'

/** One chart. Equal digests mean equal texts. */
export interface CompactChart {
  /** How many versions there are. */
  readonly count: number
  readonly digest: string
  /** `"<name>": [<entry>,<entry>]`, newest first. */
  readonly json: DeflatedText
  /** The same without fields that Helm does not know; absent where there are none. */
  readonly yaml?: DeflatedText
  /** CRC-32 of the first URL of each version, four bytes each. */
  readonly marks: Buffer
  /** What the caller keeps beside the chart, as JSON. */
  readonly aside?: DeflatedText
}

export type IndexHead = Omit<IndexFile, 'entries' | 'skipped'>

export interface CompactIndex {
  readonly head: IndexHead
  /** By the key of `entries`. */
  readonly charts: ReadonlyMap<string, CompactChart>
  /** How many versions there are. */
  readonly versions: number
  /** The JSON of all charts, joined. */
  readonly joined: DeflatedText
  /** Bytes that it takes. */
  readonly bytes: number
}

/** Text in pieces, those of which are made when they are wanted. */
export type TextPiece = Buffer | { readonly length: number; readonly read: () => Buffer }

/** Takes the versions of one chart, newest first. `aside` is anything that JSON can carry. */
export function compactChart(name: string, versions: readonly ChartVersion[], aside?: unknown): CompactChart {
  const text = chartText(name, versions, 'json')
  const unknown = versions.some(({ fields }) => Object.keys(fields).some((field) => !isKnownField(field)))
  const marks = Buffer.alloc(4 * versions.length)
  for (const [at, { urls }] of versions.entries()) marks.writeUInt32LE(crc32(urls[0] ?? ''), 4 * at)
  return {
    count: versions.length,
    digest: digestHex(digestOf(text)).slice(0, 32),
    json: deflateText(text),
    ...(unknown ? { yaml: deflateText(chartText(name, versions, 'yaml')) } : {}),
    marks,
    ...(aside === undefined ? {} : { aside: deflateText(JSON.stringify(aside)) }),
  }
}

/** On lines of their own, which YAML takes as they are. */
function chartText(name: string, versions: readonly ChartVersion[], form: IndexForm): string {
  const entries = versions.map((version) => formatEntry(version, form)).join(',\n    ')
  return `\n  ${formatValue(name)}: [${entries}]`
}

/** The versions of a chart, newest first, as they were given. */
export function chartVersions({ json }: Pick<CompactChart, 'json'>): ChartVersion[] {
  const [list = []] = Object.values(JSON.parse(`{${inflateText(json).toString()}}`) as Record<string, WrittenEntry[]>)
  return list.map(({ urls = [], digest: written, created, ...rest }) => {
    const digest = parseIndexDigest(written ?? '')
    return {
      name: rest.name,
      version: rest.version,
      urls,
      ...(digest === undefined ? {} : { digest }),
      ...(created === undefined ? {} : { created }),
      fields: Object.assign(emptyMap(), rest),
    }
  })
}

interface WrittenEntry extends Record<string, unknown> {
  readonly name: string
  readonly version: string
  readonly urls?: readonly string[]
  readonly digest?: string
  readonly created?: string
}

/** What was given beside a chart; undefined where nothing was. */
export function chartAside({ aside }: CompactChart): unknown {
  return aside === undefined ? undefined : (JSON.parse(inflateText(aside).toString()) as unknown)
}

const comma = deflateText(',')

/** Joins charts, in the order given; what was compressed before is copied. */
export function compactIndex(head: IndexHead, charts: Iterable<readonly [string, CompactChart]>): CompactIndex {
  const given = [...charts]
  const joined = join(given.map(([, { json }]) => json))
  let at = 0
  let versions = 0
  let bytes = joined.bytes.length
  const placed = new Map<string, CompactChart>()
  for (const [name, chart] of given) {
    if (placed.size > 0) at += comma.bytes.length
    const end = at + chart.json.bytes.length
    placed.set(name, { ...chart, json: { ...chart.json, bytes: joined.bytes.subarray(at, end) } })
    at = end
    versions += chart.count
    bytes += name.length + chart.marks.length + (chart.aside?.bytes.length ?? 0) + (chart.yaml?.bytes.length ?? 0) + 500
  }
  return { head, charts: placed, versions, joined, bytes }
}

function join(texts: readonly DeflatedText[]): DeflatedText {
  const parts = texts.flatMap((text, at) => (at === 0 ? [text] : [comma, text]))
  // Not of a pool, which would keep it from being freed.
  const bytes = Buffer.allocUnsafeSlow(parts.reduce((size, part) => size + part.bytes.length, 0))
  let end = 0
  for (const part of parts) end += part.bytes.copy(bytes, end)
  return { bytes, ...parts.reduce(addText, noText) }
}

/** Names the text of an index: equal ones are equal. */
export function compactDigest({ head, charts }: CompactIndex, form: IndexForm): string {
  const names = [...charts.values()].map(({ digest }) => digest).join('')
  return digestHex(digestOf(JSON.stringify([form, head, names])))
}

/** The whole text as a gzip stream, in pieces. */
export function gzipPieces(index: CompactIndex, form: IndexForm): Buffer[] {
  const [head, end] = indexFrame(index.head, form).map(deflateText) as [DeflatedText, DeflatedText]
  const isSame = form === 'json' || ![...index.charts.values()].some(({ yaml }) => yaml !== undefined)
  const body = isSame ? index.joined : join([...index.charts.values()].map(({ json, yaml }) => yaml ?? json))
  const sum = [head, body, end].reduce(addText, noText)
  return [gzipHead, head.bytes, body.bytes, end.bytes, gzipTail(sum)]
}

/** The whole text, a piece a chart. */
export function plainPieces(index: CompactIndex, form: IndexForm): TextPiece[] {
  const [head, end] = indexFrame(index.head, form)
  const pieces: TextPiece[] = [Buffer.from(head)]
  for (const { json, yaml } of index.charts.values()) {
    const text = form === 'yaml' && yaml !== undefined ? yaml : json
    if (pieces.length > 1) pieces.push(separator)
    pieces.push({ length: text.size, read: () => inflateText(text) })
  }
  return [...pieces, Buffer.from(end)]
}

const separator = Buffer.from(',')

/** Where the version stands whose first URL this is. */
export function findByUrl(
  { charts }: CompactIndex,
  url: string,
): { readonly chart: string; readonly at: number } | undefined {
  const mark = Buffer.alloc(4)
  mark.writeUInt32LE(crc32(url))
  for (const [chart, compact] of charts) {
    let found = compact.marks.indexOf(mark)
    while (found >= 0) {
      const at = found / 4
      if (Number.isInteger(at) && chartVersions(compact)[at]?.urls[0] === url) return { chart, at }
      found = compact.marks.indexOf(mark, found + 1)
    }
  }
  return undefined
}
