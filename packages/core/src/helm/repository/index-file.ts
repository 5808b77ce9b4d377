// The model of an index file: the charts of one repository, their versions newest first.
import type { Digest } from '../../digest.ts'

/** One chart version as the index file tells of it. */
export interface ChartVersion {
  readonly name: string
  readonly version: string
  /** As the index file has them: absolute, or relative to the repository's URL. Helm uses the first one only. */
  readonly urls: readonly string[]
  /** Absent where the index file has none, or one that is no SHA-256. */
  readonly digest?: Digest
  /** RFC 3339, as the index file has it. */
  readonly created?: string
  /**
   * Everything else the entry says, name and version included, in the types that Helm decodes it to, so that serving
   * it again loses nothing. Fields that Helm does not know are kept as they are.
   */
  readonly fields: Readonly<Record<string, unknown>>
}

/** An entry that was not taken over, and why. */
export interface SkippedEntry {
  /** The key of `entries`. */
  readonly chart: string
  /** Where the entry says so. */
  readonly version?: string
  readonly reason: string
}

/** An index file whose bad entries are left out. */
export interface IndexFile {
  readonly apiVersion: string
  /** RFC 3339. */
  readonly generated?: string
  /** By the key of `entries`, which is what Helm shows and takes; the names inside may differ. */
  readonly entries: ReadonlyMap<string, readonly ChartVersion[]>
  /** Uninterpreted by Helm. */
  readonly annotations?: Readonly<Record<string, string>>
  readonly publicKeys?: readonly string[]
  /** ChartMuseum's own: `contextPath`. */
  readonly serverInfo?: Readonly<Record<string, unknown>>
  /** In the order of the file. */
  readonly skipped: readonly SkippedEntry[]
}
