// The tokens of a YAML text one after another, with libyaml's rules of indentation and simple keys.
import { bare } from '../../template/text.ts'
import type { Text } from '../../template/value.ts'
import { findUnreadable, type Unreadable } from './characters.ts'
import {
  atDocumentMarker,
  type Cursor,
  code,
  column,
  failScan,
  isBlank,
  isBlankOrEnd,
  type Mark,
  markOf,
  peek,
  readBreak,
  skipComment,
} from './cursor.ts'
import { scanAnchor, scanDirective, scanTag } from './scan-property.ts'
import { scanBlockScalar, scanPlain, scanQuoted } from './scan-scalar.ts'
import type { Token, TokenKind } from './token.ts'

/** A place where a key without `?` may have begun; there is one for each level of brackets. */
interface SimpleKey {
  possible: boolean
  readonly required: boolean
  readonly token: number
  readonly mark: Mark
  /** Whether the token waits until it is known to be a key or none. */
  waits: boolean
}

/** A scanner in its course. */
export interface Scanner {
  readonly cursor: Cursor
  readonly queue: Token[]
  /** Tokens given out so far; numbers the queue. */
  taken: number
  indent: number
  readonly indents: number[]
  keyAllowed: boolean
  readonly keys: SimpleKey[]
  /** The first character that YAML refuses, if there is one. */
  readonly unreadable: Unreadable | undefined
  ended: boolean
}

/** The longest simple key; libyaml's bound. */
const maxKeyLength = 1024

/** A scanner at the start of the text. */
export function newScanner(source: Text): Scanner {
  const text = bare(source)
  const start = text.charCodeAt(0) === code.byteOrderMark ? 1 : 0
  return {
    cursor: { source, text, at: start, line: 0, lineStart: start },
    queue: [],
    taken: 0,
    indent: -1,
    indents: [],
    keyAllowed: true,
    keys: [{ possible: false, required: false, token: 0, mark: { at: start, line: 0, column: 0 }, waits: false }],
    unreadable: findUnreadable(text),
    ended: false,
  }
}

/** The next token, not taken. Throws GoError with go-yaml's words. */
export function peekToken(scanner: Scanner): Token {
  while (needsMore(scanner)) {
    checkReadable(scanner)
    fetchToken(scanner)
    checkReadable(scanner)
  }
  return scanner.queue[0] as Token
}

function checkReadable({ unreadable, cursor, ended }: Scanner): void {
  if (unreadable !== undefined && (cursor.at >= unreadable.noticedAt || ended)) throw unreadable.error
}

/** Takes the token that was peeked at. */
export function takeToken(scanner: Scanner): Token {
  const token = peekToken(scanner)
  scanner.queue.shift()
  scanner.taken++
  return token
}

/** The head cannot be given out while it may still turn out to be a key. */
function needsMore(scanner: Scanner): boolean {
  if (scanner.queue.length === 0) return true
  const key = scanner.keys.find((candidate) => candidate.waits && candidate.token === scanner.taken)
  return key !== undefined && isValidKey(scanner, key)
}

function isValidKey({ cursor }: Scanner, key: SimpleKey): boolean {
  if (!key.possible) return false
  if (key.mark.line === cursor.line && key.mark.at + maxKeyLength >= cursor.at) return true
  if (key.required) failScan(cursor, key.mark, "could not find expected ':'")
  key.possible = false
  return false
}

function currentKey(scanner: Scanner): SimpleKey {
  return scanner.keys[scanner.keys.length - 1] as SimpleKey
}

function saveKey(scanner: Scanner): void {
  if (!scanner.keyAllowed) return
  const required = !inFlow(scanner) && scanner.indent === column(scanner.cursor)
  dropKey(scanner)
  scanner.keys[scanner.keys.length - 1] = {
    possible: true,
    required,
    token: scanner.taken + scanner.queue.length,
    mark: markOf(scanner.cursor),
    waits: true,
  }
}

