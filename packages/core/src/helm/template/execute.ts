// Templates executed: statements in order, branches, loops, calls of other templates.
import { ChartferryError } from '../../errors.ts'
import { assign, evaluatePipeline } from './evaluate.ts'
import { sortedKeys, truth, typeOf } from './kind.ts'
import type { BranchNode, ListNode, PipeNode, Statement, TemplateNode } from './node.ts'
import { createOutput } from './output.ts'
import { printed } from './print.ts'
import { checkClock, ExecutionError, fail, noteCondition, type Run, type State, spend } from './state.ts'
import type { Template, TemplateSet } from './template-set.ts'
import { bare, slice } from './text.ts'
import { type CallContext, GoBytes, GoError, GoList, GoMap, Int, int, plain, type Text, type Value } from './value.ts'

/** How a list of statements ended. */
type Flow = 'on' | 'break' | 'continue'

/**
 * What a template prints for a value.
 * Throws ExecutionError with Go's message; ChartferryError OUTPUT_TOO_LARGE, DEPTH_EXCEEDED or CANCELLED at a bound.
 */
export function execute(template: Template, data: Value, run: Run, templates: TemplateSet, context: CallContext): Text {
  const output = createOutput(context.traced)
  const state: State = {
    run,
    context,
    templates,
    name: template.name,
    output,
    node: undefined,
    variables: [{ name: '$', value: data, isElement: false }],
    dotIsElement: false,
  }
  enter(run)
  walkList(state, data, template.body)
  run.bounds.depth--
  return output.text()
}

function enter(run: Run): void {
  if (++run.bounds.depth > run.bounds.maxDepth) {
    throw new ChartferryError('DEPTH_EXCEEDED', `templates call each other more than ${run.bounds.maxDepth} deep`)
  }
}

function walkList(state: State, dot: Value, list: ListNode): Flow {
  for (const node of list) {
    const flow = state.run.lenient ? walkOn(state, dot, node) : walk(state, dot, node)
    if (flow !== 'on') return flow
  }
  return 'on'
}

/** Walks a statement; one that fails is left out, and what it would have declared is nil. */
function walkOn(state: State, dot: Value, node: Statement): Flow {
  const { depth } = state.run.bounds
  const declared = state.variables.length
  try {
    return walk(state, dot, node)
  } catch (error) {
    if (!(error instanceof ExecutionError || error instanceof GoError)) throw error
    state.run.bounds.depth = depth
    state.variables.length = declared
    if (node.type === 'action' && !node.pipe.assigns) {
      for (const { names } of node.pipe.declares) {
        state.variables.push({ name: names[0] as string, value: undefined, isElement: false })
      }
    }
    return 'on'
  }
}

function walk(state: State, dot: Value, node: Statement): Flow {
  checkClock(state)
  state.node = node
  switch (node.type) {
    case 'text':
      write(
        state,
        state.context.traced ? slice(node.source.traced, node.start, node.start + node.text.length) : node.text,
      )
      return 'on'
    case 'action': {
      const value = evaluatePipeline(state, dot, node.pipe)
      state.node = node
      if (node.pipe.declares.length === 0) write(state, typeOf(value)?.addressToText?.(plain(value)) ?? printed(value))
      return 'on'
    }
    case 'if':
    case 'with':
      return walkBranch(state, dot, node)
    case 'range':
      return walkRange(state, dot, node)
    case 'template':
      walkTemplate(state, dot, node)
      return 'on'
    default:
      return node.type
  }
}

function write(state: State, text: Text): void {
  spend(state, bare(text).length)
  state.output.write(text)
}

function walkBranch(state: State, dot: Value, node: BranchNode): Flow {
  const declared = state.variables.length
  const value = evaluatePipeline(state, dot, node.pipe)
  const outcome = truth(value)
  noteCondition(state, node.pipe, value)
  let flow: Flow = 'on'
  if (outcome && node.type === 'with') {
    const { dotIsElement } = state
    state.dotIsElement = false
    flow = walkList(state, value, node.body)
    state.dotIsElement = dotIsElement
  } else if (outcome) flow = walkList(state, dot, node.body)
  else if (node.otherwise !== undefined) flow = walkList(state, dot, node.otherwise)
  state.variables.length = declared
  return flow
}

function walkRange(state: State, dot: Value, node: BranchNode): Flow {
  const declared = state.variables.length
  const value = evaluatePipeline(state, dot, node.pipe)
  const mark = state.variables.length
  noteCondition(state, node.pipe, value)
  const over = plain(value)
  const { dotIsElement } = state
  const isElement = (over instanceof GoMap || over instanceof GoList) && isOfInterfaces(over)
  let outcome = false
  for (const [index, element] of elements(state, value, node.pipe)) {
    outcome = true
    checkClock(state)
    declare(state, node.pipe, index, element, isElement)
    state.dotIsElement = isElement
    const flow = walkList(state, element, node.body)
    state.variables.length = mark
    if (flow === 'break') break
  }
  state.dotIsElement = dotIsElement
  let flow: Flow = 'on'
  if (!outcome && node.otherwise !== undefined) flow = walkList(state, dot, node.otherwise)
  state.variables.length = declared
  return flow
}

function isOfInterfaces(over: GoMap | GoList): boolean {
  return over.type.zero === undefined
}

/** The index or key, and the element, of each step. */
function* elements(state: State, value: Value, pipe: PipeNode): Generator<readonly [Value, Value]> {
  const over = plain(value)
  if (over === undefined || over === null) return
  if (over instanceof GoList) {
    for (const [index, item] of over.items.entries()) yield [int(index), item]
  } else if (over instanceof GoMap) {
    for (const key of sortedKeys(over)) yield [key, over.get(key)]
  } else if (over instanceof GoBytes) {
    for (const [index, byte] of over.bytes.entries()) yield [int(index), new Int(BigInt(byte), 'uint8')]
  } else if (over instanceof Int) {
    if (pipe.declares.length > 1) {
      fail(state, `can't use ${bare(printed(over))} to iterate over more than one variable`)
    }
    for (let count = 0n; count < over.value; count++) yield [undefined, new Int(count, over.kind)]
  } else fail(state, `range can't iterate over ${bare(printed(over))}`)
}

/** Gives the variables of a range their values for one step. */
function declare(state: State, pipe: PipeNode, index: Value, element: Value, isElement: boolean): void {
  const [first, second] = pipe.declares
  if (first === undefined) return
  if (pipe.assigns) {
    if (second === undefined) assign(state, first.names[0] as string, element, isElement)
    else {
      assign(state, first.names[0] as string, index)
      assign(state, second.names[0] as string, element, isElement)
    }
    return
  }
  const top = state.variables.length - 1
  const last = state.variables[top]
  const beforeLast = state.variables[top - 1]
  if (last !== undefined) state.variables[top] = { name: last.name, value: element, isElement }
  if (second !== undefined && beforeLast !== undefined) {
    state.variables[top - 1] = { name: beforeLast.name, value: index, isElement: false }
  }
}

function walkTemplate(state: State, dot: Value, node: TemplateNode): void {
  const template = state.templates.lookup(node.name)
  if (template === undefined) fail(state, `template ${JSON.stringify(node.name)} not defined`)
  const data = node.pipe === undefined ? undefined : evaluatePipeline(state, dot, node.pipe)
  enter(state.run)
  walkList(
    {
      ...state,
      name: template.name,
      node,
      variables: [{ name: '$', value: data, isElement: false }],
      dotIsElement: false,
    },
    data,
    template.body,
  )
  state.run.bounds.depth--
}
