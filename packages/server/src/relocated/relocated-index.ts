// The index of a relocated repository: the versions of the original under paths of its own, each with a digest once its
// archive is made, and never before: helm takes entries without one.
import type { ChartVersion } from '@chartferry/core/helm'
import { digestHex } from '@chartferry/core/internal'
import { type IndexSnapshot, indexSnapshot } from '../repository/index-snapshot.ts'
import { lazyMap } from '../repository/lazy-map.ts'
import { encodePath, servedPath } from '../upstream/chart-path.ts'
import { folderOf, type RelocationOptions } from './relocation-options.ts'
import { type ShownArchive, shownKey } from './relocation-store.ts'

export interface RelocatedIndexOptions {
  readonly of: (chart: string) => RelocationOptions
  /** What was made by some options, by `shownKey`. */
  readonly shown: (options: RelocationOptions) => ReadonlyMap<string, ShownArchive>
  /** What was made of originals whose digest their index does not say, by our path. */
  readonly undated: ReadonlyMap<string, ShownArchive>
  /** Milliseconds since 1970: when the last archive was made. */
  readonly modified: number
}

/** The annotation of entries whose charts are not proven. */
const proofKey = 'io.chartferry.proof'

/** Entries are made as they are asked for. One whose archive cannot be had from here is left out. */
export function relocatedIndex(whole: IndexSnapshot, options: RelocatedIndexOptions): IndexSnapshot {
  const { entries } = whole.index
  const relocated = (chart: string): readonly ChartVersion[] =>
    (entries.get(chart) ?? []).flatMap((entry) => relocatedEntry(entry, options))
  const index = { ...whole.index, entries: lazyMap([...entries.keys()], relocated) }
  return indexSnapshot(index, Math.max(whole.modified, options.modified), {
    count: whole.versions,
    unanswered: whole.unanswered,
  })
}

function relocatedEntry(entry: ChartVersion, { of, shown, undated }: RelocatedIndexOptions): readonly ChartVersion[] {
  const source = servedPath(entry.urls[0])
  if (source === undefined) return []
  const options = of(entry.name)
  const path = `${folderOf(options)}/${source}`
  const { digest, ...rest } = entry
  const made =
    digest === undefined
      ? undated.get(path)
      : shown(options).get(shownKey({ source: digest, fileName: fileNameIn(source) }))
  const urls = [`charts/${encodePath(path)}`]
  if (made === undefined) return [{ ...rest, urls, fields: withoutDigest(entry.fields) }]
  const fields = { ...entry.fields, digest: digestHex(made.digest) }
  return [{ ...rest, urls, digest: made.digest, fields: made.isProven ? fields : marked(fields) }]
}

function withoutDigest(fields: ChartVersion['fields']): ChartVersion['fields'] {
  const { digest: _, ...rest } = fields
  return rest
}

function marked(fields: ChartVersion['fields']): ChartVersion['fields'] {
  const { annotations } = fields
  const own = typeof annotations === 'object' && annotations !== null ? annotations : {}
  return { ...fields, annotations: { ...own, [proofKey]: 'unproven' } }
}

/** The last segment of a path: what helm names the file. */
export function fileNameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
