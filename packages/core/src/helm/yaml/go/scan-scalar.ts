// Scalars of YAML: plain, quoted, literal and folded, with libyaml's rules for blanks and line breaks.
import {
  addRange,
  addText,
  atDocumentMarker,
  type Cursor,
  code,
  column,
  failScan,
  finishParts,
  isBlank,
  isBlankOrEnd,
  isBreak,
  isBreakOrEnd,
  type Mark,
  markOf,
  newParts,
  peek,
  readBreak,
  type ScalarParts,
  skipBlanks,
  skipComment,
} from './cursor.ts'
import type { Token } from './token.ts'

/** Blanks between two runs of characters: a range on one line, or line breaks. */
interface Gap {
  start: number
  end: number
  /** What the first line break stands for. */
  leading: string
  /** What the further ones do. */
  trailing: string
  broken: boolean
}

const noGap = (): Gap => ({ start: 0, end: 0, leading: '', trailing: '', broken: false })

/** Adds what a gap means: one break is a space, more are the further ones, blanks on one line are themselves. */
function addGap(parts: ScalarParts, gap: Gap): void {
  if (!gap.broken) addRange(parts, gap.start, gap.end)
  else if (gap.leading.startsWith('\n')) addText(parts, gap.trailing === '' ? ' ' : gap.trailing)
  else addText(parts, gap.leading + gap.trailing)
}

/** Passes blanks and breaks; `onTab` is asked at each blank of a new line. */
function readGap(cursor: Cursor, gap: Gap, onTab?: () => void): void {
  for (let char = peek(cursor); isBlank(char) || isBreak(char); char = peek(cursor)) {
    if (isBlank(char)) {
      if (gap.broken) onTab?.()
      else if (gap.end !== cursor.at) gap.start = cursor.at
      cursor.at++
      if (!gap.broken) gap.end = cursor.at
    } else if (gap.broken) gap.trailing += readBreak(cursor)
    else {
      gap.leading = readBreak(cursor)
      gap.broken = true
    }
  }
}

/** Whether a plain scalar ends at this character: before `: `, and within brackets before an indicator. */
function endsPlain(cursor: Cursor, char: number, inFlow: boolean): boolean {
  if (isBlankOrEnd(char)) return true
  if (char === code.colon) return isBlankOrEnd(peek(cursor, 1))
  return (
    inFlow &&
    (char === code.comma ||
      char === code.question ||
      char === code.openBracket ||
      char === code.closeBracket ||
      char === code.openBrace ||
      char === code.closeBrace)
  )
}

/** A plain scalar and whether a line break follows it, after which a key may stand. */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): { token: Token; broken: boolean } {
  const mark = markOf(cursor)
  const parts = newParts(cursor)
  let gap = noGap()
  while (!atDocumentMarker(cursor) && peek(cursor) !== code.hash) {
    const start = cursor.at
    while (!endsPlain(cursor, peek(cursor), inFlow)) cursor.at++
    if (cursor.at > start) {
      addGap(parts, gap)
      addRange(parts, start, cursor.at)
      gap = noGap()
    }
    const char = peek(cursor)
    if (!isBlank(char) && !isBreak(char)) break
    readGap(cursor, gap, () => {
      if (column(cursor) < indent && peek(cursor) === code.tab) {
        failScan(cursor, mark, 'found a tab character that violates indentation')
      }
    })
    if (!inFlow && column(cursor) < indent) break
  }
  return { token: { kind: 'scalar', mark, value: finishParts(parts), plain: true }, broken: gap.broken }
}

/** A scalar in single or double quotes; the cursor stands on the opening one. */
export function scanQuoted(cursor: Cursor, quote: number): Token {
  const mark = markOf(cursor)
  const single = quote === code.apostrophe
  const parts = newParts(cursor)
  cursor.at++
  for (;;) {
    if (atDocumentMarker(cursor)) failScan(cursor, mark, 'found unexpected document indicator')
    if (peek(cursor) === 0) failScan(cursor, mark, 'found unexpected end of stream')
    const gap = noGap()
    readRun(cursor, parts, single, gap, mark)
    if (peek(cursor) === quote) break
    readGap(cursor, gap)
    addGap(parts, gap)
  }
  cursor.at++
  return { kind: 'scalar', mark, value: finishParts(parts) }
}

