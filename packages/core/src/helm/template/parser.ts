// Go's template language, parsed: text, actions, control structures, definitions.
import type { Token } from './lexer.ts'
import type { BranchNode, ListNode, PipeNode, SourceText, Statement, TemplateNode } from './node.ts'
import { parsePipeline, type Scope, unquoteToken } from './parse-pipeline.ts'
import { openTokens, type TokenStream } from './token-stream.ts'

/** The bodies found in one text: the main one under the name given, and each `define` and `block`. */
export type ParsedTemplates = ReadonlyMap<string, ListNode>

/** How a list of statements ended, and where. */
interface Ending {
  readonly type: 'end' | 'else'
  /** The keyword that follows `else`, left unread. */
  readonly chained: 'if' | 'with' | undefined
}

type Parsed = Statement | Ending

/**
 * Parses a template. `hasFunction` knows the functions that it may call.
 * Throws ParseError with Go's message, `template: name:3: unexpected "}" in operand`.
 */
export function parseTemplate(source: SourceText, hasFunction: (name: string) => boolean): ParsedTemplates {
  const tokens = openTokens(source)
  const found = new Map<string, ListNode>()
  const scope = newScope(tokens, hasFunction)
  const root: Statement[] = []
  while (tokens.peek().type !== 'end') {
    const token = tokens.next()
    const keyword = token.type === 'left' ? tokens.nextNonSpace() : undefined
    if (keyword !== undefined && isKeyword(keyword, 'define')) {
      parseDefinition(newScope(tokens, hasFunction), found)
      continue
    }
    tokens.backup(token, ...(keyword === undefined ? [] : [keyword]))
    const parsed = parseStatement(scope, found)
    if (isEnding(parsed)) tokens.fail(`unexpected ${describeEnding(parsed)}`)
    else root.push(parsed)
  }
  add(tokens, found, source.name, root)
  return found
}

function newScope(tokens: TokenStream, hasFunction: (name: string) => boolean): Scope {
  return { tokens, variables: ['$'], hasFunction, rangeDepth: 0, parentheses: 0 }
}

function isKeyword(token: Token, ...words: readonly string[]): boolean {
  return token.type === 'keyword' && words.includes(token.text)
}

function isEnding(parsed: Parsed): parsed is Ending {
  return parsed.type === 'end' || parsed.type === 'else'
}

function describeEnding(ending: Ending): string {
  return `{{${ending.type}}}`
}

/** Registers a body: a blank one never replaces another, two others of one name are an error. */
function add(tokens: TokenStream, found: Map<string, ListNode>, name: string, body: ListNode): void {
  const present = found.get(name)
  if (present === undefined || isBlank(present)) found.set(name, body)
  else if (!isBlank(body)) tokens.fail(`template: multiple definition of template ${JSON.stringify(name)}`)
}

/** Whether a body is nothing but space. */
export function isBlank(body: ListNode): boolean {
  return body.every((node) => node.type === 'text' && node.text.trim() === '')
}

function parseDefinition(scope: Scope, found: Map<string, ListNode>): void {
  const { tokens } = scope
  const name = unquoteToken(scope, tokens.expect('define clause', 'string', 'raw').text)
  tokens.expect('define clause', 'right')
  add(tokens, found, name, parseBody(scope, found, 'define clause'))
}

/** A body that must close with `end`. */
function parseBody(scope: Scope, found: Map<string, ListNode>, context: string): ListNode {
  const { list, ending } = parseList(scope, found)
  if (ending.type !== 'end') scope.tokens.fail(`unexpected ${describeEnding(ending)} in ${context}`)
  return list
}

/** Statements up to `end` or `else`. */
function parseList(scope: Scope, found: Map<string, ListNode>): { list: ListNode; ending: Ending } {
  const list: Statement[] = []
  while (scope.tokens.peekNonSpace().type !== 'end') {
    const parsed = parseStatement(scope, found)
    if (isEnding(parsed)) return { list, ending: parsed }
    list.push(parsed)
  }
  return scope.tokens.fail('unexpected EOF')
}

