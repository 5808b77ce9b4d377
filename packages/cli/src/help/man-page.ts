// A page of the manual for a command, in the language of man: made from the same table as its help.
import type { Command } from 'commander'
import { describeOption } from './help-form.ts'

/** The page of a command, section 1. `version` is that of the program. */
export function manPage(command: Command, version: string): string {
  const name = namesOf(command).join('-')
  const words = namesOf(command).join(' ')
  const lines = [
    `.TH ${roff(name.toUpperCase())} 1 "" "chartferry ${roff(version)}" "chartferry"`,
    '.SH NAME',
    `${roff(name)} \\- ${roff(command.summary() || firstSentence(command.description()))}`,
    '.SH SYNOPSIS',
    `.B ${roff(words)}`,
    roff(command.usage()),
    '.SH DESCRIPTION',
    roff(command.description()),
    ...section(
      'OPTIONS',
      command.options
        .filter(({ hidden }) => !hidden)
        .flatMap((option) => ['.TP', `.B ${roff(option.flags)}`, roff(describeOption(option))]),
    ),
    ...section(
      'COMMANDS',
      command.commands.flatMap((below) => [
        '.TP',
        `.B ${roff(below.name())}`,
        roff(below.summary() || below.description()),
      ]),
    ),
    '.SH EXIT STATUS',
    '0 where all went well; else it follows the kind of failure: 2 what was given is wrong, 3 not found, 4 denied, 5 bytes are not what they should be, 6 a limit, 7 a conflict, 8 unreachable, 130 stopped.',
    '.SH SEE ALSO',
    '.BR chartferry (1)',
    '',
  ]
  return lines.join('\n')
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`.SH ${title}`, ...lines]

function namesOf(command: Command): readonly string[] {
  const names: string[] = []
  for (let one: Command | null = command; one !== null; one = one.parent) names.unshift(one.name())
  return names
}

const firstSentence = (text: string): string => /^[^.:]*/.exec(text)?.[0] ?? text

/** Text that means nothing to roff. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
}
