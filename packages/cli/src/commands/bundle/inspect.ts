// `chartferry bundle inspect`: what a bundle holds.

import { describeBundle } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { addBundleOptions, type BundleOptions, withBundle } from '../../flags/bundle-options.ts'
import { addOutputOptions, type OutputOptions } from '../../flags/output-options.ts'
import { formatBundle } from '../../print/bundle.ts'
import { say } from '../../print/say.ts'

/** Adds the command. */
export function addBundleInspectCommand(bundle: Command): void {
  const command = bundle
    .command('inspect <file>')
    .summary('what a bundle holds: charts, images with sizes and platforms, files')
    .description('Print what a bundle holds. Names and manifests are read; `bundle verify` reads every byte.')
  addOutputOptions(addBundleOptions(command))
    .addHelpText(
      'after',
      `
Example:
  $ chartferry bundle inspect shop.ferry`,
    )
    .action((file: string, options: BundleOptions & OutputOptions) =>
      withBundle(file, options, async (opened) => {
        const description = await describeBundle(opened)
        say(options.json === true ? JSON.stringify(description, null, 2) : formatBundle(file, description))
      }),
    )
}
