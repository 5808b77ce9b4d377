// Pipelines evaluated: commands, fields, methods, calls; Go's rules for nil, and its errors.
import { convert, invoke, nilFor, parameterAt, parameterTypeNames } from './function.ts'
import { truth, typeName, typeOf } from './kind.ts'
import {
  type ChainNode,
  type CommandNode,
  describe,
  type Expression,
  type FieldNode,
  type Operand,
  type PipeNode,
  type VariableNode,
} from './node.ts'
import { constant, literalOf } from './operand-value.ts'
import { fail, noteCondition, type State } from './state.ts'
import { GoError, type GoFunction, GoMap, GoStruct, type ParameterType, plain, type Value } from './value.ts'

/** Functions that give back one of their arguments; which one depends on the others. */
const choosing: ReadonlySet<string> = new Set(['default', 'coalesce', 'ternary'])

/** Stands for "no value is piped in"; nil can be piped. */
const absent: unique symbol = Symbol('absent')
type Piped = Value | typeof absent

/** The value of a pipeline, its variables declared or assigned. A nil interface comes out as invalid, undefined. */
export function evaluatePipeline(state: State, dot: Value, pipe: PipeNode): Value {
  state.node = pipe
  let piped: Piped = absent
  for (const command of pipe.commands) {
    piped = evaluateCommand(state, dot, command, piped)
    if (piped === null) piped = undefined
  }
  const value = piped as Value
  for (const variable of pipe.declares) {
    const name = variable.names[0] as string
    if (pipe.assigns) assign(state, name, value)
    else state.variables.push({ name, value, isElement: false })
  }
  return value
}

/** Sets the innermost variable of that name. */
export function assign(state: State, name: string, value: Value, isElement = false): void {
  const variable = state.variables.findLast((candidate) => candidate.name === name)
  if (variable === undefined) fail(state, `undefined variable: ${name}`)
  variable.value = value
  variable.isElement = isElement
}

function evaluateCommand(state: State, dot: Value, command: CommandNode, piped: Piped): Value {
  const [first, ...rest] = command.operands
  switch (first.type) {
    case 'field':
      state.node = first
      return evaluateFields(state, dot, { value: dot, isElement: state.dotIsElement }, first, rest, piped)
    case 'chain':
      return evaluateChain(state, dot, first, rest, piped)
    case 'identifier':
      state.node = first
      return callFunction(state, dot, first.name, command, rest, piped)
    case 'variable':
      return evaluateVariable(state, dot, first, rest, piped)
    case 'pipe':
      refuseArguments(state, first, rest, piped)
      return evaluatePipeline(state, dot, first)
  }
  state.node = first
  refuseArguments(state, first, rest, piped)
  if (first.type === 'nil') return fail(state, 'nil is not a command')
  return constant(state, dot, first)
}

function refuseArguments(state: State, first: Operand, rest: readonly Operand[], piped: Piped): void {
  if (rest.length > 0 || piped !== absent) fail(state, `can't give argument to non-function ${describe(first)}`)
}

function evaluateVariable(state: State, dot: Value, node: VariableNode, rest: readonly Operand[], piped: Piped): Value {
  state.node = node
  const name = node.names[0] as string
  const variable = state.variables.findLast((candidate) => candidate.name === name)
  if (variable === undefined) return fail(state, `undefined variable: ${name}`)
  if (node.names.length > 1) return evaluateFields(state, dot, variable, node, rest, piped)
  refuseArguments(state, node, rest, piped)
  return variable.value
}

function evaluateChain(state: State, dot: Value, node: ChainNode, rest: readonly Operand[], piped: Piped): Value {
  state.node = node
  if (node.operand.type === 'nil') fail(state, `indirection through explicit nil in ${describe(node)}`)
  const receiver = evaluateOperand(state, dot, node.operand, 'value')
  return evaluateFields(state, dot, { value: receiver, isElement: false }, node, rest, piped)
}

/** What fields are taken from; an element of a map or list of interfaces has the type `interface {}` in errors. */
interface Receiver {
  readonly value: Value
  readonly isElement: boolean
}

/** `.a.b.c arguments`: only the last name may be given arguments. */
function evaluateFields(
  state: State,
  dot: Value,
  start: Receiver,
  node: FieldNode | VariableNode | ChainNode,
  rest: readonly Operand[],
  piped: Piped,
): Value {
  let receiver = start
  const last = node.names.length - 1
  for (let index = node.type === 'variable' ? 1 : 0; index < last; index++) {
    const value = evaluateField(state, dot, receiver, node, node.names[index] as string, [], absent)
    receiver = { value, isElement: receiver.value instanceof GoMap && receiver.value.type.zero === undefined }
  }
  return evaluateField(state, dot, receiver, node, node.names[last] as string, rest, piped)
}

