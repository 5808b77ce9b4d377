// What it takes to turn a part of the configuration file into settings: its place, its files, and where faults go.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf } from '@chartferry/core/internal'

export interface Reading {
  /** Tells a fault of this part; all of them are told together in the end. */
  tell(fault: string): void
  /** The same for a part below. */
  below(...path: readonly string[]): Reading
  /** The text with `${NAME}` replaced by the variable of that name. One that is not set is a fault. */
  expand(setting: string, value: string): string
  /** The text of a file, seen from the folder of the configuration; undefined, and a fault, when it cannot be read. */
  file(setting: string, path: string): Promise<string | undefined>
  /** The absolute path of a file. */
  path(name: string): string
  /** As `file`, for one that is no text. */
  bytes(setting: string, path: string): Promise<Uint8Array | undefined>
  /** A file that holds a secret: as `file`, without the line break at its end. An empty one is a fault. */
  secretFile(setting: string, path: string): Promise<string | undefined>
}

export interface ReadingOptions {
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly tell: (path: readonly string[], fault: string) => void
  /** Told of each file, by its absolute path, whether it is there or not. */
  readonly onFile: (path: string) => void
}

const unreadable: Readonly<Record<string, string>> = {
  ENOENT: 'there is no file',
  EACCES: 'the server may not read the file',
  EISDIR: 'this is a folder, no file:',
}

/** Why a file cannot be read, and which one. */
function wordsOf(thrown: unknown, file: string): string {
  const words = unreadable[(thrown as NodeJS.ErrnoException).code ?? '']
  return words === undefined ? messageOf(thrown) : `${words} ${file}`
}

/** Reads the part of the file at the path. */
export function readingAt(path: readonly string[], options: ReadingOptions): Reading {
  const { folder, environment } = options
  const tell = (fault: string): void => options.tell(path, fault)
  const bytes = (setting: string, name: string): Promise<Buffer | undefined> => {
    const absolute = resolve(folder, name)
    options.onFile(absolute)
    return readFile(absolute).catch((thrown: unknown) => {
      tell(`${setting}: ${wordsOf(thrown, absolute)}`)
      return undefined
    })
  }
  const file = async (setting: string, name: string): Promise<string | undefined> =>
    (await bytes(setting, name))?.toString()
  return {
    tell,
    below: (...more) => readingAt([...path, ...more], options),
    expand: (setting, value) =>
      value.replace(/\$\{(\w+)\}/g, (_, name: string) => {
        const found = environment[name]
        if (found === undefined) tell(`${setting} names the variable ${name}, which is not set`)
        return found ?? ''
      }),
    file,
    path: (name) => resolve(folder, name),
    bytes,
    secretFile: async (setting, name) => {
      const secret = (await file(setting, name))?.replace(/\r?\n$/, '')
      if (secret === '') tell(`${setting}: ${name} is empty`)
      return secret
    },
  }
}
