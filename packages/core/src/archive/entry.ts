// One entry of a chart archive, and what a safe path is.

/** A file or folder of a tar, as the archive has it. */
export interface ArchiveEntry {
  /** With `/`, relative, safe; a folder's path has no slash at its end. */
  readonly path: string
  readonly type: 'file' | 'directory'
  /** Permission bits. */
  readonly mode: number
  /** Seconds since 1970. */
  readonly mtime: number
  /** Empty for a folder. */
  readonly data: Uint8Array
}
