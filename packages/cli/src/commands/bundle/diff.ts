// `chartferry bundle diff`: what one bundle has and another has not.
import { type Bundle, diffBundles } from '@chartferry/core/transfer'
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
    .description('Print the charts, images and files in which two bundles differ, and how many bytes that is.')
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
          const base = baseOf(second)
          say(
            options.json === true
              ? JSON.stringify({ ...difference, ...(base === undefined ? {} : { base }) }, null, 2)
              : formatDifference(difference, base),
          )
        }),
      ),
    )
}

/** What the second bundle leaves to the one that it was made on top of. */
function baseOf({
  contents: { base },
}: Bundle): { readonly digest: string; readonly blobs: number; readonly bytes: number } | undefined {
  if (base === undefined) return undefined
  return { digest: base.digest, blobs: base.absent.length, bytes: base.absent.reduce((sum, { size }) => sum + size, 0) }
}
