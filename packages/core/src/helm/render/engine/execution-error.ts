// Errors of templates in the words in which Helm prints them; Helm 4 writes the calls below each other.
import type { ExecutionError } from '../../template/state.ts'

/** Helm finds the words of `fail` and `required` between these in the whole message. */
const warning = /HELM_ERR_START(.*)HELM_ERR_END/s

/** The message of `fail` and `required`, so marked that it is found again. */
export function markWarning(message: string): string {
  return `HELM_ERR_START${message}HELM_ERR_END`
}

/** The message of a parse error as Helm prints it: the place and the last part. */
export function cleanParseError(file: string, message: string): string {
  const parts = message.split(': ')
  return parts.length === 1 ? `parse error in (${file}): ${message}` : `parse error at (${parts[1]}): ${parts.at(-1)}`
}

/** The message of an execution error as Helm prints it: of `fail` and `required` only the place and the words. */
export function cleanExecutionError(file: string, error: ExecutionError, helm: 3 | 4): string {
  const [, location, ...rest] = error.message.split(': ')
  if (rest.length === 0) return `execution error in (${file}): ${error.message}`
  const found = warning.exec(rest.join(': '))
  if (found !== null) return `execution error at (${location}): ${found[1]}`
  return helm === 4 ? stackedCalls(error) : error.message
}

/**
 * The errors of calls inside each other, each in its lines; the message as it is where one of them has another form.
 */
function stackedCalls(error: Error): string {
  const calls: string[] = []
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    const lines = callLines(current.message)
    if (lines === undefined) return error.message
    if (lines !== calls.at(-1)) calls.push(lines)
  }
  return calls.join('').trim()
}

function callLines(message: string): string | undefined {
  if (!message.startsWith('template: ')) return undefined
  if (message.startsWith('template: no template ')) return `${message}\n`
  const [, location, call, why] = /^template: (.*?): (executing "[^"]*" at <.*?>:) (.*)$/s.exec(message) ?? []
  if (location === undefined || call === undefined || why === undefined) return simpleLines(message)
  return `${location}\n  ${call}\n    ${withoutInner(why)}\n`
}

function simpleLines(message: string): string | undefined {
  const end = message.lastIndexOf(': ')
  const location = message.slice('template: '.length, end)
  return end < 0 || location === '' ? undefined : `${location}\n  ${withoutInner(message.slice(end + 2))}\n`
}

/** What stands before the error of a template called, which gets lines of its own. */
function withoutInner(why: string): string {
  const inner = why.indexOf(' template:')
  return inner < 0 ? why : why.slice(0, inner)
}
