// The functions that Helm's engine binds to a rendering: include, tpl, required, fail, lookup.

import { define } from '../../template/function.ts'
import { type CallContext, GoError, type GoFunction, GoMap, plain, type Value } from '../../template/value.ts'
import { markWarning } from './execution-error.ts'

function warn(message: string, context: CallContext): string {
  if (context.lint) return ''
  throw new GoError(markWarning(message))
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
