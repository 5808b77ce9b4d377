// The command line: which commands there are. Each is loaded when it is called, so that `--help` answers at once.
import { version } from '@chartferry/core'
import { Command, CommanderError } from 'commander'
import { addChartMuseumCommand } from './commands/chartmuseum.ts'
import { addCopyCommand } from './commands/copy.ts'
import { addImagesCommand } from './commands/images.ts'
import { addLoginCommands } from './commands/login.ts'
import { addPullCommand } from './commands/pull.ts'
import { addPushCommand } from './commands/push.ts'
import { addRelocateCommand } from './commands/relocate.ts'
import { addServeCommand } from './commands/serve.ts'
import { addTemplateCommand } from './commands/template.ts'
import { addVerifyCommand } from './commands/verify.ts'
import { exitCodes } from './options/exit-codes.ts'
import { reportError } from './ui/report-error.ts'

/** Runs one command line and gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('chartferry')
    .description('Moves Helm charts and their images to where your clusters can reach them, and proves it.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    // `--version` behind a command is the chart's, as helm has it.
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .addHelpText('beforeAll', '')
    .addHelpText(
      'after',
      `
Example:
  $ chartferry relocate ingress-nginx/ingress-nginx --to registry.corp:5000/mirror -d out/

Exit codes follow the kind of failure; each error has a code: docs/errors.md`,
    )
  addImagesCommand(program)
  addRelocateCommand(program)
  addTemplateCommand(program)
  addCopyCommand(program)
  addPushCommand(program)
  addPullCommand(program)
  addLoginCommands(program)
  addVerifyCommand(program)
  addServeCommand(program)
  addChartMuseumCommand(program)
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    // commander has printed its own words already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.invalid
    return reportError(error)
  }
}
