// How wide the place is that results go to.

/** Columns of the terminal at standard output; without a terminal there is no bound: whoever reads a pipe wants whole lines. */
export function terminalWidth(stream: NodeJS.WriteStream = process.stdout): number {
  return stream.isTTY === true ? Math.max(1, stream.columns || 80) : Number.POSITIVE_INFINITY
}
