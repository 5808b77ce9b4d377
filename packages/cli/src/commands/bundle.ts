// `chartferry bundle`: charts, images and files in one file that crosses where no network does.
import type { Command } from 'commander'
import { addBundleCreateCommand } from './bundle/create.ts'
import { addBundleDiffCommand } from './bundle/diff.ts'
import { addBundleExtractCommand } from './bundle/extract.ts'
import { addBundleInspectCommand } from './bundle/inspect.ts'
import { addBundlePushCommand } from './bundle/push.ts'
import { addBundleServeCommand } from './bundle/serve.ts'
import { addBundleVerifyCommand } from './bundle/verify.ts'

/** Adds the command with its verbs. */
export function addBundleCommand(program: Command): void {
  const bundle = program
    .command('bundle')
    .description(
      'Charts, their images and files in one file: make it, look into it, carry it over, push it or serve it.',
    )
    .helpCommand(false)
    .addHelpText(
      'after',
      `
Example:
  $ chartferry bundle create web-1.0.0.tgz --file shop.ferry
  $ chartferry bundle push shop.ferry --to registry.plant.local:5000/shop`,
    )
  addBundleCreateCommand(bundle)
  addBundleInspectCommand(bundle)
  addBundleVerifyCommand(bundle)
  addBundlePushCommand(bundle)
  addBundleServeCommand(bundle)
  addBundleExtractCommand(bundle)
  addBundleDiffCommand(bundle)
}
