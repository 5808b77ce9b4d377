// What a person sees when a command fails: what, which, where, and what to do next.
import { styleText } from 'node:util'
import { isChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import { exitCodes } from '../flags/exit-codes.ts'
import { printable } from './printable.ts'

const paint = (format: 'red' | 'dim', text: string): string => styleText(format, text, { stream: process.stderr })

/** Prints the failure to standard error and gives the exit code. */
export function reportError(error: unknown): number {
  if (!isChartferryError(error)) {
    console.error(`${paint('red', '✖')} ${messageOf(error)}`)
    if (error instanceof Error && error.stack !== undefined) console.error(paint('dim', error.stack))
    return 1
  }
  const exitCode = exitCodes[error.kind]
  console.error(`${paint('red', '✖')} ${printable(error.message).replaceAll('\n', '\n  ')}`)
  if (error.hint !== '') console.error(`  ${printable(error.hint)}`)
  console.error(paint('dim', `  exit ${exitCode} (${error.code})`))
  return exitCode
}
