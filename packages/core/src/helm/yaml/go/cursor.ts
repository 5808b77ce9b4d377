// Where the YAML reader stands in its text, and the classes of characters that YAML's scanner tells apart.
import type { Piece } from '../../template/text.ts'
import { rebuild } from '../../template/text.ts'
import { GoError, type Text } from '../../template/value.ts'

/** A place in the text; line and column count from 0. */
export interface Mark {
  readonly at: number
  readonly line: number
  readonly column: number
}

/** The place of the next character; changed by whoever scans. */
export interface Cursor {
  /** The text with its spans. */
  readonly source: Text
  /** The same, bare. */
  readonly text: string
  at: number
  line: number
  lineStart: number
}

/** Character codes that mean something to YAML. */
export const code = {
  tab: 9,
  newline: 10,
  return: 13,
  space: 32,
  exclamation: 33,
  quote: 34,
  hash: 35,
  percent: 37,
  ampersand: 38,
  apostrophe: 39,
  star: 42,
  plus: 43,
  comma: 44,
  minus: 45,
  dot: 46,
  zero: 48,
  colon: 58,
  less: 60,
  greater: 62,
  question: 63,
  openBracket: 91,
  backslash: 92,
  closeBracket: 93,
  openBrace: 123,
  bar: 124,
  closeBrace: 125,
  nextLine: 0x85,
  lineSeparator: 0x2028,
  paragraphSeparator: 0x2029,
  byteOrderMark: 0xfeff,
} as const

/** The code of the character `ahead` of the cursor; 0 behind the end, for no other character of YAML is 0. */
export function peek(cursor: Cursor, ahead = 0): number {
  const at = cursor.at + ahead
  return at < cursor.text.length ? cursor.text.charCodeAt(at) : 0
}

/** The column of the cursor. */
export function column(cursor: Cursor): number {
  return cursor.at - cursor.lineStart
}

/** The place of the cursor. */
export function markOf(cursor: Cursor): Mark {
  return { at: cursor.at, line: cursor.line, column: cursor.at - cursor.lineStart }
}

/** A line break, those of Unicode included. */
export function isBreak(char: number): boolean {
  return (
    char === code.newline ||
    char === code.return ||
    char === code.nextLine ||
    char === code.lineSeparator ||
    char === code.paragraphSeparator
  )
}

/** A space or tab. */
export function isBlank(char: number): boolean {
  return char === code.space || char === code.tab
}

/** A line break or the end. */
export function isBreakOrEnd(char: number): boolean {
  return char === 0 || isBreak(char)
}

/** A space, tab, line break or the end. */
export function isBlankOrEnd(char: number): boolean {
  return char === code.space || char === code.tab || char === 0 || isBreak(char)
}

/** A character of a name: ASCII letters, digits, `_` and `-`. */
export function isWord(char: number): boolean {
  return (
    (char >= 48 && char <= 57) ||
    (char >= 65 && char <= 90) ||
    (char >= 97 && char <= 122) ||
    char === 95 ||
    char === code.minus
  )
}

/**
 * Passes a line break, if there is one, and gives what stands for it in a scalar: a newline, or a Unicode separator.
 */
export function readBreak(cursor: Cursor): string {
  const char = peek(cursor)
  if (!isBreak(char)) return ''
  cursor.at += char === code.return && peek(cursor, 1) === code.newline ? 2 : 1
  cursor.line++
  cursor.lineStart = cursor.at
  return char === code.lineSeparator || char === code.paragraphSeparator ? String.fromCharCode(char) : '\n'
}

/** Passes spaces and tabs. */
export function skipBlanks(cursor: Cursor): void {
  while (isBlank(peek(cursor))) cursor.at++
}

/** Passes everything up to the line break. */
export function skipComment(cursor: Cursor): void {
  while (!isBreakOrEnd(peek(cursor))) cursor.at++
}

/** Whether `---` or `...` stands here at the start of a line. */
export function atDocumentMarker(cursor: Cursor): boolean {
  if (cursor.at !== cursor.lineStart) return false
  const char = peek(cursor)
  return (
    (char === code.minus || char === code.dot) &&
    peek(cursor, 1) === char &&
    peek(cursor, 2) === char &&
    isBlankOrEnd(peek(cursor, 3))
  )
}

/**
 * Fails as go-yaml's scanner does: the line is that of the cursor, or of the construct when the cursor is on the first.
 */
export function failScan(cursor: Cursor, context: Mark, problem: string): never {
  const line = cursor.line !== 0 ? cursor.line + 1 : context.line
  throw yamlError(line, problem)
}

/** An error in go-yaml's words; line 0 is not named. */
export function yamlError(line: number, problem: string): GoError {
  return new GoError(`yaml: ${line === 0 ? '' : `line ${line}: `}${problem}`)
}

/** The value of a scalar while it is scanned: from ranges of the text, which keep their spans, and new characters. */
export interface ScalarParts {
  readonly cursor: Cursor
  text: string
  /** Only where the source is traced. */
  readonly pieces: Piece[] | undefined
}

/** An empty scalar. */
export function newParts(cursor: Cursor): ScalarParts {
  return { cursor, text: '', pieces: typeof cursor.source === 'string' ? undefined : [] }
}

/** Adds the characters of a range. */
export function addRange(parts: ScalarParts, start: number, end: number): void {
  if (start === end) return
  parts.text += parts.cursor.text.slice(start, end)
  parts.pieces?.push([start, end])
}

/** Adds characters that do not stand in the text. */
export function addText(parts: ScalarParts, text: string): void {
  if (text === '') return
  parts.text += text
  parts.pieces?.push(text)
}

/** The value with its spans. */
export function finishParts(parts: ScalarParts): Text {
  return parts.pieces === undefined ? parts.text : rebuild(parts.cursor.source, parts.pieces)
}