function dropKey(scanner: Scanner): void {
  const key = currentKey(scanner)
  if (key.possible && key.required) failScan(scanner.cursor, key.mark, "could not find expected ':'")
  key.possible = false
  key.waits = false
}

function inFlow(scanner: Scanner): boolean {
  return scanner.keys.length > 1
}

/** Opens a block where the column lies deeper; its token goes before the token of that number, or last. */
function rollIndent(scanner: Scanner, toColumn: number, kind: TokenKind, mark: Mark, number?: number): void {
  if (inFlow(scanner) || scanner.indent >= toColumn) return
  scanner.indents.push(scanner.indent)
  scanner.indent = toColumn
  insertToken(scanner, { kind, mark }, number)
}

/** A token that was given out cannot have another before it: that one goes last, as in go-yaml. */
function insertToken({ queue, taken }: Scanner, token: Token, number = -1): void {
  queue.splice(number < taken ? queue.length : number - taken, 0, token)
}

function unrollIndent(scanner: Scanner, toColumn: number): void {
  if (inFlow(scanner)) return
  while (scanner.indent > toColumn) {
    scanner.queue.push({ kind: 'block-end', mark: markOf(scanner.cursor) })
    scanner.indent = scanner.indents.pop() as number
  }
}

function skipToToken(scanner: Scanner): void {
  const { cursor } = scanner
  for (;;) {
    while (peek(cursor) === code.space || (peek(cursor) === code.tab && (inFlow(scanner) || !scanner.keyAllowed))) {
      cursor.at++
    }
    if (peek(cursor) === code.hash) skipComment(cursor)
    if (readBreak(cursor) === '') return
    if (!inFlow(scanner)) scanner.keyAllowed = true
  }
}

function fetchToken(scanner: Scanner): void {
  const { cursor } = scanner
  skipToToken(scanner)
  unrollIndent(scanner, column(cursor))
  const char = peek(cursor)
  if (char === 0) return fetchEnd(scanner)
  if (char === code.percent && column(cursor) === 0) return fetchDocumentPart(scanner, () => scanDirective(cursor))
  if (atDocumentMarker(cursor)) {
    return fetchDocumentPart(scanner, () => {
      const mark = markOf(cursor)
      cursor.at += 3
      return { kind: char === code.minus ? 'document-start' : 'document-end', mark }
    })
  }
  const flow = inFlow(scanner)
  const beforeBlank = isBlankOrEnd(peek(cursor, 1))
  switch (char) {
    case code.openBracket:
      return fetchFlowStart(scanner, 'flow-sequence-start')
    case code.openBrace:
      return fetchFlowStart(scanner, 'flow-mapping-start')
    case code.closeBracket:
      return fetchFlowEnd(scanner, 'flow-sequence-end')
    case code.closeBrace:
      return fetchFlowEnd(scanner, 'flow-mapping-end')
    case code.comma:
      dropKey(scanner)
      scanner.keyAllowed = true
      return pushIndicator(scanner, 'flow-entry')
    case code.star:
      return fetchNode(scanner, () => scanAnchor(cursor, 'alias'))
    case code.ampersand:
      return fetchNode(scanner, () => scanAnchor(cursor, 'anchor'))
    case code.exclamation:
      return fetchNode(scanner, () => scanTag(cursor))
    case code.apostrophe:
    case code.quote:
      return fetchNode(scanner, () => scanQuoted(cursor, char))
  }
  if (char === code.minus && beforeBlank) return fetchBlockEntry(scanner)
  if (char === code.question && (flow || beforeBlank)) return fetchKey(scanner)
  if (char === code.colon && (flow || beforeBlank)) return fetchValue(scanner)
  if ((char === code.bar || char === code.greater) && !flow) {
    dropKey(scanner)
    scanner.keyAllowed = true
    scanner.queue.push(scanBlockScalar(cursor, scanner.indent, char === code.bar))
    return
  }
  if (!startsPlain(cursor, char)) {
    failScan(cursor, markOf(cursor), 'found character that cannot start any token')
  }
  saveKey(scanner)
  scanner.keyAllowed = false
  const { token, broken } = scanPlain(cursor, scanner.indent + 1, flow)
  if (broken) scanner.keyAllowed = true
  scanner.queue.push(token)
}