function parseStatement(scope: Scope, found: Map<string, ListNode>): Parsed {
  const { tokens } = scope
  const token = tokens.nextNonSpace()
  if (token.type === 'text') return { type: 'text', source: tokens.source, start: token.start, text: token.text }
  if (token.type !== 'left') return tokens.unexpected(token, 'input')
  tokens.actionStart = token.start
  const parsed = parseAction(scope, found)
  tokens.actionStart = undefined
  return parsed
}

function parseAction(scope: Scope, found: Map<string, ListNode>): Parsed {
  const { tokens } = scope
  const { source } = tokens
  const token = tokens.nextNonSpace()
  if (token.type === 'keyword') {
    switch (token.text) {
      case 'if':
      case 'with':
      case 'range':
        return parseBranch(scope, found, token.text)
      case 'template':
        return parseTemplateCall(scope)
      case 'block':
        return parseBlock(scope, found)
      case 'break':
      case 'continue': {
        const action = `{{${token.text}}}`
        tokens.expect(action, 'right')
        if (scope.rangeDepth === 0) tokens.fail(`${action} outside {{range}}`)
        return { type: token.text, source, start: token.start }
      }
      case 'end':
        tokens.expect('end', 'right')
        return { type: 'end', chained: undefined }
      case 'else': {
        const next = tokens.peekNonSpace()
        if (isKeyword(next, 'if', 'with')) return { type: 'else', chained: next.text as 'if' | 'with' }
        tokens.expect('else', 'right')
        return { type: 'else', chained: undefined }
      }
    }
  }
  tokens.backup(token)
  return { type: 'action', source, start: token.start, pipe: parsePipeline(scope, 'command', 'right') }
}

function parseBranch(scope: Scope, found: Map<string, ListNode>, type: BranchNode['type']): BranchNode {
  const { tokens } = scope
  const declared = scope.variables.length
  const pipe = parsePipeline(scope, type, 'right')
  if (type === 'range') scope.rangeDepth++
  const { list, ending } = parseList(scope, found)
  if (type === 'range') scope.rangeDepth--
  const otherwise = ending.type === 'else' ? parseElse(scope, found, type, ending) : undefined
  scope.variables.length = declared
  return { type, source: tokens.source, start: pipe.start, pipe, body: list, otherwise }
}

/** What follows `else`; `else if` and `else with` share the `end` of the whole chain. */
function parseElse(scope: Scope, found: Map<string, ListNode>, type: string, ending: Ending): ListNode {
  const { tokens } = scope
  if (ending.chained !== undefined && ending.chained === type) {
    tokens.nextNonSpace()
    return [parseBranch(scope, found, ending.chained)]
  }
  const { list, ending: last } = parseList(scope, found)
  if (last.type !== 'end') tokens.fail(`expected end; found ${describeEnding(last)}`)
  return list
}

function parseTemplateCall(scope: Scope): TemplateNode {
  const { tokens } = scope
  const name = tokens.expect('template clause', 'string', 'raw')
  const next = tokens.nextNonSpace()
  let pipe: PipeNode | undefined
  if (next.type !== 'right') {
    tokens.backup(next)
    pipe = parsePipeline(scope, 'template clause', 'right')
  }
  return { type: 'template', source: tokens.source, start: name.start, name: unquoteToken(scope, name.text), pipe }
}

/** A definition and its first use in one. */
function parseBlock(scope: Scope, found: Map<string, ListNode>): TemplateNode {
  const { tokens } = scope
  const token = tokens.expect('block clause', 'string', 'raw')
  const name = unquoteToken(scope, token.text)
  const pipe = parsePipeline(scope, 'block clause', 'right')
  add(tokens, found, name, parseBody(newScope(tokens, scope.hasFunction), found, 'block clause'))
  return { type: 'template', source: tokens.source, start: token.start, name, pipe }
}
