// What a person sees when a command fails: what, which, where, and what to do next.
import { styleText } from 'node:util'
import { isChartferryError } from '@chartferry/core'
import { messageOf } from '@chartferry/core/internal'
import { exitCodes } from '../exit-codes.ts'
import { printable } from './printable.ts'
import { sayJson } from './say.ts'

const paint = (format: 'red' | 'dim', text: string): string => styleText(format, text, { stream: process.stderr })

/**
 * Prints the failure to standard error and gives the exit code. With `isJson` standard output gets one document that says
 * the same, with what was done until then.
 */
export function reportError(error: unknown, isJson = false): number {
  if (!isChartferryError(error)) {
    if (isJson) printDocument({ code: 'INTERNAL', message: messageOf(error), exitCode: 1 }, undefined)
    console.error(`${paint('red', '✖')} ${printable(messageOf(error))}`)
    if (error instanceof Error && error.stack !== undefined) console.error(paint('dim', error.stack))
    return 1
  }
  const exitCode = exitCodes[error.kind]
  const { code, kind, hint, message } = error
  const { done, ...details } = error.details
  if (isJson) printDocument({ code, kind, message, hint, details, exitCode }, done)
  console.error(`${paint('red', '✖')} ${printable(message).replaceAll('\n', '\n  ')}`)
  if (hint !== '') console.error(`  ${printable(hint).replaceAll('\n', '\n  ')}`)
  console.error(paint('dim', `  exit ${exitCode} (${code})`))
  return exitCode
}

/** The same for a command line that cannot be read; the parser has said so on standard error. */
export function reportUsage(message: string, isJson: boolean): number {
  const exitCode = exitCodes.invalid
  if (isJson)
    printDocument({ code: 'USAGE', kind: 'invalid', message: message.replace(/^error: /, ''), exitCode }, undefined)
  return exitCode
}

function printDocument(error: object, done: unknown): void {
  sayJson({ error, ...(done === undefined ? {} : { done }) })
}
