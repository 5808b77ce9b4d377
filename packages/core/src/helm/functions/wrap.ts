// Strings made to fit a width: abbreviations, lines of words, white space removed (Masterminds/goutils, as in sprig).
import { byteLength, byteSlice, bytesOf } from '../template/bytes.ts'
import { define } from '../template/function.ts'
import { bare, concat, rebuild } from '../template/text.ts'
import type { GoFunction, Text } from '../template/value.ts'
import { isAscii, isSpace, latin1Characters } from './characters.ts'

const dots = '...'

/** At most `width` bytes; what stands before `offset` may become dots. Too small a width gives an empty text. */
function abbreviate(text: Text, offset: number, width: number): Text {
  const length = byteLength(text)
  if (length === 0 || width < 4) return ''
  if (length <= width) return text
  let from = Math.min(offset, length)
  if (length - from < width - 3) from = length - (width - 3)
  if (from <= 4) return concat([byteSlice(text, 0, width - 3), dots])
  if (width < 7) return ''
  if (from + width - 3 < length) return concat([dots, abbreviate(byteSlice(text, from, length), 0, width - 3)])
  return concat([dots, byteSlice(text, length - (width - 3), length)])
}

/** Lines of at most `width` bytes, broken at spaces; longer words are broken only if `breaksWords`. */
function wrap(text: Text, width: number, newline: string, breaksWords: boolean): Text {
  const bytes = bytesOf(bare(text))
  const limit = Math.max(width, 1)
  const parts: Text[] = []
  const line = (start: number, end: number): void => {
    parts.push(byteSlice(text, start, end), newline)
  }
  const space = 32
  let at = 0
  while (bytes.length - at > limit) {
    if (bytes[at] === space) {
      at++
      continue
    }
    const window = bytes.subarray(at, at + limit + 1)
    const breakAt = window.lastIndexOf(space)
    if (breakAt >= 0) {
      line(at, at + breakAt)
      at += breakAt + 1
    } else if (breaksWords) {
      line(at, at + limit)
      at += limit
    } else {
      const end = bytes.indexOf(space, at + limit)
      if (end < 0) break
      line(at, end)
      at = end + 1
    }
  }
  parts.push(byteSlice(text, at, bytes.length))
  return concat(parts)
}

/** Without white space; bytes of other characters come out as characters of their own once there is any. */
function withoutSpace(text: Text): Text {
  const subject = bare(text)
  if (!isAscii(subject)) {
    const kept = latin1Characters(bytesOf(subject)).filter((character) => !isSpace(character))
    return kept.length === bytesOf(subject).length ? text : kept.join('')
  }
  const pieces: [number, number][] = []
  for (const run of subject.matchAll(/[^\t\n\v\f\r ]+/g)) pieces.push([run.index, run.index + run[0].length])
  return rebuild(text, pieces)
}

/** The functions of this family. */
export const wrapFunctions: readonly GoFunction[] = [
  define('abbrev', ['int', 'text'], (width, text) => (width < 4 ? text : abbreviate(text, 0, width))),
  define('abbrevboth', ['int', 'int', 'text'], (left, right, text) => {
    return right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right)
  }),
  define('nospace', ['text'], withoutSpace),
  define('wrap', ['int', 'text'], (width, text) => (bare(text) === '' ? '' : wrap(text, width, '\n', false))),
  define('wrapWith', ['int', 'string', 'text'], (width, newline, text) => {
    return bare(text) === '' ? '' : wrap(text, width, newline === '' ? '\n' : newline, true)
  }),
]
