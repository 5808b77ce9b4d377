// The flags by which every command says how much it prints, and in which form.
import type { Command } from 'commander'

/** What these flags give. */
export interface OutputOptions {
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Adds the flags to a command. */
export function addOutputOptions(command: Command): Command {
  return command
    .optionsGroup('What is printed:')
    .option('--json', 'one JSON document on standard output')
    .option('-q, --quiet', 'no progress, no warnings')
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'print help')
}
