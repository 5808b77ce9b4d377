// `chartferry assets`: charts, images and files as kOps knows its assets: listed, and copied to where clusters reach
// them.
import type { Command } from 'commander'
import { addAssetsCopyCommand } from './assets/copy.ts'
import { addAssetsListCommand } from './assets/list.ts'

/** Adds the command with its verbs. */
export function addAssetsCommand(program: Command): void {
  const assets = program
    .command('assets')
    .description(
      'List images of charts, other images, and files by their URLs: where each comes from, and its new address.',
    )
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .addHelpText(
      'after',
      `
Example:
  $ chartferry assets list --files files.txt --file-repository https://s3.eu-west-1.amazonaws.com/assets
  $ chartferry assets copy web-1.0.0.tgz --to registry.corp:5000/mirror`,
    )
  addAssetsListCommand(assets)
  addAssetsCopyCommand(assets)
}
