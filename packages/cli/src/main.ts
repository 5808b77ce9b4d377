// The command line: reads which command is called, and runs it.
import { Command, CommanderError } from 'commander'
import { commands } from './commands.ts'
import { keepYoungMemorySmall } from './gc-tuning.ts'
import { builtins } from './help/builtins.ts'
import { flagsElsewhere, readDeclaredFlags } from './help/flag-defaults.ts'
import { withPresentNames } from './help/former-flags.ts'
import { formHelp } from './help/help-form.ts'
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
    .addHelpText('beforeAll', '')
    .addHelpText(
      'after',
      `
Example:
  $ chartferry relocate ingress-nginx/ingress-nginx --to registry.corp:5000/mirror -d out/

Exit codes follow the kind of failure; each error has a code: docs/errors.md`,
    )
  const called = commands.find((command) => command.name === name)
  if (called !== undefined) (await called.load())(program)
  else
    for (const { name, summary } of [...commands, ...builtins])
      if (summary !== undefined) program.command(name).summary(summary)
  return formHelp(program)
}

/** Runs one command line and gives the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  if (commands.find(({ name }) => name === args[0])?.smallMemory === true) keepYoungMemorySmall()
  try {
    const builtin = builtins.find(({ name }) => name === args[0])
    if (builtin !== undefined) {
      await builtin.run(args.slice(1), openProgram)
      return 0
    }
    const program = await openProgram(args[0])
    await program.parseAsync(await withFlags(program, withSummaries(withPresentNames(args))), { from: 'user' })
    return 0
  } catch (error) {
    // commander has printed its own words already.
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    const { reportError, reportUsage } = await import('./print/report-error.ts')
    const isJson = asksForJson(args)
    return error instanceof CommanderError ? reportUsage(error.message, isJson) : reportError(error, isJson)
  }
}

/** The arguments with the flags that the environment and chartferry.yaml give, behind the names of the command. */
async function withFlags(program: Command, args: readonly string[]): Promise<readonly string[]> {
  let command = program
  let depth = 0
  for (; command.commands.length > 0; depth++) {
    const below = command.commands.find((one) => one.name() === args[depth])
    if (below === undefined) return args
    command = below
  }
  // ChartMuseum's flags and variables are its own.
  if (depth === 0 || args[0] === 'chartmuseum') return args
  const elsewhere = flagsElsewhere(command, args.slice(depth), {
    environment: process.env,
    ...(await readDeclaredFlags(args)),
  })
  return [...args.slice(0, depth), ...elsewhere, ...args.slice(depth)]
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
