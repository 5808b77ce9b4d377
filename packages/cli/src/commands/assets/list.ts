// `chartferry assets list`: what `kops get assets` prints.

import { assetList } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { type AssetOptions, addAssetOptions, gatherAssets } from '../../flags/asset-options.ts'
import { addChartOptions } from '../../flags/chart-options.ts'
import { addOutputOptions } from '../../flags/output-options.ts'
import { addRegistryOptions } from '../../flags/registry-options.ts'
import { untilStopped } from '../../flags/stop-signal.ts'
import { formatAssets } from '../../print/assets.ts'
import { say } from '../../print/say.ts'

/** Adds the verb. */
export function addAssetsListCommand(assets: Command): void {
  const command = assets
    .command('list [chart...]')
    .summary('print canonical and download names')
    .description(
      'Print each image and file with its canonical name and the name it is had by, as `kops get assets` does.',
    )
  addOutputOptions(addRegistryOptions(addChartOptions(addAssetOptions(command))))
    .addHelpText(
      'after',
      `
Without --to images keep their names; without --file-repository files keep their URLs.

Example:
  $ chartferry assets list web-1.0.0.tgz --to registry.corp:5000/mirror
  $ chartferry assets list --files files.txt --file-repository s3://assets/kops -o yaml`,
    )
    .action((charts: string[], options: AssetOptions) => untilStopped((signal) => list(charts, options, signal)))
}

async function list(charts: readonly string[], options: AssetOptions, signal: AbortSignal): Promise<void> {
  const { images, files } = await gatherAssets(charts, options, signal)
  say(formatAssets(assetList(images, files), options))
}
