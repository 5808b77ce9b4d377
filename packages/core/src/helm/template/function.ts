// How a template function is declared, and how its arguments are checked: Go's reflection, with Go's words.
import { entryBytes, take } from './allowance.ts'
import { typeName } from './kind.ts'
import { printScalar } from './print.ts'
import { derived, textFrom } from './text.ts'
import {
  type CallContext,
  type Derived,
  GoError,
  type GoFunction,
  GoList,
  GoMap,
  GoStruct,
  type GoType,
  goTypes,
  Int,
  type ParameterType,
  plain,
  type Text,
  TracedScalar,
  TracedText,
  type Value,
} from './value.ts'

/** What an implementation receives for each parameter type. */
export interface ArgumentOf {
  /** A Go string with its spans; for functions that keep them. */
  readonly text: Text
  /** A Go string, bare; what the function makes of it is recorded as derived. */
  readonly string: string
  readonly int: number
  readonly int64: bigint
  readonly uint32: number
  readonly float64: number
  readonly bool: boolean
  /** `interface {}`: anything but invalid, traced or not; nil is null. */
  readonly any: Value
  /** `map[string]interface {}`; a nil map where a pipeline gave nothing. */
  readonly map: GoMap
  /** `[]interface {}` and `[]string`. */
  readonly list: GoList
  readonly strings: GoList
  /** `reflect.Value`: anything, also invalid; only the builtins of text/template take it. */
  readonly value: Value
  readonly time: GoStruct
  readonly certificate: GoStruct
}

type Arguments<P extends readonly ParameterType[]> = { -readonly [I in keyof P]: ArgumentOf[P[I]] }

/** Go's names of the parameter types, as its errors print them. */
export const parameterTypeNames: Readonly<Record<ParameterType, string>> = {
  text: 'string',
  string: 'string',
  int: 'int',
  int64: 'int64',
  uint32: 'uint32',
  float64: 'float64',
  bool: 'bool',
  any: 'interface {}',
  map: 'map[string]interface {}',
  list: '[]interface {}',
  strings: '[]string',
  value: 'reflect.Value',
  time: 'time.Time',
  certificate: 'sprig.certificate',
}

/** Options of a declaration. */
export interface FunctionOptions {
  /** Whether two calls with the same arguments may differ. Default: false. */
  readonly volatile?: boolean
}

/**
 * Declares a function of fixed parameters:
 * `define('trunc', ['int', 'text'], (count, text) => ...)`.
 * The result is a Value: a JavaScript number is a float64, so integers are made with `int` and `int64`. A failure is a
 * GoError. A parameter `text` keeps spans, a parameter `string` drops them: a plain string, boolean or number that
 * comes out of a traced rendering is recorded as derived from the arguments, so a function need not know whether it is
 * traced.
 */
export function define<const P extends readonly ParameterType[]>(
  name: string,
  parameters: P,
  call: (...values: [...Arguments<P>, CallContext]) => Value,
  options: FunctionOptions = {},
): GoFunction {
  const { volatile = false } = options
  return {
    name,
    parameters,
    rest: undefined,
    volatile,
    call: (values) => call(...(values as [...Arguments<P>, CallContext])),
  }
}

/** Declares a variadic function; the rest comes as one array: `defineVariadic('list', [], 'any', (items) => ...)`. */
export function defineVariadic<const P extends readonly ParameterType[], const R extends ParameterType>(
  name: string,
  parameters: P,
  rest: R,
  call: (...values: [...Arguments<P>, ArgumentOf[R][], CallContext]) => Value,
  options: FunctionOptions = {},
): GoFunction {
  const { volatile = false } = options
  return {
    name,
    parameters,
    rest,
    volatile,
    call: (values) => call(...(values as [...Arguments<P>, ArgumentOf[R][], CallContext])),
  }
}

/** Declares a method; the receiver, without its trace, comes before the arguments. */
export function defineMethod<S extends Value, const P extends readonly ParameterType[]>(
  name: string,
  parameters: P,
  call: (self: S, ...values: [...Arguments<P>, CallContext]) => Value,
): GoFunction {
  return {
    name,
    parameters,
    rest: undefined,
    volatile: false,
    call: (values) => call(...(values as [S, ...Arguments<P>, CallContext])),
  }
}

