// `chartferry update`: what a chartferry.yaml stands for now that its lock file does not say.

import { ChartferryError } from '@chartferry/core'
import { count } from '@chartferry/core/internal'
import { compareLocks, type LockChange } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { renderTimeoutHelp, renderTimeoutOf } from '../flags/chart-options.ts'
import { noChartOptions, readDeclared } from '../flags/declared.ts'
import { readLock } from '../flags/locked.ts'
import { addOutputOptions, type OutputOptions } from '../flags/output-options.ts'
import { addRegistryOptions, addTlsOptions, type RegistryOptions } from '../flags/registry-options.ts'
import { resolveLock } from '../flags/resolve-lock.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { printable } from '../print/printable.ts'
import { say, sayJson } from '../print/say.ts'
import { formatTable } from '../print/table.ts'

interface UpdateOptions extends RegistryOptions, OutputOptions {
  readonly renderTimeout?: string
  readonly exitCode?: boolean
}

/** Adds the command. */
export function addUpdateCommand(program: Command): void {
  const command = program
    .command('update [file]')
    .description(
      'Print which charts, images and files of a chartferry.yaml have other versions or digests than chartferry.lock says. Nothing is written: `chartferry lock` takes it over.',
    )
    .option('--exit-code', 'fail with LOCK_OUTDATED (exit code 7) where something has changed')
  command.option('--render-timeout <time>', renderTimeoutHelp)
  addOutputOptions(addTlsOptions(addRegistryOptions(command)))
    .addHelpText(
      'after',
      `
FILE is chartferry.yaml unless it is given.

Example:
  $ chartferry update
  $ chartferry update chartferry.yaml --exit-code --json`,
    )
    .action((file: string | undefined, options: UpdateOptions) =>
      untilStopped((signal) => update(file ?? 'chartferry.yaml', options, signal)),
    )
}

async function update(file: string, options: UpdateOptions, signal: AbortSignal): Promise<void> {
  const declared = await readDeclared(file, { ...noChartOptions, ...options })
  const before = await readLock(file)
  const onWarning = (message: string): void => {
    if (options.quiet !== true) console.error(`! ${printable(message)}`)
  }
  const changes = compareLocks(
    before,
    await resolveLock(declared, options, { signal, onWarning, timeoutMs: renderTimeoutOf(options) }),
  )
  const isFailure = options.exitCode === true && changes.length > 0
  if (options.json !== true) say(changes.length === 0 ? 'nothing has changed' : formatTable(changes.map(rowOf)))
  else if (!isFailure) sayJson({ changes })
  if (isFailure)
    throw new ChartferryError(
      'LOCK_OUTDATED',
      `${file}: ${count(changes.length, 'thing has', 'things have')} changed since it was locked`,
      { details: { done: { changes } } },
    )
}

function rowOf({ kind, name, before, after }: LockChange): readonly string[] {
  if (before === undefined) return [kind, name, `new: ${short(after)}`]
  return [kind, name, after === undefined ? `gone: ${short(before)}` : `${short(before)} → ${short(after)}`]
}

/** Digests by their first twelve digits: enough to see, short enough to read. */
function short(text = ''): string {
  return text.replace(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1…')
}
