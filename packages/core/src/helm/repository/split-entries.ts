// Cuts the text of an index file into its charts, so that a large one is never held as a whole in the form that YAML is
// read to. What does not look as index files do is left to the reading of the whole.

export interface SplitIndex {
  /** The document without its entries. */
  readonly rest: string
  /** The text of each chart: its key and its versions, indented as they were. */
  readonly charts: Iterable<string>
}

/** Texts of fewer characters are not worth it. */
const worthwhile = 256 * 1024

/**
 * Takes a text of block YAML, as Helm writes it: `entries:` at the left edge, each chart's key behind two spaces.
 * Undefined for anything else. A cut may be wrong (inside of a quoted text, behind an anchor): then a piece is no YAML,
 * and the whole must be read instead.
 */
export function splitEntries(text: string, from: number = worthwhile): SplitIndex | undefined {
  if (text.length < from) return undefined
  const head = /^entries:[ \t]*\r?\n/m.exec(text)
  if (head === null) return undefined
  const start = head.index + head[0].length
  const end = endOfBlock(text, start)
  if (!/^ {2}[^\s#-]/.test(text.slice(start, start + 3))) return undefined
  return { rest: `${text.slice(0, start)}${text.slice(end)}`, charts: pieces(text, start, end) }
}

/** A document without its entries, and these. */
export interface JsonEntries {
  readonly rest: string
  readonly entries: unknown
}

/**
 * Takes a text of block YAML whose `entries:` are JSON, a chart a line, as chartferry writes those of its hosted
 * repositories: that is read in a tenth of the time. Undefined for anything else.
 */
export function jsonEntries(text: string): JsonEntries | undefined {
  const head = /^entries: (?=\{\n {2}")/m.exec(text)
  if (head === null) return undefined
  const start = head.index + head[0].length
  const end = text.indexOf('\n  }\n', start)
  if (end < 0) return undefined
  try {
    const entries: unknown = JSON.parse(text.slice(start, end + 4))
    return { rest: `${text.slice(0, start)}${text.slice(end + 4)}`, entries }
  } catch {
    return undefined
  }
}

/** The first line behind `start` that begins at the left edge. */
function endOfBlock(text: string, start: number): number {
  const edge = /^[^\s#]/gm
  edge.lastIndex = start
  return edge.exec(text)?.index ?? text.length
}

/** A line behind two spaces begins a chart, unless it is a member of the list of one. */
function* pieces(text: string, start: number, end: number): Generator<string> {
  const key = /^ {2}[^\s#-]/gm
  key.lastIndex = start
  let from = start
  for (let match = key.exec(text); match !== null && match.index < end; match = key.exec(text)) {
    if (match.index > from) yield text.slice(from, match.index)
    from = match.index
  }
  if (from < end) yield text.slice(from, end)
}
