// A table for a person: columns as wide as they must be.
import { printable } from './printable.ts'

/** Lines of text, two spaces between columns; the last column is not padded. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map(printable))
  const widths: number[] = []
  for (const row of safe)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  return safe
    .map((row) =>
      row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join('  '),
    )
    .join('\n')
}
