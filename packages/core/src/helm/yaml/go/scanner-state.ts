// The state of the YAML scanner: tokens that wait, simple keys, indentation (libyaml's rules).
import { bare } from '../../template/text.ts'
import type { Text } from '../../template/value.ts'
import { findUnreadable, type Unreadable } from './characters.ts'
import { type Cursor, code, column, failScan, type Mark, markOf } from './cursor.ts'
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

/** The head cannot be given out while it may still turn out to be a key. */
export function needsMore(scanner: Scanner): boolean {
  if (scanner.queue.length === 0) return true
  const key = scanner.keys.find((candidate) => candidate.waits && candidate.token === scanner.taken)
  return key !== undefined && isValidKey(scanner, key)
}

/** Whether a key can still be one: on its line and within the bound. Throws GoError where it had to be one. */
export function isValidKey({ cursor }: Scanner, key: SimpleKey): boolean {
  if (!key.possible) return false
  if (key.mark.line === cursor.line && key.mark.at + maxKeyLength >= cursor.at) return true
  if (key.required) failScan(cursor, key.mark, "could not find expected ':'")
  key.possible = false
  return false
}

/** The possible key of the innermost brackets. */
export function currentKey(scanner: Scanner): SimpleKey {
  return scanner.keys[scanner.keys.length - 1] as SimpleKey
}

/** Remembers that a key may begin here. */
export function saveKey(scanner: Scanner): void {
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

/** What might have been a key is none. Throws GoError where it had to be one. */
export function dropKey(scanner: Scanner): void {
  const key = currentKey(scanner)
  if (key.possible && key.required) failScan(scanner.cursor, key.mark, "could not find expected ':'")
  key.possible = false
  key.waits = false
}

/** Whether the scanner is within brackets. */
export function inFlow(scanner: Scanner): boolean {
  return scanner.keys.length > 1
}

/** Opens a block where the column lies deeper; its token goes before the token of that number, or last. */
export function rollIndent(scanner: Scanner, toColumn: number, kind: TokenKind, mark: Mark, number?: number): void {
  if (inFlow(scanner) || scanner.indent >= toColumn) return
  scanner.indents.push(scanner.indent)
  scanner.indent = toColumn
  insertToken(scanner, { kind, mark }, number)
}

/** A token that was given out cannot have another before it: that one goes last, as in go-yaml. */
export function insertToken({ queue, taken }: Scanner, token: Token, number = -1): void {
  queue.splice(number < taken ? queue.length : number - taken, 0, token)
}

/** Closes the blocks that lie deeper than a column. */
export function unrollIndent(scanner: Scanner, toColumn: number): void {
  if (inFlow(scanner)) return
  while (scanner.indent > toColumn) {
    scanner.queue.push({ kind: 'block-end', mark: markOf(scanner.cursor) })
    scanner.indent = scanner.indents.pop() as number
  }
}
