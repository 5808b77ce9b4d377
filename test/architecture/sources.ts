// Reads the sources of a package: their lines, what they import, and the threads that they start.
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** A source file and what it reaches. */
export interface SourceFile {
  /** Below `src`, with `/`. */
  readonly path: string
  readonly text: string
  /** Names of packages, as they are written. */
  readonly packages: readonly string[]
  /** Files below `src`, or `../…` where an import leaves it; the files of threads and child processes among them. */
  readonly files: readonly string[]
}

/** All `.ts` files below a folder, by their paths. */
export function readTexts(source: string): ReadonlyMap<string, string> {
  const paths = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  return new Map(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(source, path), 'utf8')]))
}

/** What each file reaches, by its text. A file of a thread whose name is put together (`./${name}-worker`) is any that fits. */
export function readSources(texts: ReadonlyMap<string, string>): readonly SourceFile[] {
  return [...texts].map(([path, text]) => {
    const names = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '')
    const folder = posix.dirname(path)
    const near = names.filter((name) => name.startsWith('.')).map((name) => posix.normalize(posix.join(folder, name)))
    const threads = [...text.matchAll(/new URL\(\s*[`'](\.{1,2}\/[^`']+)[`'],\s*import\.meta\.url/g)].flatMap((match) =>
      filesOfThread(posix.normalize(posix.join(folder, match[1] ?? '')), [...texts.keys()]),
    )
    return { path, text, packages: names.filter((name) => !name.startsWith('.')), files: [...near, ...threads] }
  })
}

/** The files that a text of a path may mean: `${…}` stands for any piece of a name, and for the ending. */
function filesOfThread(written: string, paths: readonly string[]): readonly string[] {
  const pattern = written
    .split(/\$\{[^}]*\}/)
    .map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]*')
  const exact = new RegExp(`^${pattern}$`)
  return paths.filter((path) => exact.test(path))
}
