// `chartferry bundle verify`: every byte of a bundle, and whether it is complete.

import { ChartferryError } from '@chartferry/core'
import { count } from '@chartferry/core/internal'
import { verifyBundle } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { addBundleOptions, type BundleOptions, withBundle } from '../../flags/bundle-options.ts'
import { addOutputOptions, type OutputOptions } from '../../flags/output-options.ts'
import { untilStopped } from '../../flags/stop-signal.ts'
import { formatMissing } from '../../print/bundle.ts'
import { formatBytes } from '../../print/copy-progress.ts'
import { openProgress } from '../../print/progress.ts'
import { say, sayJson } from '../../print/say.ts'

type VerifyOptions = BundleOptions & OutputOptions

/** Adds the command. */
export function addBundleVerifyCommand(bundle: Command): void {
  const command = bundle
    .command('verify <file>')
    .summary('read every byte of a bundle, and see that nothing is missing')
    .description(
      'Compare every blob of a bundle with its digest, and see that everything it names is inside, every image that its charts can run among it.',
    )
  addOutputOptions(addBundleOptions(command))
    .addHelpText(
      'after',
      `
Example:
  $ chartferry bundle verify shop.ferry`,
    )
    .action((file: string, options: VerifyOptions) => untilStopped((signal) => verify(file, options, signal)))
}

async function verify(file: string, options: VerifyOptions, signal: AbortSignal): Promise<void> {
  const progress = openProgress({ quiet: options.quiet === true })
  const { report } = progress
  report({ type: 'stage-started', chart: file, stage: 'verify' })
  try {
    const found = await withBundle(file, options, (bundle) =>
      verifyBundle(bundle, {
        signal,
        onProgress: (done, total) => report({ type: 'read-progress', chart: file, done, total }),
      }),
    )
    progress.close()
    const { blobs, bytes, absent, missing } = found
    const wanting = missing.filter(({ rendered }) => rendered)
    if (options.json === true && wanting.length === 0) sayJson(found)
    if (options.json !== true) {
      const left =
        absent === 0
          ? ''
          : ` · ${count(absent, 'blob is', 'blobs are')} in the base alone and ${absent === 1 ? 'was' : 'were'} not read`
      say(`${file}  ${count(blobs, 'blob')}, ${formatBytes(bytes)}: every digest is right${left}`)
      for (const line of formatMissing(missing)) say(line)
    }
    if (wanting.length > 0)
      throw new ChartferryError(
        'BUNDLE_INCOMPLETE',
        `${file}: not inside: ${wanting.map(({ image, chart }) => `${image} of ${chart}`).join(', ')}`,
        { details: { done: found } },
      )
  } finally {
    progress.close()
  }
}
