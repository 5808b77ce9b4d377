// The line that YAML is written to: column, white space and indentation as libyaml's emitter keeps them.
import { bare, concat } from '../../template/text.ts'
import type { Text } from '../../template/value.ts'

/** Output in its course. */
export interface Writer {
  readonly parts: Text[]
  column: number
  /** Whether the last thing written was white space. */
  whitespace: boolean
  /** Whether only indentation and indicators stand on the line. */
  indention: boolean
  /** -1 before the first block. */
  indent: number
  /** The column behind which a text is folded at its next single space. */
  readonly width: number
}

/** An empty output. */
export function newWriter(width: number): Writer {
  return { parts: [], column: 0, whitespace: true, indention: true, indent: -1, width }
}

/** Everything written. */
export function written(writer: Writer): Text {
  return concat(writer.parts)
}

/** Writes characters without line breaks. */
export function put(writer: Writer, text: Text): void {
  writer.parts.push(text)
  writer.column += bare(text).length
}

/** Ends the line; `text` is the break, a newline or one of Unicode. */
export function putBreak(writer: Writer, text: Text = '\n'): void {
  writer.parts.push(text)
  writer.column = 0
}

/** Starts a line at the indentation, unless the line is at it already. */
export function putIndent(writer: Writer): void {
  const indent = Math.max(writer.indent, 0)
  if (!writer.indention || writer.column > indent || (writer.column === indent && !writer.whitespace)) putBreak(writer)
  if (writer.column < indent) put(writer, ' '.repeat(indent - writer.column))
  writer.whitespace = true
  writer.indention = true
}

/** Writes an indicator, a space before it where it needs one. `block` ones leave the line as indented as it was. */
export function putIndicator(writer: Writer, indicator: string, needsSpace: boolean, block = false): void {
  if (needsSpace && !writer.whitespace) put(writer, ' ')
  put(writer, indicator)
  writer.whitespace = false
  writer.indention = writer.indention && block
}
