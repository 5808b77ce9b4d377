// Strings in double quotes with Go's escapes (strconv.Quote).
import { bare, type Piece, rebuild } from './text.ts'
import type { Text } from './value.ts'

const escapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

// What unicode.IsPrint accepts: letters, marks, numbers, punctuation, symbols and the ASCII space.
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u
const simple = /^[ !#-[\]-~]*$/

/** How a text is quoted. */
export interface QuoteOptions {
  /** Default: a double quote. */
  readonly mark?: '"' | "'"
  /** Whether everything above ASCII is escaped. Default: false. */
  readonly ascii?: boolean
}

/** The text between quotes, its unprintable characters escaped; the characters kept as they are keep their spans. */
export function quoted(text: Text, options: QuoteOptions = {}): Text {
  const mark = options.mark ?? '"'
  const subject = bare(text)
  if (simple.test(subject) && !subject.includes(mark))
    return typeof text === 'string' ? mark + text + mark : rebuild(text, [mark, [0, subject.length], mark])
  const pieces: Piece[] = [mark]
  let done = 0
  let at = 0
  for (const character of subject) {
    const escaped = escapeOf(character, mark, options.ascii ?? false)
    if (escaped !== undefined) {
      pieces.push([done, at], escaped)
      done = at + character.length
    }
    at += character.length
  }
  return rebuild(text, [...pieces, [done, at], mark])
}

/** The escape of a character; undefined when it stands for itself. */
function escapeOf(character: string, mark: string, ascii: boolean): string | undefined {
  if (character === mark) return `\\${mark}`
  const known = escapes[character]
  if (known !== undefined) return known
  const code = character.codePointAt(0) as number
  // A lone surrogate is a byte that is no UTF-8.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`
  if (printable.test(character) && !(ascii && code > 0x7e)) return undefined
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
