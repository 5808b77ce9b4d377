// The state of an execution: where it is, its variables, its output and its bounds.
import { ChartferryError } from '../../errors.ts'
import { originsOf, truth } from './kind.ts'
import { describe, type Expression, locate, type Place } from './node.ts'
import type { Output } from './output.ts'
import type { TemplateSet } from './template-set.ts'
import { type CallContext, GoError, type GoFunction, type Origin, type Value } from './value.ts'

// The clock is looked at once in so many statements.
const statementsPerClock = 512

/** What every execution of one rendering shares. */
export interface Run {
  readonly functions: ReadonlyMap<string, GoFunction>
  /** What the output of this and later executions may still hold, and until when they may run. */
  readonly bounds: Bounds
  /** Whether a statement that fails prints nothing, and the rest goes on: for finding what a chart could print. */
  readonly lenient: boolean
  /** Which values decided what was printed; undefined when nothing is traced. */
  readonly conditions: Condition[] | undefined
  /** Whether a function was called whose results differ from call to call: set while it runs. */
  volatile: boolean
}

/** What is left of a rendering's allowance; counted down while it runs. */
export interface Bounds {
  /** UTF-16 units that may still be printed, those of templates inside templates counted. */
  outputLeft: number
  /** Milliseconds since 1970. */
  readonly deadline: number
  /** Statements until the clock is looked at again. */
  statementsToClock: number
  /** Templates and includes inside each other, now and at most. */
  depth: number
  readonly maxDepth: number
}

/**
 * A decision: of `if`, `with` or `range`, of an operand of `and` or `or`, of a function that chooses such as `default`.
 */
export interface Condition {
  /** The template's name and the offset of the condition in it. */
  readonly file: string
  readonly offset: number
  /** Whether the value was true: the body was taken, not the `else`. */
  readonly outcome: boolean
  /** What the value tested came from; for a comparison, the call with its arguments. */
  readonly origins: readonly Origin[]
}

/** One execution of one template. */
export interface State {
  readonly run: Run
  readonly context: CallContext
  readonly templates: TemplateSet
  /** The template's name. */
  readonly name: string
  readonly output: Output
  /** The node that an error is about. */
  node: Expression | undefined
  readonly variables: Variable[]
  /** Whether dot is an element of a range: Go's errors then speak of its type as `interface {}`. */
  dotIsElement: boolean
}

/** A variable on the stack. */
export interface Variable {
  readonly name: string
  value: Value
  /** As `dotIsElement`. */
  isElement: boolean
}

/** Records a decision in a traced rendering. */
export function noteCondition({ run }: State, { source, start }: Place, value: Value): void {
  run.conditions?.push({ file: source.name, offset: start, outcome: truth(value), origins: originsOf(value) })
}

/** Counts what is printed, or made in between. Throws OUTPUT_TOO_LARGE. */
export function spend({ run, name }: State, units: number): void {
  run.bounds.outputLeft -= units
  if (run.bounds.outputLeft < 0) {
    throw new ChartferryError('OUTPUT_TOO_LARGE', `${name}: the rendering prints more than the limit`)
  }
}

/** Looks at the clock now and then. Throws RENDER_TIMEOUT. */
export function checkClock({ run, name }: State): void {
  const { bounds } = run
  if (bounds.statementsToClock-- > 0) return
  bounds.statementsToClock = statementsPerClock
  if (Date.now() > bounds.deadline) throw new ChartferryError('RENDER_TIMEOUT', `${name}: the rendering took too long`)
}

/** An error of the execution, with its place; the message is Go's. */
export class ExecutionError extends GoError {}

/**
 * Throws ExecutionError `template: file:1:2: executing "name" at <.x>: message`; `cause` is the error of a function
 * called.
 */
export function fail(state: State, message: string, cause?: GoError): never {
  const { node, name } = state
  const options = cause === undefined ? {} : { cause }
  if (node === undefined) throw new ExecutionError(`template: ${name}: ${message}`, options)
  const place = `${locate(node)}: executing ${JSON.stringify(name)} at <${describe(node)}>`
  throw new ExecutionError(`template: ${place}: ${message}`, options)
}
