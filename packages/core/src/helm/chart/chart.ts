// A chart in memory: what Helm's loader would see of an archive, with every file byte for byte.

import type { Digest } from '../../digest.ts'
import type { ArchiveEntry } from '../archive/entry.ts'
import type { ChartMetadata } from './metadata.ts'

/** A chart with its subcharts. */
export interface Chart {
  /**
   * Where it stands below the top chart: `''` for the top chart itself, `charts/redis/` for a folder,
   * `charts/redis-1.2.3.tgz!` for a nested archive. Put before a path of `files` it addresses one file of the archive,
   * as in `charts/a-1.0.0.tgz!charts/b/values.yaml`.
   */
  readonly address: string
  readonly metadata: ChartMetadata
  /**
   * The files of this chart alone, by their path below its folder, in archive order. Of duplicate entries the last
   * one, as Helm reads it. Files below `charts/` that belong to no subchart (`_*`, `.*`, `*.prov`) are kept too. A
   * byte order mark stays; Helm drops it.
   */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** In the order in which they first appear in the archive. */
  readonly subcharts: readonly Chart[]
}

/** Exactly one chart version. */
export interface ChartId {
  readonly name: string
  readonly version: string
}

/** A chart archive: the bytes, and the chart read from them. */
export interface ChartArchive {
  /** `name-version.tgz` unless the source had another name. */
  readonly fileName: string
  readonly bytes: Uint8Array
  readonly digest: Digest
  /** All entries of the archive, duplicates included, in order, with the top folder in their path. */
  readonly entries: readonly ArchiveEntry[]
  readonly chart: Chart
  /** The provenance file beside the archive, where there is one. */
  readonly provenance?: Uint8Array
  /** What is odd but not wrong: duplicate entries, for one. */
  readonly warnings: readonly string[]
}
