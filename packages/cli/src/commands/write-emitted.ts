// Writes files for other tools: printed, into a folder, or merged into a file that is there.

import { chmod, readFile, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { ChartferryError } from '@chartferry/core'
import { replaceFile } from '@chartferry/core/internal'
import { type EmittedFile, mergerOf } from '@chartferry/core/transfer'
import { say, sayJson } from '../print/say.ts'

/** What these flags give. */
export interface WriteEmittedOptions {
  readonly destination?: string
  readonly merge?: string
  readonly json?: boolean
  readonly quiet?: boolean
}

/**
 * Prints one file, or writes all of them. What stood in a file before lies beside it afterwards, as `FILE~`. Throws
 * USAGE where there are several files and no folder, or nothing to merge with.
 */
export async function writeEmitted(files: readonly EmittedFile[], options: WriteEmittedOptions): Promise<void> {
  const { destination, merge, json } = options
  const [first, ...others] = files
  if (merge !== undefined) return mergeInto(merge, first, others, options)
  if (destination !== undefined) {
    for (const file of files) await writeOver(join(destination, ...file.path.split('/')), file, options)
    if (json === true) sayJson({ files: files.map(({ path }) => join(destination, path)) })
    else for (const { path } of files) say(join(destination, path))
    return
  }
  if (json === true) {
    sayJson({ files: files.map(({ path, text }) => ({ path, text })) })
    return
  }
  if (others.length > 0) {
    throw new ChartferryError('USAGE', `there are ${files.length} files: ${files.map(({ path }) => path).join(', ')}`, {
      hint: 'Give a folder for them with -d.',
    })
  }
  process.stdout.write(first?.text ?? '')
}

async function mergeInto(
  path: string,
  file: EmittedFile | undefined,
  others: readonly EmittedFile[],
  options: WriteEmittedOptions,
): Promise<void> {
  const merge = file === undefined ? undefined : mergerOf(file.path)
  if (file === undefined || merge === undefined)
    throw new ChartferryError('USAGE', `--merge ${path}: files of this format hold nothing of others`, {
      hint: 'Give a folder with -d instead.',
    })
  const existing = await textIfThere(path)
  await writeOver(
    path,
    { ...file, text: existing === undefined ? file.text : merge(existing, file.text, path) },
    { quiet: true },
  )
  for (const other of others)
    if (options.quiet !== true) console.error(`! ${path}: this belongs beside it, as ${other.path}:\n${other.text}`)
  say(path)
}

async function writeOver(path: string, file: EmittedFile, { quiet }: WriteEmittedOptions): Promise<void> {
  const existing = await textIfThere(path)
  if (existing === file.text) return
  if (existing !== undefined) {
    await rename(path, `${path}~`)
    if (quiet !== true)
      console.error(`! ${path}: it was there already and is replaced; what stood in it is in ${basename(path)}~`)
  }
  await replaceFile(path, new TextEncoder().encode(file.text))
  if (file.isExecutable === true) await chmod(path, 0o755)
}

async function textIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new ChartferryError('FILE_NOT_FOUND', `${path}: cannot be read`, { cause })
  }
}
