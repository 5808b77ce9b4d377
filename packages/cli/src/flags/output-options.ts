// The flags by which every command says how much it prints, and in which form.
import type { Command } from 'commander'

/** What these flags give. */
export interface OutputOptions {
  readonly json?: boolean
  readonly quiet?: boolean
  /** `markdown=FILE`, `junit=FILE`, or a file whose ending says which. */
  readonly summary?: readonly string[]
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

/** Adds the flag of commands whose run is summed up for a CI system. */
export function addSummaryOption(command: Command): Command {
  return command
    .optionsGroup('What is printed:')
    .option(
      '--summary <form> <file>',
      'also write what was done to a file: markdown or junit, may be repeated',
      (value: string, previous: readonly string[] | undefined): string[] => [...(previous ?? []), value],
    )
}
