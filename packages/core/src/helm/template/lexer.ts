// The tokens of a template: text, and inside actions numbers, strings, fields, variables, keywords.
import { quoted } from './quote.ts'
import { bare } from './text.ts'

/** The kinds of tokens. A keyword's kind is its word. */
export type TokenType =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'number'
  | 'char'
  | 'string'
  | 'raw'
  | 'identifier'
  | 'field'
  | 'variable'
  | 'bool'
  | 'keyword'
  | 'dot'
  | 'nil'
  | 'declare'
  | 'assign'
  | 'pipe'
  | 'open'
  | 'close'
  | 'other'
  | 'error'
  | 'end'

/** A piece of the template's text; `text` of an error is its message. */
export interface Token {
  readonly type: TokenType
  readonly text: string
  /** UTF-16 offset in the template. */
  readonly start: number
}

const keywords: ReadonlySet<string> = new Set([
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'range',
  'template',
  'with',
])
const punctuation: Readonly<Record<string, TokenType>> = { '=': 'assign', '|': 'pipe' }
const word = /[\p{L}\p{Nd}_]*/uy
const spaces = /[ \t\r\n]*/y
const doubleQuoted = /(?:[^"\\\n]|\\[^\n])*/y
const singleQuoted = /(?:[^'\\\n]|\\[^\n])*/y
const number =
  /[+-]?(?:0[xX][\da-fA-F_]*\.?[\da-fA-F_]*(?:[pP][+-]?[\d_]*)?|0[oO][0-7_]*\.?[0-7_]*|0[bB][01_]*\.?[01_]*|[\d_]*\.?[\d_]*(?:[eE][+-]?[\d_]*)?)i?/y

/** A function that gives the next token each time; after an error or the end it repeats itself. */
export function createLexer(input: string): () => Token {
  let position = 0
  let inside = false
  let depth = 0
  let last: Token | undefined

  const token = (type: TokenType, start: number): Token => ({ type, text: input.slice(start, position), start })
  const fail = (message: string, start: number): Token => {
    last = { type: 'error', text: message, start }
    return last
  }
  const match = (pattern: RegExp): string => {
    pattern.lastIndex = position
    const found = pattern.exec(input)?.[0] ?? ''
    position += found.length
    return found
  }
  const isSpace = (at: number): boolean => isSpaceCode(input.charCodeAt(at))
  /** The length of a right delimiter here, with its trim marker; 0 when there is none. */
  const rightDelimiter = (at: number): number => {
    if (input.startsWith('}}', at)) return 2
    return isSpace(at) && input.startsWith('-}}', at + 1) ? 4 : 0
  }
  /** After a right delimiter of this length: spaces behind a trim marker are dropped. */
  const close = (length: number): void => {
    position += length
    if (length === 4) match(spaces)
  }
  const atTerminator = (): boolean =>
    position >= input.length ||
    isSpace(position) ||
    '.,|:)('.includes(input[position] as string) ||
    input.startsWith('}}', position)
  const badCharacter = (start: number): Token => fail(`bad character ${unicodeName(input, position)}`, start)

  const lexText = (): Token => {
    for (;;) {
      const start = position
      const open = input.indexOf('{{', position)
      if (open < 0) {
        position = input.length
        return start < position ? token('text', start) : token('end', start)
      }
      const trims = input[open + 2] === '-' && isSpace(open + 3)
      const text = input.slice(start, open)
      const kept = trims ? trimSpaces(text) : text
      position = open
      if (kept !== '') return { type: 'text', text: kept, start }
      const after = open + (trims ? 4 : 2)
      if (!input.startsWith('/*', after)) {
        inside = true
        depth = 0
        position = after
        return { type: 'left', text: '{{', start: open }
      }
      const end = input.indexOf('*/', after + 2)
      if (end < 0) return fail('unclosed comment', after)
      const delimiter = rightDelimiter(end + 2)
      if (delimiter === 0) return fail('comment ends before closing delimiter', after)
      position = end + 2
      close(delimiter)
    }
  }

  const lexAction = (): Token => {
    const start = position
    const delimiter = rightDelimiter(position)
    if (delimiter > 0) {
      if (depth > 0) return fail('unclosed left paren', start)
      close(delimiter)
      inside = false
      return { type: 'right', text: '}}', start: start + delimiter - 2 }
    }
    if (position >= input.length) return fail('unclosed action', start)
    if (isSpace(position)) {
      match(spaces)
      // The last space may belong to a trimming right delimiter.
      if (rightDelimiter(position - 1) === 4) position--
      return position === start ? lexAction() : token('space', start)
    }
    const character = input[position] as string
    if (character === '"') return lexString(start, doubleQuoted, '"', 'string', 'unterminated quoted string')
    if (character === '.' && !/\d/.test(input[position + 1] ?? '')) return lexName(start, 'field', 'dot')
    if (character === '$') return lexName(start, 'variable', 'variable')
    if (/[\d.+-]/.test(character)) return lexNumber(start)
    const name = match(word)
    if (name !== '') return atTerminator() ? lexWord(name, start) : badCharacter(start)
    position++
    const type = punctuation[character]
    if (type !== undefined) return token(type, start)
    switch (character) {
      case ':':
        if (input[position++] !== '=') return fail('expected :=', start)
        return token('declare', start)
      case '`': {
        const end = input.indexOf('`', position)
        if (end < 0) return fail('unterminated raw quoted string', start)
        position = end + 1
        return token('raw', start)
      }
      case "'":
        position--
        return lexString(start, singleQuoted, "'", 'char', 'unterminated character constant')
      case '(':
        depth++
        return token('open', start)
      case ')':
        depth--
        return depth < 0 ? fail('unexpected right paren', start) : token('close', start)
    }
    if (character >= ' ' && character <= '~') return token('other', start)
    return fail(`unrecognized character in action: ${unicodeName(input, start)}`, start)
  }

  const lexString = (start: number, body: RegExp, mark: string, type: TokenType, complaint: string): Token => {
    position++
    match(body)
    if (input[position] !== mark) return fail(complaint, start)
    position++
    return token(type, start)
  }

  const lexName = (start: number, named: TokenType, alone: TokenType): Token => {
    position++
    if (atTerminator()) return token(alone, start)
    match(word)
    return atTerminator() ? token(named, start) : badCharacter(start)
  }

  const lexNumber = (start: number): Token => {
    match(number)
    const end = position
    const isWord = match(word) !== ''
    if (isWord || '+-'.includes(input[position] ?? 'x')) {
      // Go names the text up to the first wrong character, or with the second half of a complex number.
      if (isWord) position = end + 1
      else match(number)
      return fail(`bad number syntax: ${bare(quoted(input.slice(start, position)))}`, start)
    }
    return token('number', start)
  }

  const lexWord = (name: string, start: number): Token => {
    if (keywords.has(name)) return token('keyword', start)
    if (name === 'nil') return token('nil', start)
    return token(name === 'true' || name === 'false' ? 'bool' : 'identifier', start)
  }

  return () => last ?? (inside ? lexAction() : lexText())
}

function isSpaceCode(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

/** The text without the spaces at its end. */
function trimSpaces(text: string): string {
  let end = text.length
  while (end > 0 && isSpaceCode(text.charCodeAt(end - 1))) end--
  return text.slice(0, end)
}

/** A character as Go's verb `%#U` prints it. */
function unicodeName(input: string, at: number): string {
  const code = input.codePointAt(at)
  if (code === undefined) return 'U+FFFFFFFFFFFFFFFF'
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} '${String.fromCodePoint(code)}'`
}
