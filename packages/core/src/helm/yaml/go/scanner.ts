// The tokens of a YAML text one after another, with libyaml's rules of indentation and simple keys.
import {
  atDocumentMarker,
  type Cursor,
  code,
  column,
  failScan,
  isBlank,
  isBlankOrEnd,
  markOf,
  peek,
  readBreak,
  skipComment,
} from './cursor.ts'
import { scanAnchor, scanDirective, scanTag } from './scan-property.ts'
import { scanBlockScalar, scanPlain, scanQuoted } from './scan-scalar.ts'
import {
  currentKey,
  dropKey,
  inFlow,
  insertToken,
  isValidKey,
  needsMore,
  rollIndent,
  type Scanner,
  saveKey,
  unrollIndent,
} from './scanner-state.ts'
import type { Token, TokenKind } from './token.ts'

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
  if (char === 0) fetchEnd(scanner)
  else if (char === code.percent && column(cursor) === 0) fetchDocumentPart(scanner, () => scanDirective(cursor))
  else if (atDocumentMarker(cursor)) fetchDocumentPart(scanner, () => scanMarker(cursor))
  else if (!fetchIndicator(scanner, char)) fetchScalar(scanner, char)
}

function scanMarker(cursor: Cursor): Token {
  const mark = markOf(cursor)
  const kind = peek(cursor) === code.minus ? 'document-start' : 'document-end'
  cursor.at += 3
  return { kind, mark }
}

/** A token that one character begins; false where the character begins a scalar. */
function fetchIndicator(scanner: Scanner, char: number): boolean {
  const { cursor } = scanner
  const beforeBlank = isBlankOrEnd(peek(cursor, 1))
  switch (char) {
    case code.openBracket:
      fetchFlowStart(scanner, 'flow-sequence-start')
      return true
    case code.openBrace:
      fetchFlowStart(scanner, 'flow-mapping-start')
      return true
    case code.closeBracket:
      fetchFlowEnd(scanner, 'flow-sequence-end')
      return true
    case code.closeBrace:
      fetchFlowEnd(scanner, 'flow-mapping-end')
      return true
    case code.comma:
      dropKey(scanner)
      scanner.keyAllowed = true
      pushIndicator(scanner, 'flow-entry')
      return true
    case code.star:
      fetchNode(scanner, () => scanAnchor(cursor, 'alias'))
      return true
    case code.ampersand:
      fetchNode(scanner, () => scanAnchor(cursor, 'anchor'))
      return true
    case code.exclamation:
      fetchNode(scanner, () => scanTag(cursor))
      return true
    case code.minus:
      if (beforeBlank) fetchBlockEntry(scanner)
      return beforeBlank
    case code.question:
      if (inFlow(scanner) || beforeBlank) fetchKey(scanner)
      return inFlow(scanner) || beforeBlank
    case code.colon:
      if (inFlow(scanner) || beforeBlank) fetchValue(scanner)
      return inFlow(scanner) || beforeBlank
    default:
      return false
  }
}

function fetchScalar(scanner: Scanner, char: number): void {
  const { cursor } = scanner
  if (char === code.apostrophe || char === code.quote) fetchNode(scanner, () => scanQuoted(cursor, char))
  else if ((char === code.bar || char === code.greater) && !inFlow(scanner)) {
    dropKey(scanner)
    scanner.keyAllowed = true
    scanner.queue.push(scanBlockScalar(cursor, scanner.indent, char === code.bar))
  } else if (startsPlain(cursor, char)) {
    saveKey(scanner)
    const { token, broken } = scanPlain(cursor, scanner.indent + 1, inFlow(scanner))
    scanner.keyAllowed = broken
    scanner.queue.push(token)
  } else failScan(cursor, markOf(cursor), 'found character that cannot start any token')
}

const indicators = new Set(Array.from('-?:,[]{}#&*!|>\'"%@`', (indicator) => indicator.charCodeAt(0)))

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
