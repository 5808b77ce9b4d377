// Pipelines: commands, operands and terms inside an action.
import type { TokenType } from './lexer.ts'
import { parseNumber, unquote } from './literal.ts'
import {
  type CommandNode,
  describe,
  type Expression,
  type NumberNode,
  type Operand,
  type PipeNode,
  type Place,
  type VariableNode,
} from './node.ts'
import type { TokenStream } from './token-stream.ts'
import { GoError, int } from './value.ts'

/** What the parser of one template body remembers. */
export interface Scope {
  readonly tokens: TokenStream
  /** Variables declared and not yet closed, in order. */
  variables: string[]
  /** Whether a function of that name exists. */
  readonly hasFunction: (name: string) => boolean
  /** How many ranges enclose the place. */
  rangeDepth: number
  /** How many parentheses are open. */
  parentheses: number
}

// Go's own bound on nested parentheses.
const maxParentheses = 10_000
const literals: ReadonlySet<Expression['type']> = new Set(['bool', 'dot', 'nil', 'number', 'string'])
const starters: ReadonlySet<TokenType> = new Set([
  'bool',
  'char',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'raw',
  'string',
  'variable',
  'open',
])

/** Parses up to and with the closing token; `context` is what errors call it. */
export function parsePipeline(scope: Scope, context: string, end: 'right' | 'close'): PipeNode {
  const { tokens } = scope
  const place = placeAt(scope, tokens.peekNonSpace().start)
  const { declares, assigns } = parseDeclarations(scope, context)
  const commands: CommandNode[] = []
  for (;;) {
    const token = tokens.nextNonSpace()
    if (token.type === end) break
    if (!starters.has(token.type)) tokens.unexpected(token, context)
    tokens.backup(token)
    commands.push(parseCommand(scope))
  }
  if (commands.length === 0) tokens.fail(`missing value for ${context}`)
  commands.forEach((command, index) => {
    if (index > 0 && literals.has(command.operands[0].type)) {
      tokens.fail(`non executable command in pipeline stage ${index + 1}`)
    }
  })
  return { type: 'pipe', ...place, declares, assigns, commands }
}

function placeAt(scope: Scope, start: number): Place {
  return { source: scope.tokens.source, start }
}

function parseDeclarations(scope: Scope, context: string): Pick<PipeNode, 'declares' | 'assigns'> {
  const { tokens } = scope
  const declares: VariableNode[] = []
  for (;;) {
    const variable = tokens.peekNonSpace()
    if (variable.type !== 'variable') return { declares, assigns: false }
    tokens.next()
    const after = tokens.peek()
    const next = tokens.peekNonSpace()
    const isList = next.type === 'other' && next.text === ','
    if (next.type !== 'assign' && next.type !== 'declare' && !isList) {
      // An argument after all: give back the space as well, it separates operands.
      if (after.type === 'space') tokens.backup(variable, after)
      else tokens.backup(variable)
      return { declares, assigns: false }
    }
    tokens.nextNonSpace()
    declares.push({ type: 'variable', ...placeAt(scope, variable.start), names: [variable.text] })
    scope.variables.push(variable.text)
    if (!isList) return { declares, assigns: next.type === 'assign' }
    if (context !== 'range' || declares.length >= 2) tokens.fail(`too many declarations in ${context}`)
    const second = tokens.peekNonSpace().type
    if (second !== 'variable' && second !== 'right' && second !== 'close') {
      tokens.fail('range can only initialize variables')
    }
  }
}

function parseCommand(scope: Scope): CommandNode {
  const { tokens } = scope
  const place = placeAt(scope, tokens.peekNonSpace().start)
  const operands: Operand[] = []
  for (;;) {
    tokens.peekNonSpace()
    const operand = parseOperand(scope)
    if (operand !== undefined) operands.push(operand)
    const token = tokens.next()
    if (token.type === 'space') continue
    if (token.type === 'right' || token.type === 'close') tokens.backup(token)
    else if (token.type !== 'pipe') tokens.unexpected(token, 'operand')
    break
  }
  const [first, ...rest] = operands
  if (first === undefined) return tokens.fail('empty command')
  return { type: 'command', ...place, operands: [first, ...rest] }
}

/** A term with the fields behind it; undefined when the next token starts none. */
function parseOperand(scope: Scope): Operand | undefined {
  const { tokens } = scope
  const operand = parseTerm(scope)
  const first = tokens.peek()
  if (operand === undefined || first.type !== 'field') return operand
  const names: string[] = []
  while (tokens.peek().type === 'field') names.push(tokens.next().text.slice(1))
  // Go places a chain at its first dot behind the term.
  const place = placeAt(scope, first.start)
  switch (operand.type) {
    case 'field':
    case 'variable':
      return { ...operand, ...place, names: [...operand.names, ...names] }
    case 'bool':
    case 'string':
    case 'number':
    case 'nil':
    case 'dot':
      return tokens.fail(`unexpected . after term ${JSON.stringify(describe(operand))}`)
    default:
      return { type: 'chain', ...place, operand, names }
  }
}

function parseTerm(scope: Scope): Operand | undefined {
  const { tokens } = scope
  const token = tokens.nextNonSpace()
  const place = placeAt(scope, token.start)
  switch (token.type) {
    case 'identifier':
      if (!scope.hasFunction(token.text)) tokens.fail(`function ${JSON.stringify(token.text)} not defined`)
      return { type: 'identifier', ...place, name: token.text }
    case 'dot':
      return { type: 'dot', ...place }
    case 'nil':
      return { type: 'nil', ...place }
    case 'variable':
      if (!scope.variables.includes(token.text)) tokens.fail(`undefined variable ${JSON.stringify(token.text)}`)
      return { type: 'variable', ...place, names: [token.text] }
    case 'field':
      return { type: 'field', ...place, names: [token.text.slice(1)] }
    case 'bool':
      return { type: 'bool', ...place, value: token.text === 'true' }
    case 'number':
    case 'char':
      return numberNode(scope, token.text, place)
    case 'open':
      return parseParentheses(scope)
    case 'string':
    case 'raw':
      return { type: 'string', ...place, spelling: token.text, text: unquoteToken(scope, token.text) }
    default:
      tokens.backup(token)
      return undefined
  }
}

function parseParentheses(scope: Scope): PipeNode {
  if (scope.parentheses >= maxParentheses) scope.tokens.fail('max expression depth exceeded')
  scope.parentheses++
  const pipe = parsePipeline(scope, 'parenthesized pipeline', 'close')
  scope.parentheses--
  return pipe
}

/** The text of a quoted token. Throws ParseError. */
export function unquoteToken(scope: Scope, spelling: string): string {
  return reported(scope, () => unquote(spelling))
}

function numberNode(scope: Scope, text: string, place: Place): NumberNode {
  if (text.startsWith("'")) {
    const characters = Array.from(unquoteToken(scope, text))
    if (characters.length !== 1) scope.tokens.fail(`malformed character constant: ${text}`)
    const code = (characters[0] as string).codePointAt(0) as number
    return { type: 'number', ...place, text, int: BigInt(code), float: code, constant: int(code) }
  }
  const literal = reported(scope, () => parseNumber(text))
  const isFloat = /[.eEpP]/.test(text) && !/^[+-]?0[xX][^pP]*$/.test(text)
  const constant = isFloat ? literal.float : literal.int === undefined ? undefined : int(literal.int)
  return { type: 'number', ...place, text, ...literal, constant }
}

/** Runs a reader of literals; its GoError becomes a ParseError with the line. */
function reported<T>(scope: Scope, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof GoError) return scope.tokens.fail(error.message)
    throw error
  }
}
