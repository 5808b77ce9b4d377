// Commands about the command line itself: they load the others to speak of them.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ChartferryError } from '@chartferry/core'
import { replaceFile } from '@chartferry/core/internal'
import type { Command } from 'commander'
import { commands } from '../commands.ts'
import { say, sayJson } from '../print/say.ts'
import { version } from '../version.ts'
import { complete } from './complete.ts'
import { completionScript, type Shell, shells } from './completion-script.ts'
import { formHelp, optionsPage } from './help-form.ts'
import { manPage } from './man-page.ts'

/** Opens the program with a command loaded, or with the names of all. */
export type OpenProgram = (name: string | undefined) => Promise<Command>

/** A command of this kind: what it is for, and its work. */
interface Builtin {
  readonly name: string
  /** Undefined: it stands in no list. */
  readonly summary?: string
  readonly usage: string
  readonly run: (args: readonly string[], open: OpenProgram) => Promise<void>
}

/** All of them, in the order of the help. */
export const builtins: readonly Builtin[] = [
  {
    name: 'help',
    summary: 'help for a command; `help options` for the common ones',
    usage: 'help [command] [--all]',
    run: printHelp,
  },
  {
    name: 'version',
    summary: 'print the version, with --json that of Node and the system, too',
    usage: 'version [--json]',
    run: printVersion,
  },
  {
    name: 'completion',
    summary: 'print what bash, zsh or fish reads to complete chartferry',
    usage: 'completion bash|zsh|fish',
    run: printCompletion,
  },
  {
    name: 'man',
    summary: 'print or write the pages of the manual',
    usage: 'man [command] [-d FOLDER]',
    run: printManual,
  },
  { name: 'complete', usage: 'complete -- [words...]', run: printWords },
]

/** All commands, those with verbs by their verbs. */
async function allCommands(open: OpenProgram): Promise<readonly Command[]> {
  const programs = await Promise.all(
    commands.map(async ({ name }) => (await open(name)).commands.find((one) => one.name() === name)),
  )
  return programs.flatMap((command) =>
    command === undefined ? [] : command.commands.length > 0 ? command.commands : [command],
  )
}

/** The command of these names, as `bundle create`. Throws USAGE. */
async function findCommand(names: readonly string[], open: OpenProgram): Promise<Command> {
  let command = await open(names[0])
  for (const name of names) {
    const below = command.commands.find((one) => one.name() === name)
    if (below === undefined)
      throw new ChartferryError('USAGE', `there is no command ${names.join(' ')}`, {
        hint: 'List them: chartferry help',
      })
    command = below
  }
  return command
}

async function printHelp(args: readonly string[], open: OpenProgram): Promise<void> {
  const names = args.filter((arg) => !arg.startsWith('-'))
  if (names.length === 1 && names[0] === 'options') {
    process.stdout.write(
      optionsPage(await allCommands(open), process.stdout.columns || Number(process.env.COLUMNS) || 80),
    )
    return
  }
  const about = builtins.find(({ name }) => name === names[0])
  if (about !== undefined) {
    say(`Usage: chartferry ${about.usage}\n\n${about.summary ?? ''}`)
    return
  }
  const command = await findCommand(names, open)
  if (args.includes('--all')) formHelp(command, true)
  command.outputHelp()
}

async function printVersion(args: readonly string[]): Promise<void> {
  const { platform, arch, versions } = process
  if (args.includes('--json')) sayJson({ version, node: versions.node, platform, arch })
  else say(version)
}

async function printCompletion([shell = '']: readonly string[]): Promise<void> {
  const isShell = (name: string): name is Shell => (shells as readonly string[]).includes(name)
  if (!isShell(shell))
    throw new ChartferryError('USAGE', `completion: the shell is one of ${shells.join(', ')}`, {
      hint: 'For bash: eval "$(chartferry completion bash)"',
    })
  process.stdout.write(completionScript(shell))
}

async function printWords(args: readonly string[], open: OpenProgram): Promise<void> {
  const listing: OpenProgram = async (name) => {
    const program = await open(name)
    if (name === undefined || !commands.some((command) => command.name === name)) return open(undefined)
    return program
  }
  const { words, also, isOpen } = await complete(args[0] === '--' ? args.slice(1) : args, listing)
  const mode = [...(also === undefined ? [] : [also]), ...(isOpen === true ? ['open'] : [])]
  say([...words, `:${mode.join(' ')}`].join('\n'))
}

async function printManual(args: readonly string[], open: OpenProgram): Promise<void> {
  const at = args.indexOf('-d')
  const folder = at < 0 ? undefined : args[at + 1]
  if (folder === undefined) {
    process.stdout.write(manPage(await findCommand(args, open), version))
    return
  }
  await mkdir(folder, { recursive: true })
  for (const command of [await open(undefined), ...(await allCommands(open))]) {
    const names: string[] = []
    for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name())
    await replaceFile(join(folder, `${names.join('-')}.1`), Buffer.from(manPage(command, version)))
  }
  say(folder)
}
