// PORT: the charts of hosted repositories, as they are read and changed.
import type { StoredFile } from '../cache/archive-cache.ts'
import type { PushLimits } from '../config/config.ts'
import type { HostedFile, HostedProvenance, HostedVersion, RepositoryState } from './repository-state.ts'

/** What is pushed together is there together or not at all. */
export interface Push {
  readonly archive?: { readonly version: HostedVersion; readonly bytes: Uint8Array }
  readonly provenance?: {
    /** Of the archive it belongs to. */
    readonly file: string
    readonly bytes: Uint8Array
    /** The digest of the archive that it speaks of, where it says so. */
    readonly subject?: string
  }
}

/** A file of another server's folder, which stays where it is. */
export interface TakenFile {
  /** As it is called there. */
  readonly name: string
  /** Changes when the file does; undefined when there is no such file any more. */
  readonly stamp: string | undefined
  /** What is in it; absent where there is nothing. */
  readonly push?: Push
  /** The key under which the one who takes it finds its bytes; no key of this store's. */
  readonly place: string
}

export interface PushRules extends Omit<PushLimits, 'overwrite'> {
  /** Whether what is there already is replaced. Default: false, and VERSION_EXISTS is thrown. */
  readonly overwrite?: boolean
}

/** A repository as it is now. It changes when the repository does: read it before you wait for anything. */
export type HostedView = Pick<
  RepositoryState,
  'number' | 'revision' | 'modified' | 'charts' | 'files' | 'provenances' | 'taken'
>

/** All methods throw STORE_UNAVAILABLE, and REPOSITORY_NOT_FOUND for a name that no repository can have. */
export interface HostedStore {
  /** What is there. With `fresh` also what other processes have done just now. A repository without charts is empty. */
  view(repository: string, options?: { readonly fresh?: boolean }): Promise<HostedView>
  /** Whether the last view is what was there before the store went away: then nobody knows what is there now. */
  isStale(repository: string): boolean
  /** Throws VERSION_EXISTS, REPOSITORY_FULL. */
  push(repository: string, push: Push, rules?: PushRules): Promise<void>
  /** Takes a version away, with its provenance. Throws VERSION_NOT_FOUND. */
  remove(repository: string, version: { readonly name: string; readonly version: string }): Promise<void>
  /**
   * Takes files over that were not taken as they are now. What was pushed stays; what was taken from the same place is
   * replaced, or goes when the file is gone.
   */
  takeOver(repository: string, files: readonly TakenFile[]): Promise<void>
  archive(version: HostedFile): StoredFile
  provenance(provenance: HostedProvenance): StoredFile
  /** Removes what no version needs any more and nobody can be about to need; gives how many bytes files went. */
  collectGarbage(): Promise<number>
  /** Waits for work that nobody waits for. */
  settle(): Promise<void>
}
