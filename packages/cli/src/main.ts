// The command line: reads which command is called, and runs it.
import { Command, CommanderError } from 'commander'
import { commands } from './commands.ts'
import { exitCodes } from './flags/exit-codes.ts'
import { keepYoungMemorySmall } from './gc-tuning.ts'
import { version } from './version.ts'

/**
 * The program with the command of this name, its options and its help; with the names of all commands where it has none.
 * A command is loaded only when it is called.
 */
export async function openProgram(name: string | undefined): Promise<Command> {
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
  const called = commands.find((command) => command.name === name)
  if (called === undefined) for (const { name, summary } of commands) program.command(name).summary(summary)
  else (await called.load())(program)
  return program
}

/** Runs one command line and gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  if (commands.find(({ name }) => name === args[0])?.smallMemory === true) keepYoungMemorySmall()
  const program = await openProgram(args[0])
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    // commander has printed its own words already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.invalid
    return (await import('./print/report-error.ts')).reportError(error)
  }
}
