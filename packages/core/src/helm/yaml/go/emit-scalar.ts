// Strings written as YAML scalars, folded behind the width as libyaml's emitter does.
import { bare, slice } from '../../template/text.ts'
import type { Text } from '../../template/value.ts'
import { analyze } from './scalar-style.ts'
import { put, putBreak, putIndent, putIndicator, type Writer } from './writer.ts'

/** The styles of a scalar. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal'

/** The style that the wish comes down to, given the characters and whether the scalar is a key on one line. */
export function fittingStyle(text: string, wish: ScalarStyle, isKey: boolean, blocksTabs: boolean): ScalarStyle {
  const analysis = analyze(text, blocksTabs)
  let style = isKey && analysis.multiline ? 'double' : wish
  if (style === 'plain' && (!analysis.plain || (text === '' && isKey))) style = 'single'
  if (style === 'single' && !analysis.single) style = 'double'
  if (style === 'literal' && (!analysis.block || isKey)) style = 'double'
  return style
}

/** Writes the scalar; a key is not folded. */
export function emitScalar(writer: Writer, text: Text, style: ScalarStyle, isKey: boolean): void {
  const outer = writer.indent
  writer.indent = outer < 0 ? 2 : outer + 2
  switch (style) {
    case 'plain':
      emitPlain(writer, text, !isKey)
      break
    case 'single':
      emitSingle(writer, text, !isKey)
      break
    case 'double':
      emitDouble(writer, text, !isKey)
      break
    case 'literal':
      emitLiteral(writer, text)
  }
  writer.indent = outer
}

/** Writes the text in runs; where `folds` says so, the space at that place becomes a line break. */
function putFolded(writer: Writer, text: Text, folds: (subject: string, at: number) => boolean): void {
  const subject = bare(text)
  let start = 0
  for (let at = subject.indexOf(' '); at >= 0; at = subject.indexOf(' ', at + 1)) {
    const single = subject[at - 1] !== ' '
    if (!single || writer.column + (at - start) <= writer.width || !folds(subject, at)) continue
    put(writer, slice(text, start, at))
    writer.indention = false
    putIndent(writer)
    start = at + 1
  }
  put(writer, start === 0 ? text : slice(text, start))
}

function emitPlain(writer: Writer, text: Text, foldable: boolean): void {
  if (!writer.whitespace) put(writer, ' ')
  putFolded(writer, text, (subject, at) => foldable && subject[at + 1] !== ' ')
  writer.whitespace = false
  writer.indention = false
}

function emitSingle(writer: Writer, text: Text, foldable: boolean): void {
  const subject = bare(text)
  putIndicator(writer, "'", true)
  let spaces = false
  let inBreaks = false
  let start = 0
  const flush = (end: number): void => {
    if (end > start) put(writer, slice(text, start, end))
    start = end
  }
  for (let at = 0; at < subject.length; at++) {
    const char = subject[at] as string
    if (char === ' ') {
      const folds = foldable && !spaces && writer.column + (at - start) > writer.width
      if (folds && at > 0 && at < subject.length - 1 && subject[at + 1] !== ' ') {
        flush(at)
        putIndent(writer)
        start = at + 1
      }
      spaces = true
    } else if (isLineBreak(char)) {
      flush(at)
      if (!inBreaks && char === '\n') putBreak(writer)
      putBreak(writer, slice(text, at, at + 1))
      start = at + 1
      writer.indention = true
      inBreaks = true
    } else {
      if (inBreaks) putIndent(writer)
      if (char === "'") {
        flush(at)
        put(writer, "'")
      }
      writer.indention = false
      spaces = false
      inBreaks = false
    }
  }
  flush(subject.length)
  putIndicator(writer, "'", false)
  writer.indention = false
}

function isLineBreak(char: string): boolean {
  return char === '\n' || char === '\r' || char === '\u0085' || char === '\u2028' || char === '\u2029'
}

const escapeLetters: Readonly<Record<string, string>> = {
  '\0': '0',
  '\u0007': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\u001b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u00a0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
}
const unescaped = /^[ !#-[\]-~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]$/

function escapeOf(char: string): string {
  const letter = escapeLetters[char]
  if (letter !== undefined) return `\\${letter}`
  const number = char.codePointAt(0) as number
  const digits = number.toString(16).toUpperCase()
  if (number <= 0xff) return `\\x${digits.padStart(2, '0')}`
  return number <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`
}

function emitDouble(writer: Writer, text: Text, foldable: boolean): void {
  const subject = bare(text)
  // libyaml looks for the byte order mark at the start of the string, whatever the character.
  const escapesAll = subject.startsWith('\ufeff')
  putIndicator(writer, '"', true)
  let spaces = false
  let start = 0
  const flush = (end: number): void => {
    if (end > start) put(writer, slice(text, start, end))
    start = end
  }
  for (let at = 0; at < subject.length; ) {
    const char = String.fromCodePoint(subject.codePointAt(at) as number)
    const next = at + char.length
    if (escapesAll || !unescaped.test(char)) {
      flush(at)
      put(writer, escapeOf(char))
      start = next
      spaces = false
    } else if (char === ' ') {
      const folds = foldable && !spaces && writer.column + (at - start) > writer.width
      if (folds && at > 0 && next < subject.length) {
        flush(at)
        writer.indention = false
        putIndent(writer)
        if (subject[next] === ' ') put(writer, '\\')
        start = next
      }
      spaces = true
    } else spaces = false
    at = next
  }
  flush(subject.length)
  putIndicator(writer, '"', false)
  writer.indention = false
}

function emitLiteral(writer: Writer, text: Text): void {
  const subject = bare(text)
  putIndicator(writer, `|${blockHints(subject)}`, true)
  putBreak(writer)
  writer.indention = true
  writer.whitespace = true
  for (let at = 0; at < subject.length; ) {
    const found = /[\n\r\u0085\u2028\u2029]/g
    found.lastIndex = at
    const end = found.exec(subject)?.index ?? subject.length
    if (end > at) {
      putIndent(writer)
      put(writer, slice(text, at, end))
      writer.indention = false
    }
    if (end < subject.length) {
      putBreak(writer, slice(text, end, end + 1))
      writer.indention = true
    }
    at = end + 1
  }
}

/** The indentation, where the text starts with white space, and how its end is chomped. */
function blockHints(text: string): string {
  const indent = /^[ \n\r\u0085\u2028\u2029]/.test(text) ? '2' : ''
  if (!isLineBreak(text.at(-1) ?? '')) return `${indent}-`
  return text.length === 1 || isLineBreak(text.at(-2) ?? '') ? `${indent}+` : indent
}
