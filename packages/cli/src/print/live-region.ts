// The lines at the end of a terminal that change while something goes on. A terminal that is made narrower breaks lines
// that stand there already: what is erased is counted by the width of now.
import { stripVTControlCharacters } from 'node:util'

export interface LiveRegion {
  /** Shows these lines in place of those before; each is cut to the width. */
  show(lines: readonly string[]): void
  /** Writes lines that stay, above. */
  keep(text: string): void
  /** Takes the lines away. */
  clear(): void
  /** The same, and gives the cursor back. */
  close(): void
}

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
const eraseBelow = '\u001b[J'
/** What colours a text: escape, bracket, numbers, m. */
const colours = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'y')

/** Opens one at the end of a terminal. */
export function openLiveRegion(stream: NodeJS.WriteStream): LiveRegion {
  let shown: readonly number[] = []
  let isHidden = false
  const columns = (): number => Math.max(1, stream.columns || 80)
  const erased = (): string => {
    const rows = shown.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns())), 0)
    shown = []
    return rows === 0 ? '' : `\r${rows > 1 ? `\u001b[${rows - 1}A` : ''}${eraseBelow}`
  }
  const giveCursorBack = (): void => {
    if (isHidden) stream.write(showCursor)
    isHidden = false
  }
  process.once('exit', giveCursorBack)
  const clear = (): void => void stream.write(erased())
  return {
    clear,
    show: (lines) => {
      // The last column stays free: a terminal goes to the next line behind it, or does not.
      const room = Math.max(1, columns() - 1)
      const cut = lines.slice(0, Math.max(1, (stream.rows || 24) - 1)).map((line) => cutLine(line, room))
      const text = `${isHidden ? '' : hideCursor}${erased()}${cut.join('\n')}`
      isHidden = true
      shown = cut.map((line) => stripVTControlCharacters(line).length)
      stream.write(text)
    },
    keep: (text) => void stream.write(`${erased()}${text}\n`),
    close: () => {
      clear()
      giveCursorBack()
      process.off('exit', giveCursorBack)
    },
  }
}

/** The line, at most so many columns wide, its colours whole. */
export function cutLine(line: string, width: number): string {
  if (stripVTControlCharacters(line).length <= width) return line
  let kept = ''
  let used = 0
  for (let at = 0; at < line.length; ) {
    colours.lastIndex = at
    const [colour] = colours.exec(line) ?? []
    if (colour !== undefined) {
      kept += colour
      at += colour.length
    } else {
      used++
      if (used < width) kept += line[at]
      if (used === width) kept += '…'
      at++
    }
  }
  return kept
}
