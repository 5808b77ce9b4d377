// PORT: what the server answers for its repositories. Behaviours are wrappers of this port.
import type { Digest } from '@chartferry/core'
import type { Caller } from '../auth/access.ts'
import type { StoredFile } from '../cache/archive-cache.ts'
import type { IndexSnapshot } from './index-snapshot.ts'
import type { VersionChange } from './version-change.ts'

/**
 * How an answer came about: from what we have, fetched now, confirmed by the upstream now, or one that we had because the
 * upstream failed.
 */
export type CacheState = 'HIT' | 'MISS' | 'REVALIDATED' | 'STALE'

/** Who asks: a group shows them no more than what they may pull from its members. */
export interface AskedBy {
  /** Default: nobody that is known. */
  readonly caller?: Caller | undefined
}

export interface AskOptions extends AskedBy {
  /** Stops the waiting of this caller; never the work that others wait for too. */
  readonly signal?: AbortSignal | undefined
  /** The servers that the question has come through. Default: none. */
  readonly via?: string | undefined
  /** An index that we have will do, however old. Default: false. */
  readonly anyAge?: boolean
}

export interface IndexAnswer {
  readonly snapshot: IndexSnapshot
  /** Absent for repositories that have no upstream. */
  readonly cache?: CacheState
  /** Milliseconds since the index was known to be current. Absent for repositories that have no upstream. */
  readonly age?: number
}

/** Which state of an index would be answered, told without reading it. */
export interface IndexRevision extends Omit<IndexAnswer, 'snapshot'> {
  /** Equal ones of a repository mean equal indexes. */
  readonly revision: string
}

export interface FileAnswer {
  readonly file: StoredFile
  /** What is proven of a relocated archive. Absent for all others. */
  readonly proof?: string
  readonly cache?: CacheState
  /** Whether the path can never mean other bytes. */
  readonly immutable: boolean
}

export interface ChartRepository {
  /** Throws REPOSITORY_NOT_FOUND, and what the upstream's failure is when there is nothing to serve instead. */
  index(repository: string, options?: AskOptions): Promise<IndexAnswer>
  /** As `index`, but undefined where only reading tells. Default: that is always so. */
  revision?(repository: string, options?: AskOptions): Promise<IndexRevision | undefined>
  /**
   * `path` is what stands behind `charts/` in a URL of the index. Throws as `index`, CHART_NOT_FOUND, DIGEST_MISMATCH,
   * UPSTREAM_INVALID.
   */
  archive(repository: string, path: string, options?: AskOptions): Promise<FileAnswer>
  /** `path` is the archive's. Throws as `archive`; CHART_NOT_FOUND when there is no provenance. */
  provenance(repository: string, path: string, options?: AskOptions): Promise<FileAnswer>
  /**
   * Whether the archive at a path is shown to the caller while it is these bytes: filters, inspections and groups may
   * hide it. Asks no upstream for what is here. Default: it is.
   */
  shows?(repository: string, path: string, digest: Digest, options?: AskOptions): Promise<boolean>
  /** Versions that changed under their names, the last one first. Throws REPOSITORY_NOT_FOUND. */
  changes(repository: string, options?: AskedBy): Promise<readonly VersionChange[]>
  /** What to tell people; asks no upstream. Throws REPOSITORY_NOT_FOUND. */
  status(repository: string, options?: AskedBy): Promise<RepositoryStatus>
}

/** One line of the list of repositories. */
export interface RepositoryStatus {
  readonly name: string
  readonly kind: 'hosted' | 'proxy' | 'group' | 'relocated' | 'bundle'
  /**
   * The upstream without secrets, the members of a group, the file of a bundle, or what to do with a hosted repository.
   */
  readonly source: string
  /** `12 charts`, `not fetched yet`, `unreachable (DNS)`. */
  readonly state: string
  /** How many charts and versions its index has; absent where that is not known without asking. */
  readonly charts?: number
  readonly versions?: number
  /** Milliseconds since 1970: when the upstream last said that the index is current. */
  readonly checkedAt?: number
  /** How many charts and versions the upstream refuses while it gives others; absent as `charts` is. */
  readonly refused?: number
  /** Why the upstream was not heard the last time, in a few words. */
  readonly failure?: string
}

/** A behaviour put around a repository. */
export type Wrap = (next: ChartRepository) => ChartRepository
