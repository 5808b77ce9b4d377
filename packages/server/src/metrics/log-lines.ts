// Log lines and their times. Lines of one turn of the event loop become one write: a write for each request costs more
// than the request.

/** Takes where lines go in the end. Nothing is held longer than a turn, nor lost when the process ends in order. */
export function gatherLines(to: { write(text: string): unknown }): { write(line: string): void } {
  let gathered = ''
  const flush = (): void => {
    const text = gathered
    gathered = ''
    if (text !== '') to.write(text)
  }
  process.once('exit', flush)
  return {
    write: (line) => {
      if (gathered === '') setImmediate(flush)
      gathered += line
    },
  }
}

/** The time for a line of a log, in RFC 3339: put into words once a millisecond. */
export function lineTime(): () => string {
  let at = 0
  let text = ''
  return () => {
    const now = Date.now()
    if (now !== at) text = `,"time":"${new Date(now).toISOString()}"`
    at = now
    return text
  }
}

/** JSON escapes the controls of ASCII; those behind it, and what turns the direction of writing, a terminal obeys, too. */
export function withoutControls(to: { write(line: string): unknown }): { write(line: string): void } {
  return {
    write: (line) =>
      void to.write(
        line.replace(
          /[\u007f-\u009f]|\p{Bidi_Control}/gu,
          (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
        ),
      ),
  }
}
