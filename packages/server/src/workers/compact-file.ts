// The text of an upstream's index file becomes a compact index, as it is served.
import { type ParseIndexOptions, parseIndexFile, type SkippedEntry } from '@chartferry/core/helm'
import { type CompactIndex, compactIndex } from '@chartferry/core/internal'
import type { ArchiveUrls } from '../upstream/archive-url.ts'
import { servedChart } from '../upstream/served-chart.ts'

export interface CompactFileOptions extends ParseIndexOptions {
  /** What the URLs of the index mean. */
  readonly urls: ArchiveUrls
}

export interface ReadIndex {
  readonly compact: CompactIndex
  readonly skipped: readonly SkippedEntry[]
}

/** Throws as `parseIndexFile`. */
export function compactFile(bytes: Uint8Array, { urls, ...parsing }: CompactFileOptions): ReadIndex {
  const { entries, skipped, serverInfo: _, ...head } = parseIndexFile(bytes, parsing)
  const charts = [...entries].map(([chart, versions]) => [chart, servedChart(chart, versions, urls)] as const)
  return { compact: compactIndex(head, charts), skipped }
}
