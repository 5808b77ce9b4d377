// The functions that Helm's engine binds to a rendering: include, tpl, required, fail, lookup.
import { define } from '../template/function.ts'
import { type CallContext, GoError, type GoFunction, GoMap, plain, type Value } from '../template/value.ts'

/** Helm finds the words of `fail` and `required` between these in the whole message. */
const warningStart = 'HELM_ERR_START'
const warningEnd = 'HELM_ERR_END'
const warning = /HELM_ERR_START(.*)HELM_ERR_END/s

function warn(message: string, context: CallContext): string {
  if (context.lint) return ''
  throw new GoError(warningStart + message + warningEnd)
}

function required(message: string, value: Value, context: CallContext): Value {
  const given = plain(value)
  return given === null || given === '' ? warn(message, context) : value
}

/** The functions; `include` and `tpl` do what the context says. */
export const helmFunctions: readonly GoFunction[] = [
  define('include', ['string', 'any'], (name, data, context) => context.include(name, data)),
  define('tpl', ['text', 'any'], (text, data, context) => context.tpl(text, data)),
  define('required', ['string', 'any'], required),
  define('fail', ['string'], warn),
  // Without a cluster there is nothing to find.
  define('lookup', ['string', 'string', 'string', 'string'], () => new GoMap()),
  define('getHostByName', ['string'], () => ''),
]

/** The message of an execution error as Helm prints it: of `fail` and `required` only the place and the words. */
export function cleanExecutionError(file: string, message: string): string {
  const [, location, rest] = /^([^:]*(?::(?! )[^:]*)*): (.*)$/s.exec(message.replace(/^template: /, '')) ?? []
  if (location === undefined || rest === undefined) return `execution error in (${file}): ${message}`
  const found = warning.exec(rest)
  return found === null ? message : `execution error at (${location}): ${found[1]}`
}

/** The message of a parse error as Helm prints it: the place and the last part. */
export function cleanParseError(file: string, message: string): string {
  const parts = message.split(': ')
  return parts.length === 1 ? `parse error in (${file}): ${message}` : `parse error at (${parts[1]}): ${parts.at(-1)}`
}
