// What stands before a YAML node or document: anchors, aliases, tags and directives.
import { textOfBytes } from '../../template/bytes.ts'
import {
  type Cursor,
  code,
  failScan,
  isBlank,
  isBlankOrEnd,
  isBreakOrEnd,
  isWord,
  type Mark,
  markOf,
  peek,
  readBreak,
  skipBlanks,
  skipComment,
} from './cursor.ts'
import type { Token } from './token.ts'

const afterAnchor = new Set('?:,]}%@`')
const uri = /[0-9A-Za-z_;/?:@&=+$,.!~*'()[\]-]/

function readWord(cursor: Cursor): string {
  const start = cursor.at
  while (isWord(peek(cursor))) cursor.at++
  return cursor.text.slice(start, cursor.at)
}

/** `&name` or `*name`. */
export function scanAnchor(cursor: Cursor, kind: 'anchor' | 'alias'): Token {
  const mark = markOf(cursor)
  cursor.at++
  const value = readWord(cursor)
  if (value === '' || !(isBlankOrEnd(peek(cursor)) || afterAnchor.has(cursor.text.charAt(cursor.at)))) {
    failScan(cursor, mark, 'did not find expected alphabetic or numeric character')
  }
  return { kind, mark, value }
}

/** `!`, `!name`, `!!name`, `!handle!name` or `!<uri>`. */
export function scanTag(cursor: Cursor): Token {
  const mark = markOf(cursor)
  let handle = ''
  let suffix: string
  if (peek(cursor, 1) === code.less) {
    cursor.at += 2
    suffix = readUri(cursor, '', mark)
    if (peek(cursor) !== code.greater) failScan(cursor, mark, "did not find the expected '>'")
    cursor.at++
  } else {
    handle = readHandle(cursor, false, mark)
    if (handle.length > 1 && handle.endsWith('!')) suffix = readUri(cursor, '', mark)
    else {
      suffix = readUri(cursor, handle, mark)
      handle = '!'
      if (suffix === '') [handle, suffix] = [suffix, handle]
    }
  }
  if (!isBlankOrEnd(peek(cursor))) failScan(cursor, mark, 'did not find expected whitespace or line break')
  return { kind: 'tag', mark, value: handle, suffix }
}

function readHandle(cursor: Cursor, directive: boolean, mark: Mark): string {
  if (peek(cursor) !== code.exclamation) failScan(cursor, mark, "did not find expected '!'")
  cursor.at++
  const handle = `!${readWord(cursor)}`
  if (peek(cursor) === code.exclamation) {
    cursor.at++
    return `${handle}!`
  }
  if (directive && handle !== '!') failScan(cursor, mark, "did not find expected '!'")
  return handle
}

/** The rest of a tag; what a handle without closing `!` began is part of it. */
function readUri(cursor: Cursor, head: string, mark: Mark): string {
  const start = cursor.at
  let value = head.slice(1)
  for (;;) {
    if (peek(cursor) === code.percent) value += readOctets(cursor, mark)
    else if (uri.test(cursor.text.charAt(cursor.at))) value += cursor.text.charAt(cursor.at++)
    else break
  }
  if (head === '' && cursor.at === start) failScan(cursor, mark, 'did not find expected tag URI')
  return value
}

/** One character written as `%xx` octets. */
function readOctets(cursor: Cursor, mark: Mark): string {
  const octets: number[] = []
  let length = 1
  while (octets.length < length) {
    const digits = cursor.text.slice(cursor.at, cursor.at + 3)
    if (!/^%[0-9A-Fa-f]{2}$/.test(digits)) failScan(cursor, mark, 'did not find URI escaped octet')
    const octet = Number.parseInt(digits.slice(1), 16)
    if (octets.length === 0) {
      length = octet < 0x80 ? 1 : octet >= 0xf8 || octet < 0xc0 ? 0 : octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : 2
      if (length === 0) failScan(cursor, mark, 'found an incorrect leading UTF-8 octet')
    } else if ((octet & 0xc0) !== 0x80) failScan(cursor, mark, 'found an incorrect trailing UTF-8 octet')
    octets.push(octet)
    cursor.at += 3
  }
  return textOfBytes(Uint8Array.from(octets))
}

/** `%YAML 1.1` or `%TAG ! prefix`; the cursor stands on `%`. */
export function scanDirective(cursor: Cursor): Token {
  const mark = markOf(cursor)
  cursor.at++
  const name = readWord(cursor)
  if (name === '') failScan(cursor, mark, 'could not find expected directive name')
  if (!isBlankOrEnd(peek(cursor))) failScan(cursor, mark, 'found unexpected non-alphabetical character')
  if (name !== 'YAML' && name !== 'TAG') failScan(cursor, mark, 'found unknown directive name')
  skipBlanks(cursor)
  const token = name === 'YAML' ? readVersion(cursor, mark) : readTagDirective(cursor, mark)
  skipBlanks(cursor)
  if (peek(cursor) === code.hash) skipComment(cursor)
  if (!isBreakOrEnd(peek(cursor))) failScan(cursor, mark, 'did not find expected comment or line break')
  readBreak(cursor)
  return token
}

function readVersion(cursor: Cursor, mark: Mark): Token {
  const major = readNumber(cursor, mark)
  if (peek(cursor) !== code.dot) failScan(cursor, mark, "did not find expected digit or '.' character")
  cursor.at++
  return { kind: 'version-directive', mark, value: `${major}.${readNumber(cursor, mark)}` }
}

function readNumber(cursor: Cursor, mark: Mark): number {
  const [digits = ''] = /^\d*/.exec(cursor.text.slice(cursor.at, cursor.at + 3)) ?? []
  if (digits.length > 2) failScan(cursor, mark, 'found extremely long version number')
  if (digits === '') failScan(cursor, mark, 'did not find expected version number')
  cursor.at += digits.length
  return Number(digits)
}

function readTagDirective(cursor: Cursor, mark: Mark): Token {
  const handle = readHandle(cursor, true, mark)
  if (!isBlank(peek(cursor))) failScan(cursor, mark, 'did not find expected whitespace')
  skipBlanks(cursor)
  const suffix = readUri(cursor, '', mark)
  if (!isBlankOrEnd(peek(cursor))) failScan(cursor, mark, 'did not find expected whitespace or line break')
  return { kind: 'tag-directive', mark, value: handle, suffix }
}
