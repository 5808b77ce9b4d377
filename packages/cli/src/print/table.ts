// A table for a person: columns as wide as they must be, never wider than the terminal.
import { printable } from './printable.ts'
import { terminalWidth } from './terminal-width.ts'

export interface TableOptions {
  /** Columns that there are. Default: those of the terminal; without one, any number. */
  readonly width?: number
  /** What stands before each line. Default: nothing. */
  readonly indent?: string
}

/** No column is made narrower to fit than this. */
const narrowest = 16
/** A cell that would take more lines than this makes the table a list. */
const mostLines = 3

/**
 * Lines of text, two spaces between columns; the last column is not padded. Where the table is wider than the terminal, long
 * cells go on in the next line, broken between the parts of names; where that would be too narrow, each row becomes an
 * entry of a list.
 */
export function formatTable(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { width = terminalWidth(), indent = '' } = options
  const safe = rows.map((row) => row.map(printable))
  const room = width - indent.length
  const widths = fitWidths(naturalWidths(safe), room)
  const lines =
    widths === undefined ? safe.flatMap((row) => listEntry(row, room)) : safe.flatMap((row) => tableLines(row, widths))
  return lines.map((line) => indent + line).join('\n')
}

function naturalWidths(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  return widths
}

/** Widths that fit, the widest columns narrowed first; undefined where they would be too narrow to read. */
function fitWidths(natural: readonly number[], room: number): readonly number[] | undefined {
  const widths = [...natural]
  let over = widths.reduce((sum, width) => sum + width, 2 * Math.max(0, widths.length - 1)) - room
  while (over > 0) {
    const widest = Math.max(...widths)
    const at = widths.indexOf(widest)
    const next = Math.max(narrowest, ...widths.filter((width) => width < widest))
    const step = Math.min(over, Math.max(1, widest - next))
    if (widest - step < narrowest) return undefined
    widths[at] = widest - step
    over -= step
  }
  return widths.every((width, at) => (natural[at] ?? 0) <= width * mostLines) ? widths : undefined
}

function tableLines(row: readonly string[], widths: readonly number[]): readonly string[] {
  const cells = row.map((cell, at) => wrapParts(cell, widths[at] ?? cell.length))
  const height = Math.max(1, ...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((lines, at) => (at === cells.length - 1 ? (lines[line] ?? '') : (lines[line] ?? '').padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

/** The first cell, and the others below it. */
function listEntry([first = '', ...others]: readonly string[], room: number): readonly string[] {
  const below = others.filter((cell) => cell.trim() !== '')
  const together = below.join(' · ')
  const lines = together.length <= room - 2 ? [together] : below
  return [
    ...wrapParts(first, room),
    ...lines.flatMap((line) => wrapParts(line, room - 2).map((part) => `  ${part}`)),
  ].filter((line) => line.trim() !== '')
}

/** The text in lines of this width, broken behind spaces and the signs that part names; inside a part only where it is too long alone. */
export function wrapParts(text: string, width: number): readonly string[] {
  if (text.length <= width || width < 1) return [text]
  const lines: string[] = []
  let line = ''
  for (const part of text.match(/[^\s/,:@=._-]*[\s/,:@=._-]+|[^\s/,:@=._-]+$/g) ?? [text]) {
    if (line !== '' && (line + part).trimEnd().length > width) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += part
    while (line.trimEnd().length > width) {
      lines.push(line.slice(0, width))
      line = line.slice(width)
    }
  }
  return line.trim() === '' ? lines : [...lines, line.trimEnd()]
}
