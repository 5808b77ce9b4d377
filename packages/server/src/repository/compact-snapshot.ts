// The snapshot of a compact index: what is sent compressed is there already, everything else is made of it when wanted.
import { setImmediate as turn } from 'node:timers/promises'
import type { ChartVersion, IndexForm } from '@chartferry/core/helm'
import {
  type CompactChart,
  type CompactIndex,
  chartVersions,
  compactChart,
  compactDigest,
  compactIndex,
  findByUrl,
  gzipPieces,
  plainPieces,
  type TextPiece,
} from '@chartferry/core/internal'
import { LRUCache } from 'lru-cache'
import { unansweredCharts } from '../upstream/refused-parts.ts'
import { servedUrl } from '../upstream/served-chart.ts'
import type { IndexSnapshot, IndexText } from './index-snapshot.ts'
import { lazyMap } from './lazy-map.ts'

/** Whole texts that were sent without compression, by their validators. */
export type TextMemory = LRUCache<string, Promise<Buffer>>

/** Remembers texts of so many bytes in all, and none that takes more than a quarter of them. */
export function textMemory(bytes: number): TextMemory {
  return new LRUCache({ maxSize: Math.max(1, bytes), maxEntrySize: Math.max(1, Math.floor(bytes / 4)) })
}

/** Versions of the charts that are remembered as models. */
const remembered = 2000

/**
 * `modified` is in milliseconds since 1970; `unanswered` are charts of which versions may be missing (default: those that
 * the index says were refused).
 */
export function compactSnapshot(
  compact: CompactIndex,
  modified: number,
  texts: TextMemory,
  unanswered: ReadonlySet<string> = unansweredCharts(compact.head),
): IndexSnapshot {
  const { charts, versions, head } = compact
  const compressed = new Map<IndexForm, IndexText>()
  const models = new LRUCache<string, readonly ChartVersion[]>({ maxSize: remembered })
  const modelOf = (name: string): readonly ChartVersion[] => {
    const chart = charts.get(name)
    const known = models.get(name)
    if (known !== undefined || chart === undefined) return known ?? []
    const made = chartVersions(chart)
    models.set(name, made, { size: made.length + 1 })
    return made
  }
  const entries = lazyMap([...charts.keys()], modelOf)
  const etags = new Map<IndexForm, string>()
  const etagOf = (form: IndexForm): string => {
    const etag = etags.get(form) ?? compactDigest(compact, form)
    etags.set(form, etag)
    return etag
  }

  function gzipOf(form: IndexForm): IndexText {
    const known = compressed.get(form)
    if (known !== undefined) return known
    const made = textOf(gzipPieces(compact, form), `"${etagOf(form)}-gzip"`)
    compressed.set(form, made)
    return made
  }

  async function plainOf(form: IndexForm): Promise<IndexText> {
    const etag = `"${etagOf(form)}"`
    const lazy = textOf(plainPieces(compact, form), etag)
    if (lazy.size > texts.maxEntrySize) return lazy
    const known = texts.get(etag) ?? readAll(lazy)
    texts.set(etag, known, { size: lazy.size })
    return textOf([await known], etag)
  }

  return {
    index: { ...head, entries, skipped: [] },
    modified,
    versions,
    unanswered,
    compact,
    revision: () => [etagOf('json'), ...[...unanswered].sort()].join(' '),
    chartDigest: (name) => charts.get(name)?.digest,
    text: async (form, gzipped) => (gzipped ? gzipOf(form) : plainOf(form)),
  }
}

function textOf(pieces: readonly TextPiece[], etag: string): IndexText {
  return { pieces, size: pieces.reduce((sum, { length }) => sum + length, 0), etag }
}

async function readAll({ pieces, size }: IndexText): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(size)
  let end = 0
  await inTurns(pieces, (piece) => {
    end += (Buffer.isBuffer(piece) ? piece : piece.read()).copy(bytes, end)
  })
  return bytes
}

/** Milliseconds after which others have their turn. */
const turnLength = 10

/** Does something with each, and lets others have their turn meanwhile. */
export async function inTurns<Item>(items: Iterable<Item>, run: (item: Item) => void): Promise<void> {
  let began = performance.now()
  for (const item of items) {
    run(item)
    if (performance.now() - began < turnLength) continue
    await turn()
    began = performance.now()
  }
}

/**
 * The part of a snapshot that `keep` leaves of each chart; charts that stay whole are not compressed again. `keep`
 * gives versions in the order that they came in.
 */
export async function keepVersions(
  whole: IndexSnapshot,
  modified: number,
  texts: TextMemory,
  keep: (chart: string, versions: readonly ChartVersion[]) => readonly ChartVersion[],
): Promise<IndexSnapshot> {
  const charts: [string, CompactChart][] = []
  await inTurns(whole.index.entries.keys(), (chart) => {
    const kept = keep(chart, whole.index.entries.get(chart) ?? [])
    if (kept.length > 0) charts.push([chart, keptChart(whole, chart, kept)])
  })
  return partOf(whole, charts, modified, texts)
}

/** A chart of a snapshot with these of its versions, in their order. */
export function keptChart(whole: IndexSnapshot, chart: string, kept: readonly ChartVersion[]): CompactChart {
  const known = whole.compact?.charts.get(chart)
  return known?.count === kept.length ? known : compactChart(chart, kept)
}

/** The snapshot with these charts in place of its own. */
export function partOf(
  whole: IndexSnapshot,
  charts: Iterable<readonly [string, CompactChart]>,
  modified: number,
  texts: TextMemory,
): IndexSnapshot {
  const { entries: _, skipped: __, ...head } = whole.index
  return compactSnapshot(compactIndex(head, charts), modified, texts, whole.unanswered)
}

/** The paths behind `charts/` that a snapshot of a compact index shows. */
export function pathsOf({ compact }: IndexSnapshot): Pick<ReadonlySet<string>, 'has'> {
  return { has: (path) => compact !== undefined && findByUrl(compact, servedUrl(path)) !== undefined }
}
