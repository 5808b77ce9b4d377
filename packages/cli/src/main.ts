// The command line: reads which command is called, and runs it.
import { Command, CommanderError } from 'commander'
import { commands } from './commands.ts'
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
    await program.parseAsync(withSummaries(args), { from: 'user' })
    return 0
  } catch (error) {
    // commander has printed its own words already.
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    const { reportError, reportUsage } = await import('./print/report-error.ts')
    const isJson = asksForJson(args)
    return error instanceof CommanderError ? reportUsage(error.message, isJson) : reportError(error, isJson)
  }
}

/** `--summary markdown FILE` in the one word that an option takes. */
function withSummaries(args: readonly string[]): readonly string[] {
  const joined: string[] = []
  for (let at = 0; at < args.length; at++) {
    const [word = '', form = '', file] = args.slice(at, at + 3)
    const isPair = word === '--summary' && /^(?:markdown|junit)$/.test(form) && file !== undefined
    joined.push(...(isPair ? [word, `${form}=${file}`] : [word]))
    if (isPair) at += 2
  }
  return joined
}

/** Whether the result is to be one JSON document; so are failures then. */
function asksForJson(args: readonly string[]): boolean {
  return args.some(
    (arg, at) =>
      arg === '--json' ||
      /^(?:-o|--output=)json$/.test(arg) ||
      (/^(?:-o|--output)$/.test(arg) && args[at + 1] === 'json'),
  )
}