/** The characters up to a blank, a break or the closing quote; an escaped line break opens the gap. */
function readRun(cursor: Cursor, parts: ScalarParts, single: boolean, gap: Gap, mark: Mark): void {
  let start = cursor.at
  for (let char = peek(cursor); !isBlankOrEnd(char); char = peek(cursor)) {
    if (single && char === code.apostrophe) {
      if (peek(cursor, 1) !== code.apostrophe) break
      addRange(parts, start, cursor.at + 1)
      cursor.at += 2
      start = cursor.at
    } else if (!single && char === code.quote) break
    else if (!single && char === code.backslash) {
      addRange(parts, start, cursor.at)
      if (isBreak(peek(cursor, 1))) {
        cursor.at++
        readBreak(cursor)
        gap.broken = true
        return
      }
      addText(parts, readEscape(cursor, mark))
      start = cursor.at
    } else cursor.at++
  }
  addRange(parts, start, cursor.at)
}

const escapes: Readonly<Record<string, string>> = {
  0: '\0',
  a: '\u0007',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\u001b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
}
const escapeLengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

function readEscape(cursor: Cursor, mark: Mark): string {
  const letter = cursor.text.charAt(cursor.at + 1)
  const known = escapes[letter]
  const length = escapeLengths[letter]
  if (known === undefined && length === undefined) failScan(cursor, mark, 'found unknown escape character')
  cursor.at += 2
  if (length === undefined) return known as string
  const digits = cursor.text.slice(cursor.at, cursor.at + length)
  if (digits.length < length || !/^[0-9A-Fa-f]+$/.test(digits)) {
    failScan(cursor, mark, 'did not find expected hexdecimal number')
  }
  const value = Number.parseInt(digits, 16)
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) {
    failScan(cursor, mark, 'found invalid Unicode character escape code')
  }
  cursor.at += length
  return String.fromCodePoint(value)
}

/** A literal or folded scalar; the cursor stands on `|` or `>`, `parentIndent` is that of the block around it. */
export function scanBlockScalar(cursor: Cursor, parentIndent: number, literal: boolean): Token {
  const mark = markOf(cursor)
  cursor.at++
  const { chomping, increment } = readHeader(cursor, mark)
  const parts = newParts(cursor)
  const fixed = increment > 0 ? Math.max(parentIndent, 0) + increment : 0
  let breaks = readBlockBreaks(cursor, fixed, parentIndent, mark)
  const { indent } = breaks
  let leading = ''
  let afterBlank = false
  while (column(cursor) === indent && peek(cursor) !== 0) {
    const blank = isBlank(peek(cursor))
    if (!literal && !afterBlank && !blank && leading.startsWith('\n')) {
      if (breaks.text === '') addText(parts, ' ')
    } else addText(parts, leading)
    addText(parts, breaks.text)
    afterBlank = blank
    const start = cursor.at
    skipComment(cursor)
    addRange(parts, start, cursor.at)
    leading = readBreak(cursor)
    breaks = readBlockBreaks(cursor, indent, parentIndent, mark)
  }
  if (chomping !== '-') addText(parts, leading)
  if (chomping === '+') addText(parts, breaks.text)
  return { kind: 'scalar', mark, value: finishParts(parts) }
}

/** The indicators behind `|`: how the end is chomped, by how much the text is indented. */
function readHeader(cursor: Cursor, mark: Mark): { chomping: string; increment: number } {
  const header = /(?:([+-])(\d?)|(\d)([+-]?))?/y
  header.lastIndex = cursor.at
  const [all = '', before, digitAfter, digitBefore, after] = header.exec(cursor.text) ?? []
  const digit = digitAfter || digitBefore || ''
  cursor.at += all.length
  if (digit === '0') {
    cursor.at -= after ? 2 : 1
    failScan(cursor, mark, 'found an indentation indicator equal to 0')
  }
  skipBlanks(cursor)
  if (peek(cursor) === code.hash) skipComment(cursor)
  if (!isBreakOrEnd(peek(cursor))) failScan(cursor, mark, 'did not find expected comment or line break')
  readBreak(cursor)
  return { chomping: before || after || '', increment: Number(digit) }
}

/** Passes empty lines and the indentation; an indent of 0 is found from the deepest of the lines. */
function readBlockBreaks(
  cursor: Cursor,
  indent: number,
  parentIndent: number,
  mark: Mark,
): { readonly text: string; readonly indent: number } {
  let text = ''
  let deepest = 0
  for (;;) {
    while ((indent === 0 || column(cursor) < indent) && peek(cursor) === code.space) cursor.at++
    deepest = Math.max(deepest, column(cursor))
    if ((indent === 0 || column(cursor) < indent) && peek(cursor) === code.tab) {
      failScan(cursor, mark, 'found a tab character where an indentation space is expected')
    }
    if (!isBreak(peek(cursor))) break
    text += readBreak(cursor)
  }
  return { text, indent: indent === 0 ? Math.max(deepest, parentIndent + 1, 1) : indent }
}