function evaluateField(
  state: State,
  dot: Value,
  receiver: Receiver,
  node: Expression,
  name: string,
  rest: readonly Operand[],
  piped: Piped,
): Value {
  const owner = plain(receiver.value)
  if (owner === undefined) return undefined
  if (owner === null) return fail(state, `nil pointer evaluating interface {}.${name}`)
  const method = typeOf(owner)?.methods?.get(name)
  if (method !== undefined) return call(state, dot, method, node, rest, piped, owner)
  const hasArguments = rest.length > 0 || piped !== absent
  if (owner instanceof GoMap) {
    if (hasArguments) fail(state, `${name} is not a method but has arguments`)
    return owner.get(name)
  }
  if (owner instanceof GoStruct && owner.fields.has(name)) {
    if (hasArguments) fail(state, `${name} has arguments but cannot be invoked as function`)
    return owner.fields.get(name)
  }
  const type = receiver.isElement ? 'interface {}' : typeName(owner)
  return fail(state, `can't evaluate field ${name} in type ${type}`)
}

function callFunction(
  state: State,
  dot: Value,
  name: string,
  node: Expression,
  operands: readonly Operand[],
  piped: Piped,
): Value {
  const found = state.run.functions.get(name)
  if (found === undefined) return fail(state, `${JSON.stringify(name)} is not a defined function`)
  if (found.volatile) state.run.volatile = true
  return call(state, dot, found, node, operands, piped)
}

function call(
  state: State,
  dot: Value,
  fn: GoFunction,
  node: Expression,
  operands: readonly Operand[],
  piped: Piped,
  receiver?: Value,
): Value {
  checkCount(state, fn, operands.length, piped)
  // They stop at the operand that decides, and give it back.
  if (fn.name === 'and' || fn.name === 'or') return choose(state, dot, fn.name === 'or', operands, piped)
  const inputs: Value[] = []
  const converted: unknown[] = []
  for (const operand of operands) {
    const type = parameterAt(fn, inputs.length)
    const input = evaluateOperand(state, dot, operand, type)
    inputs.push(input)
    converted.push(convertAt(state, input, type))
  }
  if (piped !== absent) {
    converted.push(convertAt(state, piped, parameterAt(fn, inputs.length)))
    inputs.push(piped)
  }
  if (choosing.has(fn.name)) for (const input of inputs) noteCondition(state, node, input)
  if (fn.name === 'call') converted.unshift(operands[0] === undefined ? calleeOf(piped) : describe(operands[0]))
  try {
    return invoke(fn, converted, inputs, state.context, receiver)
  } catch (error) {
    if (!(error instanceof GoError)) throw error
    state.node = node
    return fail(state, `error calling ${fn.name}: ${error.message}`, error)
  }
}

/** What Go calls a piped callee: a text is its own name, anything else `<int Value>`. */
function calleeOf(piped: Piped): string {
  const given = piped === absent ? undefined : plain(piped)
  if (typeof given === 'string') return given
  return given === undefined ? '<invalid Value>' : `<${typeName(given)} Value>`
}

function checkCount(state: State, fn: GoFunction, operands: number, piped: Piped): void {
  const given = operands + (piped === absent ? 0 : 1)
  const wanted = fn.parameters.length
  if (fn.rest !== undefined && given < wanted) {
    fail(state, `wrong number of args for ${fn.name}: want at least ${wanted} got ${operands}`)
  }
  if (fn.rest === undefined && given !== wanted) {
    fail(state, `wrong number of args for ${fn.name}: want ${wanted} got ${given}`)
  }
}

function choose(state: State, dot: Value, decisive: boolean, operands: readonly Operand[], piped: Piped): Value {
  let value: Value
  for (const operand of operands) {
    value = evaluateOperand(state, dot, operand, 'value')
    noteCondition(state, operand, value)
    if (truth(value) === decisive) return value
  }
  return piped === absent ? value : piped
}

function convertAt(state: State, value: Value, type: ParameterType): unknown {
  try {
    return convert(value, type)
  } catch (error) {
    if (error instanceof GoError) return fail(state, error.message)
    throw error
  }
}

/** An operand as the argument of a parameter, not yet converted; literals take the type of the parameter. */
function evaluateOperand(state: State, dot: Value, node: Operand, type: ParameterType): Value {
  state.node = node
  switch (node.type) {
    case 'field':
      return evaluateFields(state, dot, { value: dot, isElement: state.dotIsElement }, node, [], absent)
    case 'variable':
      return evaluateVariable(state, dot, node, [], absent)
    case 'pipe':
      return evaluatePipeline(state, dot, node)
    case 'identifier':
      return callFunction(state, dot, node.name, node, [], absent)
    case 'chain':
      return evaluateChain(state, dot, node, [], absent)
    case 'dot':
      return dot
    case 'nil':
      if (nilFor(type) === undefined) fail(state, `cannot assign nil to ${parameterTypeNames[type]}`)
      return type === 'any' ? null : undefined
    default:
      return literalOf(state, dot, node, type)
  }
}
