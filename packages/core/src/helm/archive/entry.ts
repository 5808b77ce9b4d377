// One entry of a chart archive, and what a safe path is.
import { ChartferryError } from '../../errors.ts'

/** A file or folder of a tar, as the archive has it. */
export interface ArchiveEntry {
  /**
   * With `/`, relative, safe; a folder's path has no slash at its end. The first part is the top folder, `.` in some
   * archives.
   */
  readonly path: string
  /**
   * The name as the tar spells it, where that is not `path` (a folder: `path/`): with `\`, or with empty or `.`
   * parts. Default: none.
   */
  readonly rawPath?: string
  readonly type: 'file' | 'directory'
  /** Permission bits. */
  readonly mode: number
  /** Seconds since 1970. */
  readonly mtime: number
  /** Empty for a folder. */
  readonly data: Uint8Array
}

const drive = /^[A-Za-z]:/

/**
 * The safe path of a name in a tar: `\` separates where the name has no `/`, and empty and `.` parts below the top
 * folder are dropped, both as Helm's loader has it. Throws PATH_UNSAFE for what Helm refuses and, beyond Helm, for
 * every `..` part, an absolute name, a name with both separators (Helm would take all before the first `\` for the
 * top folder) and a NUL. `where` begins the message.
 */
export function safePath(where: string, name: string): string {
  const refuse = (why: string): ChartferryError =>
    new ChartferryError('PATH_UNSAFE', `${where}: entry ${JSON.stringify(name)} ${why}`)
  if (name === '') throw refuse('has no name')
  if (name.includes('\0')) throw refuse('contains a NUL')
  const windows = name.includes('\\')
  if (windows && name.includes('/')) throw refuse('mixes / and \\')
  const [top = '', ...rest] = name.split(windows ? '\\' : '/')
  const below = rest.filter((part) => part !== '' && part !== '.')
  if (top === '') throw refuse('is an absolute path')
  if (top === '..' || below.includes('..') || below[0]?.startsWith('..')) throw refuse('leaves the chart folder')
  if (drive.test(top) || below.some((part) => drive.test(part) && part.length === 2)) throw refuse('names a drive')
  return [top, ...below].join('/')
}
