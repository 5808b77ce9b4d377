// `chartferry lock`: what a chartferry.yaml stands for now, written beside it.

import { count, replaceFile } from '@chartferry/core/internal'
import { formatLock, type LockFile } from '@chartferry/core/transfer'
import type { Command } from 'commander'
import { renderTimeoutHelp, renderTimeoutOf } from '../flags/chart-options.ts'
import { skipMissingFlag, skippedOf } from '../flags/copy-options.ts'
import { noChartOptions, readDeclared } from '../flags/declared.ts'
import { lockPathOf } from '../flags/locked.ts'
import { addOutputOptions, type OutputOptions } from '../flags/output-options.ts'
import { addRegistryOptions, addTlsOptions, type RegistryOptions } from '../flags/registry-options.ts'
import { resolveLock } from '../flags/resolve-lock.ts'
import { untilStopped } from '../flags/stop-signal.ts'
import { printable } from '../print/printable.ts'
import { say } from '../print/say.ts'

interface LockOptions extends RegistryOptions, OutputOptions {
  readonly renderTimeout?: string
  readonly dryRun?: boolean
  readonly skipMissing?: string | boolean
}

/** Adds the command. */
export function addLockCommand(program: Command): void {
  const command = program
    .command('lock [file]')
    .description(
      'Resolve the charts, images and files of a chartferry.yaml to versions and digests, and write them to chartferry.lock beside it. `copy`, `relocate`, `assets` and `bundle create` follow it with --config.',
    )
    .option('--dry-run', 'print the lock file, write nothing')
    .option(skipMissingFlag[0], skipMissingFlag[1])
  command.option('--render-timeout <time>', renderTimeoutHelp)
  addOutputOptions(addTlsOptions(addRegistryOptions(command)))
    .addHelpText(
      'after',
      `
FILE is chartferry.yaml unless it is given.

Example:
  $ chartferry lock
  $ chartferry lock chartferry.yaml --dry-run`,
    )
    .action((file: string | undefined, options: LockOptions) =>
      untilStopped((signal) => lock(file ?? 'chartferry.yaml', options, signal)),
    )
}

async function lock(file: string, options: LockOptions, signal: AbortSignal): Promise<void> {
  const declared = await readDeclared(file, { ...noChartOptions, ...options })
  const onWarning = (message: string): void => {
    if (options.quiet !== true) console.error(`! ${printable(message)}`)
  }
  const made = await resolveLock(declared, options, {
    signal,
    onWarning,
    skipMissing: skippedOf(options.skipMissing),
    timeoutMs: renderTimeoutOf(options),
  })
  const path = lockPathOf(file)
  const text = formatLock(made)
  if (options.dryRun !== true) await replaceFile(path, Buffer.from(text))
  say(options.json === true || options.dryRun === true ? text.trimEnd() : `${path}  ${summaryOf(made)}`)
}

function summaryOf({ charts, images, files }: LockFile): string {
  return [count(charts.length, 'chart'), count(images.length, 'image'), count(files.length, 'file')].join(' · ')
}
