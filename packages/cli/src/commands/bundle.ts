// `chartferry bundle`: what can be done with charts and images in one file.
import type { Command } from 'commander'
import { addServeCommand } from './bundle/serve.ts'

/** Adds the commands of bundles. */
export function addBundleCommand(program: Command): void {
  const bundle = program
    .command('bundle')
    .description('Carry charts, their images and files across an air gap in one file.')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .enablePositionalOptions()
  addServeCommand(bundle)
}