/**
 * The value as the argument of a parameter: what Go's `validateType` accepts.
 * Throws GoError `wrong type for value; expected string; got float64`, `invalid value; expected string`.
 */
export function convert(value: Value, type: ParameterType): unknown {
  if (type === 'any') return value === undefined ? null : value
  if (type === 'value') return value
  const given = plain(value)
  switch (type) {
    case 'text':
      if (typeof given === 'string') return value
      break
    case 'string':
      if (typeof given === 'string') return given
      break
    case 'bool':
      if (typeof given === 'boolean') return given
      break
    case 'float64':
      if (typeof given === 'number') return given
      break
    case 'int':
    case 'uint32':
      if (given instanceof Int && given.kind === type && given.type === undefined) return Number(given.value)
      break
    case 'int64':
      if (given instanceof Int && given.kind === type && given.type === undefined) return given.value
      break
    case 'map':
      if (given instanceof GoMap && isOf(given.type, goTypes.anyMap)) return given
      if (given === undefined) return new GoMap([], goTypes.anyMap, true)
      break
    case 'list':
    case 'strings': {
      const wanted = type === 'list' ? goTypes.anyList : goTypes.stringList
      if (given instanceof GoList && isOf(given.type, wanted)) return given
      if (given === undefined) return new GoList([], wanted)
      break
    }
    default:
      if (given instanceof GoStruct && !given.isPointer && given.type.name === parameterTypeNames[type]) return given
  }
  const expected = parameterTypeNames[type]
  if (given === undefined) throw new GoError(`invalid value; expected ${expected}`)
  throw new GoError(`wrong type for value; expected ${expected}; got ${typeName(given)}`)
}

function isOf(type: GoType, wanted: GoType): boolean {
  return type === wanted || type.underlying === wanted
}

/** The argument that the literal `nil` makes; undefined where Go refuses it. */
export function nilFor(type: ParameterType): { readonly argument: unknown } | undefined {
  if (type === 'any') return { argument: null }
  if (type === 'map' || type === 'list' || type === 'strings' || type === 'value') {
    return { argument: convert(undefined, type) }
  }
  return undefined
}

/** The number of fixed parameters and the type of the argument at a place. */
export function parameterAt(fn: GoFunction, index: number): ParameterType {
  return fn.parameters[index] ?? fn.rest ?? 'any'
}

/**
 * Calls with converted arguments; in a traced rendering a result without spans is recorded as derived from `inputs`.
 * Whatever the implementation throws passes through.
 */
export function invoke(
  fn: GoFunction,
  converted: readonly unknown[],
  inputs: readonly Value[],
  context: CallContext,
  receiver?: Value,
): Value {
  const fixed = fn.parameters.length
  const values = fn.rest === undefined ? [...converted] : [...converted.slice(0, fixed), converted.slice(fixed)]
  if (receiver !== undefined) values.unshift(receiver)
  const result = fn.call([...values, context])
  if (typeof result === 'string') take(result.length)
  else if (result instanceof TracedText) take(result.text.length + entryBytes * result.spans.length)
  return context.traced ? attribute(result, fn, receiver === undefined ? inputs : [receiver, ...inputs]) : result
}

/** Gives bare results their origin. A list of bare strings counts, a map keeps what it holds. */
function attribute(result: Value, fn: GoFunction, inputs: readonly Value[]): Value {
  const { name, volatile } = fn
  if (typeof result === 'string') return derived(result, name, inputs, volatile)
  const isScalar = typeof result === 'boolean' || typeof result === 'number' || result instanceof Int
  if (isScalar && !(result instanceof Int && result.type !== undefined)) {
    return new TracedScalar(result, { kind: 'derived', name, inputs, text: printScalar(result), volatile })
  }
  if (result instanceof GoList && result.items.some((item) => typeof item === 'string')) {
    const origin: Derived = { kind: 'derived', name, inputs, text: undefined, volatile }
    return new GoList(
      result.items.map((item) => (typeof item === 'string' ? textFrom(item, origin) : item)),
      result.type,
    )
  }
  return result
}
