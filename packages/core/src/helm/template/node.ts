// The syntax tree of a template, and its nodes written out again as Go's errors quote them.
import type { Int, TracedText } from './value.ts'

/** The text a tree was parsed from. */
export interface SourceText {
  /** What errors call it: the path of the template. */
  readonly name: string
  readonly text: string
  /** The same text with the places it comes from: the file, or the leaf that `tpl` was given. */
  readonly traced: TracedText
}

/** What every node knows: where it stands, as a UTF-16 offset in its source. */
export interface Place {
  readonly source: SourceText
  readonly start: number
}

export type DotNode = Place & { readonly type: 'dot' }
export type NilNode = Place & { readonly type: 'nil' }
export type BoolNode = Place & { readonly type: 'bool'; readonly value: boolean }
/** A number; `int` is set where Go can read an integer from it, `constant` is its value where no type is asked for. */
export type NumberNode = Place & {
  readonly type: 'number'
  readonly text: string
  readonly int: bigint | undefined
  readonly float: number
  readonly constant: number | Int | undefined
}
/** A string; `spelling` includes its quotes. */
export type StringNode = Place & { readonly type: 'string'; readonly spelling: string; readonly text: string }
export type FieldNode = Place & { readonly type: 'field'; readonly names: readonly string[] }
/** `$x.a.b`: the first name is the variable's, with its dollar. */
export type VariableNode = Place & { readonly type: 'variable'; readonly names: readonly string[] }
export type IdentifierNode = Place & { readonly type: 'identifier'; readonly name: string }
export type ChainNode = Place & { readonly type: 'chain'; readonly operand: Operand; readonly names: readonly string[] }
export type PipeNode = Place & {
  readonly type: 'pipe'
  readonly declares: readonly VariableNode[]
  /** Whether it is `=` and not `:=`. */
  readonly assigns: boolean
  readonly commands: readonly CommandNode[]
}
export type CommandNode = Place & { readonly type: 'command'; readonly operands: readonly [Operand, ...Operand[]] }

export type Operand =
  | DotNode
  | NilNode
  | BoolNode
  | NumberNode
  | StringNode
  | FieldNode
  | VariableNode
  | IdentifierNode
  | ChainNode
  | PipeNode

export type TextNode = Place & { readonly type: 'text'; readonly text: string }
export type ActionNode = Place & { readonly type: 'action'; readonly pipe: PipeNode }
export type BranchNode = Place & {
  readonly type: 'if' | 'with' | 'range'
  readonly pipe: PipeNode
  readonly body: ListNode
  readonly otherwise: ListNode | undefined
}
export type TemplateNode = Place & {
  readonly type: 'template'
  readonly name: string
  readonly pipe: PipeNode | undefined
}
export type JumpNode = Place & { readonly type: 'break' | 'continue' }
export type ListNode = readonly Statement[]

export type Statement = TextNode | ActionNode | BranchNode | TemplateNode | JumpNode

/** What stands in the angle brackets of an error. */
export type Expression = Operand | CommandNode | Statement

/** The node as Go prints it: normalised spaces, statements with their bodies. */
export function describe(node: Expression): string {
  switch (node.type) {
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'bool':
      return String(node.value)
    case 'number':
    case 'text':
      return node.text
    case 'string':
      return node.spelling
    case 'field':
      return node.names.map((name) => `.${name}`).join('')
    case 'variable':
      return node.names.join('.')
    case 'identifier':
      return node.name
    case 'chain':
      return enclosed(node.operand) + node.names.map((name) => `.${name}`).join('')
    case 'command':
      return node.operands.map(enclosed).join(' ')
    case 'pipe':
      return describePipe(node)
    case 'action':
      return `{{${describe(node.pipe)}}}`
    case 'template':
      return `{{template ${JSON.stringify(node.name)}${node.pipe === undefined ? '' : ` ${describe(node.pipe)}`}}}`
    case 'break':
    case 'continue':
      return `{{${node.type}}}`
    default:
      return describeBranch(node)
  }
}

function enclosed(operand: Operand): string {
  return operand.type === 'pipe' ? `(${describe(operand)})` : describe(operand)
}

function describePipe(node: PipeNode): string {
  const names = node.declares.map(describe).join(', ')
  const head = names === '' ? '' : `${names} ${node.assigns ? '=' : ':='} `
  return head + node.commands.map(describe).join(' | ')
}

function describeBranch(node: BranchNode): string {
  const body = node.body.map(describe).join('')
  const otherwise = node.otherwise === undefined ? '' : `{{else}}${node.otherwise.map(describe).join('')}`
  return `{{${node.type} ${describe(node.pipe)}}}${body}${otherwise}{{end}}`
}

/** `name:line:column` of a node, lines from 1, columns from 0 in bytes. */
export function locate(node: Place): string {
  const before = node.source.text.slice(0, node.start)
  const lineStart = before.lastIndexOf('\n') + 1
  return `${node.source.name}:${lineOf(node)}:${Buffer.byteLength(before.slice(lineStart))}`
}

/** The line of a place, from 1. */
export function lineOf(place: Place): number {
  let line = 1
  const { text } = place.source
  for (let at = text.indexOf('\n'); at >= 0 && at < place.start; at = text.indexOf('\n', at + 1)) line++
  return line
}
