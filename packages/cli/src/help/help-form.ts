// How help looks: a screen for each command, and one page for the options that many commands share.
import type { Command, Option } from 'commander'

/** Groups of options that are shown on the page of common options alone. */
const commonGroups: readonly string[] = [
  'Which chart:',
  'How it is rendered:',
  'How registries are reached:',
  'How images are copied:',
  'What is printed:',
  'Help:',
]

/** Whether an option stands on the page of common options. */
export function isCommon({ helpGroupHeading = '' }: Option): boolean {
  return commonGroups.includes(helpGroupHeading)
}

/** Gives a command and those below it the form of all help. With `whole`, common options are shown, too. */
export function formHelp(command: Command, whole = false): Command {
  command.configureHelp({
    sortSubcommands: false,
    showGlobalOptions: false,
    visibleOptions: (shown) => shown.options.filter((option) => !option.hidden && (whole || !isCommon(option))),
    optionDescription: describeOption,
  })
  const hidden = groupsOf(command.options.filter((option) => !option.hidden && isCommon(option)))
  const isLeaf = command.commands.length === 0
  if (isLeaf && !whole && hidden.length > 0)
    command.addHelpText(
      'after',
      `\nCommon options (${hidden.map((group) => group.replace(/:$/, '').toLowerCase()).join('; ')}):\n  $ chartferry help options\n  $ chartferry help ${pathOf(command)} --all`,
    )
  for (const below of command.commands) formHelp(below, whole)
  return command
}

/** Groups in their order, without those of help itself. */
function groupsOf(options: readonly Option[]): readonly string[] {
  const present = new Set(options.map(({ helpGroupHeading }) => helpGroupHeading))
  return commonGroups.filter((group) => group !== 'Help:' && present.has(group))
}

/** What it says, its choices, and its default where the words do not say it. */
export function describeOption({ description, argChoices, defaultValue }: Option): string {
  const isTold = /\(default: /.test(description)
  const isPlain = typeof defaultValue === 'string' && defaultValue !== ''
  return [
    description,
    ...(argChoices === undefined ? [] : [`(one of ${argChoices.join(', ')})`]),
    ...(isPlain && !isTold ? [`(default: ${defaultValue})`] : []),
  ].join(' ')
}

/** `bundle create`. */
export function pathOf(command: Command): string {
  const names: string[] = []
  for (let one: Command | null = command; one !== null && one.parent !== null; one = one.parent)
    names.unshift(one.name())
  return names.join(' ')
}

/** The page of common options: each group with its options, from all the commands given. */
export function optionsPage(commands: readonly Command[], width: number): string {
  const blocks = groupsOf(commands.flatMap(({ options }) => options)).map((group) => {
    const shown = new Map<string, string>()
    for (const { options } of commands)
      for (const option of options)
        if (option.helpGroupHeading === group && !option.hidden && !shown.has(option.flags))
          shown.set(option.flags, describeOption(option))
    return `${group}\n${[...shown].map(([flags, text]) => entry(flags, text, width)).join('\n')}`
  })
  return `Options that many commands share. Which of them a command takes: chartferry help COMMAND --all

${blocks.join('\n\n')}

Each flag of each command can stand in the environment: --plain-http is CHARTFERRY_PLAIN_HTTP=true, --to is CHARTFERRY_TO.
And below flags: in a chartferry.yaml, the one of --config or else of the working folder:

  flags:
    plain-http: true
    platform: [linux/amd64, linux/arm64]

The command line counts before the environment, the environment before the file.
`
}

const column = 32

function entry(flags: string, text: string, width: number): string {
  const room = Math.max(20, width - column)
  const lines = [...text.matchAll(new RegExp(`.{1,${room}}(?:\\s+|$)`, 'g'))].map(([line]) => line.trimEnd())
  const [first = '', ...rest] = lines
  const head = `  ${flags}`
  const start = head.length < column - 1 ? `${head.padEnd(column)}${first}` : `${head}\n${' '.repeat(column)}${first}`
  return [start, ...rest.map((line) => ' '.repeat(column) + line)].join('\n')
}