const indicators = new Set([...'-?:,[]{}#&*!|>\'"%@`'].map((indicator) => indicator.charCodeAt(0)))

/** Whether a plain scalar may start with this character, all tokens of one character being excluded already. */
function startsPlain(cursor: Cursor, char: number): boolean {
  if (!indicators.has(char)) return !isBlankOrEnd(char)
  if (char === code.minus) return !isBlank(peek(cursor, 1))
  return char === code.question || char === code.colon
}

function fetchEnd(scanner: Scanner): void {
  const { cursor } = scanner
  if (column(cursor) !== 0) {
    cursor.line++
    cursor.lineStart = cursor.at
  }
  unrollIndent(scanner, -1)
  dropKey(scanner)
  scanner.keyAllowed = false
  scanner.ended = true
  scanner.queue.push({ kind: 'stream-end', mark: markOf(cursor) })
}

function fetchDocumentPart(scanner: Scanner, scan: () => Token): void {
  unrollIndent(scanner, -1)
  dropKey(scanner)
  scanner.keyAllowed = false
  scanner.queue.push(scan())
}

/** A token that may be a key and behind which none may start. */
function fetchNode(scanner: Scanner, scan: () => Token): void {
  saveKey(scanner)
  scanner.keyAllowed = false
  scanner.queue.push(scan())
}

function pushIndicator(scanner: Scanner, kind: TokenKind): void {
  scanner.queue.push({ kind, mark: markOf(scanner.cursor) })
  scanner.cursor.at++
}

function fetchFlowStart(scanner: Scanner, kind: TokenKind): void {
  saveKey(scanner)
  const token = scanner.taken + scanner.queue.length
  scanner.keys.push({ possible: false, required: false, token, mark: markOf(scanner.cursor), waits: false })
  scanner.keyAllowed = true
  pushIndicator(scanner, kind)
}

function fetchFlowEnd(scanner: Scanner, kind: TokenKind): void {
  dropKey(scanner)
  const closed = inFlow(scanner) ? scanner.keys.pop() : undefined
  // The opening bracket no longer waits, though it may still turn out to be a key: a fault of go-yaml that shows.
  const outer = currentKey(scanner)
  if (closed !== undefined && outer.token === closed.token) outer.waits = false
  scanner.keyAllowed = false
  pushIndicator(scanner, kind)
}

function fetchBlockEntry(scanner: Scanner): void {
  openBlock(scanner, 'block-sequence-start', 'block sequence entries are not allowed in this context')
  dropKey(scanner)
  scanner.keyAllowed = true
  pushIndicator(scanner, 'block-entry')
}

function fetchKey(scanner: Scanner): void {
  openBlock(scanner, 'block-mapping-start', 'mapping keys are not allowed in this context')
  dropKey(scanner)
  scanner.keyAllowed = !inFlow(scanner)
  pushIndicator(scanner, 'key')
}

function openBlock(scanner: Scanner, kind: TokenKind, problem: string): void {
  const { cursor } = scanner
  if (inFlow(scanner)) return
  if (!scanner.keyAllowed) failScan(cursor, markOf(cursor), problem)
  rollIndent(scanner, column(cursor), kind, markOf(cursor))
}

function fetchValue(scanner: Scanner): void {
  const key = currentKey(scanner)
  if (isValidKey(scanner, key)) {
    insertToken(scanner, { kind: 'key', mark: key.mark }, key.token)
    rollIndent(scanner, key.mark.column, 'block-mapping-start', key.mark, key.token)
    key.possible = false
    key.waits = false
    scanner.keyAllowed = false
  } else {
    openBlock(scanner, 'block-mapping-start', 'mapping values are not allowed in this context')
    scanner.keyAllowed = !inFlow(scanner)
  }
  pushIndicator(scanner, 'value')
}
