// `chartferry bundle extract`: charts and files of a bundle into a folder.

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { ChartferryError } from '@chartferry/core'
import { replaceFile } from '@chartferry/core/internal'
import type { ContentStream } from '@chartferry/core/oci'
import { type Bundle, directorySink, type FileEntry } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { addBundleOptions, type BundleOptions, withBundle } from '../../flags/bundle-options.ts'
import { addOutputOptions, type OutputOptions } from '../../flags/output-options.ts'
import { untilStopped } from '../../flags/stop-signal.ts'
import { say } from '../../print/say.ts'

interface ExtractOptions extends BundleOptions, OutputOptions {
  readonly destination: string
}

/** Adds the command. */
export function addBundleExtractCommand(bundle: Command): void {
  const command = bundle
    .command('extract <file> [name...]')
    .summary('charts and files of a bundle into a folder')
    .description(
      'Write the original charts of a bundle, with their provenance, and its files into a folder; with names, those alone. Images are pushed with `bundle push`.',
    )
    .option('-d, --destination <folder>', 'folder for charts and files', '.')
  addOutputOptions(addBundleOptions(command))
    .addHelpText(
      'after',
      `
Example:
  $ chartferry bundle extract shop.ferry -d out/
  $ chartferry bundle extract shop.ferry web -d out/`,
    )
    .action((file: string, names: string[], options: ExtractOptions) =>
      untilStopped((signal) => withBundle(file, options, (opened) => extract(opened, names, options, signal))),
    )
}

async function extract(
  bundle: Bundle,
  names: readonly string[],
  options: ExtractOptions,
  signal: AbortSignal,
): Promise<void> {
  const { contents, charts } = bundle
  const isWanted = ({ name }: { readonly name: string }): boolean => names.length === 0 || names.includes(name)
  const known = new Set([...contents.charts, ...contents.files].map(({ name }) => name))
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined)
    throw new ChartferryError('FILE_NOT_FOUND', `${bundle.name}: there is no chart or file ${unknown}`, {
      hint: `The bundle holds: ${[...known].join(', ')}.`,
    })
  const sink = directorySink(options.destination)
  const written: string[] = []
  for (const chart of contents.charts.filter(isWanted))
    written.push(await sink.put(await charts.fetch(chart, { signal })))
  for (const file of contents.files.filter(isWanted)) {
    const path = join(options.destination, file.name)
    await replaceFile(path, compared(bundle, file, await bundle.openFile(file)))
    written.push(path)
  }
  say(options.json === true ? JSON.stringify({ files: written }, null, 2) : written.join('\n'))
}

/** The bytes of a file; throws at its end where they have another digest, so that nothing gets its name. */
async function* compared(
  { name: bundle }: Bundle,
  { name, digest }: FileEntry,
  body: ContentStream,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const piece of body) {
    hash.update(piece)
    yield piece
  }
  const actual = `sha256:${hash.digest('hex')}`
  if (actual !== digest)
    throw new ChartferryError('DIGEST_MISMATCH', `${bundle}: file ${name}: expected ${digest}, got ${actual}`)
}
