// `chartferry bundle diff`: what one bundle has and another has not.

import { diffBundles } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { withBundle } from '../../flags/bundle-options.ts'
import { addOutputOptions, type OutputOptions } from '../../flags/output-options.ts'
import { formatDifference } from '../../print/bundle.ts'
import { say } from '../../print/say.ts'

/** Adds the command. */
export function addBundleDiffCommand(bundle: Command): void {
  const command = bundle
    .command('diff <before> <after>')
    .summary('what is new, gone or changed between two bundles')
    .description(
      'Print the charts, images and files that two bundles do not have alike, and the bytes that that makes.',
    )
  addOutputOptions(command)
    .addHelpText(
      'after',
      `
Example:
  $ chartferry bundle diff last-month.ferry shop.ferry`,
    )
    .action((before: string, after: string, options: OutputOptions) =>
      withBundle(before, {}, (first) =>
        withBundle(after, {}, async (second) => {
          const difference = diffBundles(first.contents, second.contents)
          say(options.json === true ? JSON.stringify(difference, null, 2) : formatDifference(difference))
        }),
      ),
    )
}
