// The tokens of one template with look-ahead, and the errors that name their line.
import { createLexer, type Token, type TokenType } from './lexer.ts'
import { lineOf, type SourceText } from './node.ts'
import { quoted } from './quote.ts'
import { bare } from './text.ts'
import { GoError } from './value.ts'

/** A template that cannot be parsed; the message is Go's, `template: name:line: what`. */
export class ParseError extends GoError {}

/** Reads tokens of one template. */
export interface TokenStream {
  readonly source: SourceText
  next(): Token
  /** Gives tokens back, the first to come first. */
  backup(...tokens: readonly Token[]): void
  peek(): Token
  nextNonSpace(): Token
  peekNonSpace(): Token
  /** Throws ParseError unless the next token that is no space has one of the types. */
  expect(context: string, ...types: readonly TokenType[]): Token
  /** Throws ParseError about a token that does not belong. */
  unexpected(token: Token, context: string): never
  /** Throws ParseError with a message of our own, at the line of the last token read. */
  fail(message: string): never
  /** Where the action being parsed starts; undefined between actions. */
  actionStart: number | undefined
}

/** The stream of a template's tokens. */
export function openTokens(source: SourceText): TokenStream {
  const lex = createLexer(source.text)
  const waiting: Token[] = []
  let lastRead = 0

  const stream: TokenStream = {
    source,
    actionStart: undefined,
    next() {
      const token = waiting.pop()
      if (token !== undefined) return token
      const read = lex()
      lastRead = read.start
      return read
    },
    backup(...tokens) {
      for (const token of tokens.toReversed()) waiting.push(token)
    },
    peek() {
      const token = stream.next()
      waiting.push(token)
      return token
    },
    nextNonSpace() {
      let token = stream.next()
      while (token.type === 'space') token = stream.next()
      return token
    },
    peekNonSpace() {
      const token = stream.nextNonSpace()
      waiting.push(token)
      return token
    },
    expect(context, ...types) {
      const token = stream.nextNonSpace()
      return types.includes(token.type) ? token : stream.unexpected(token, context)
    },
    unexpected(token, context) {
      if (token.type !== 'error') return stream.fail(`unexpected ${describeToken(token)} in ${context}`)
      return stream.fail(token.text + actionNote(token))
    },
    fail(message) {
      throw new ParseError(`template: ${source.name}:${line(lastRead)}: ${message}`)
    },
  }
  const line = (start: number): number => lineOf({ source, start })
  const actionNote = (token: Token): string => {
    if (stream.actionStart === undefined || line(stream.actionStart) === line(token.start)) return ''
    const place = `started at ${source.name}:${line(stream.actionStart)}`
    return token.text.endsWith(' action') ? ` ${place}` : ` in action ${place}`
  }
  return stream
}

/** A token as errors print it. */
function describeToken(token: Token): string {
  if (token.type === 'end') return 'EOF'
  if (token.type === 'keyword' || token.type === 'nil' || token.type === 'dot') return `<${token.text}>`
  const characters = Array.from(token.text)
  return characters.length > 10 ? `${bare(quoted(characters.slice(0, 10).join('')))}...` : bare(quoted(token.text))
}
