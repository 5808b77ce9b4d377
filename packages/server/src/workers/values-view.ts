// A values file as people read it: its lines with what is a comment told apart, and the values in which a text stands.

/** One line, cut where it is longer than anybody reads. */
export interface ValuesLine {
  /** The first line is 1. */
  readonly line: number
  readonly text: string
  /** Where its comment begins; absent where it has none. */
  readonly comment?: number
}

/** A value in which the text was found: the comment above it and the lines that belong to it. */
export interface ValuesMatch {
  /** `prometheus.prometheusSpec.replicas`. */
  readonly path: string
  readonly lines: readonly ValuesLine[]
}

export interface ValuesView {
  /** Of the whole file. */
  readonly lineCount: number
  /** From the line asked for on; with a search none. */
  readonly lines: readonly ValuesLine[]
  /** The first ones; without a search none. */
  readonly matches: readonly ValuesMatch[]
  readonly matchCount: number
}

export interface ValuesQuestion {
  /** The first line is 1. */
  readonly from: number
  /** In any case of letters; empty for none. */
  readonly query: string
}

/** Lines of one page. */
export const valuesPage = 2000
const mostMatches = 100
const longestLine = 400
const longestComment = 12
const longestValue = 8

/** Pure; takes the text of a values file, valid YAML or not. */
export function viewValues(text: string, { from, query }: ValuesQuestion): ValuesView {
  const lines = text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  const lineCount = lines.length
  if (query === '')
    return {
      lineCount,
      lines: lines.slice(from - 1, from - 1 + valuesPage).map((line, at) => lineOf(line, from + at)),
      matches: [],
      matchCount: 0,
    }
  return { lineCount, lines: [], ...search(lines, query.toLowerCase()) }
}

function search(lines: readonly string[], wanted: string): Pick<ValuesView, 'matches' | 'matchCount'> {
  const found = new Map<number, ValuesMatch | undefined>()
  const parents: { readonly indent: number; readonly key: string }[] = []
  let commentFrom: number | undefined
  let pending = false
  for (const [at, line] of lines.entries()) {
    const key = keyOf(line)
    const hasText = line.toLowerCase().includes(wanted)
    if (/^\s*#/.test(line)) {
      commentFrom ??= at
      pending ||= hasText
      continue
    }
    if (key !== undefined) {
      while ((parents.at(-1)?.indent ?? -1) >= key.indent) parents.pop()
      parents.push(key)
    }
    const path = parents.map((parent) => parent.key).join('.')
    if (hasText || pending || (key !== undefined && path.toLowerCase().includes(wanted) && wanted.includes('.'))) {
      const begin = Math.max(commentFrom ?? at, at - longestComment)
      found.set(at, found.size < mostMatches ? { path, lines: blockOf(lines, begin, at) } : undefined)
    }
    pending = false
    commentFrom = undefined
  }
  return { matches: [...found.values()].filter((match) => match !== undefined), matchCount: found.size }
}

/** The lines from one on to the end of the value that begins at another. */
function blockOf(lines: readonly string[], begin: number, at: number): readonly ValuesLine[] {
  const indent = indentOf(lines[at] ?? '')
  let end = at + 1
  while (end < lines.length && end - at < longestValue) {
    const line = lines[end] ?? ''
    if (line.trim() !== '' && indentOf(line) <= indent) break
    end += 1
  }
  while (end > at + 1 && (lines[end - 1] ?? '').trim() === '') end -= 1
  return lines.slice(begin, end).map((line, index) => lineOf(line, begin + index + 1))
}

function lineOf(line: string, number: number): ValuesLine {
  const text = line.length > longestLine ? `${line.slice(0, longestLine)}…` : line
  const comment = text.trimStart().startsWith('#') ? text.indexOf('#') : commentAt(text)
  return { line: number, text, ...(comment === undefined ? {} : { comment }) }
}

/** A comment behind a value whose text has no quotes; a `#` in quotes may be none. */
function commentAt(text: string): number | undefined {
  const at = text.search(/\s#(?:\s|$)/)
  return at < 0 || /["']/.test(text.slice(at)) ? undefined : at + 1
}

function keyOf(line: string): { readonly indent: number; readonly key: string } | undefined {
  const match = /^(\s*(?:- +)?)(?:"([^"]{1,200})"|'([^']{1,200})'|([^\s#"'{[:][^:#]{0,200}?)) *:(?:\s|$)/.exec(line)
  if (match === null) return undefined
  const [, before = '', double, single, plain] = match
  return { indent: before.length, key: double ?? single ?? plain ?? '' }
}

const indentOf = (line: string): number => line.length - line.trimStart().length
