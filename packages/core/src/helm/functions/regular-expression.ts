// Go's regular expressions: re2js, a port of the same RE2, and the corners in which Go does otherwise.

import { RE2JS, RE2JSException } from 're2js'
import { ChartferryError } from '../../errors.ts'
import { entryBytes, take } from '../template/allowance.ts'
import { GoError } from '../template/value.ts'

/** Where the groups of a match start and end, in UTF-16 units: 0 and 1 the whole; -1 for a group without a match. */
export type Match = readonly number[]

/** A compiled expression, with the names of its groups; group 0 is the whole match. */
export interface Expression {
  readonly program: RE2JS
  readonly names: readonly string[]
}

const cache = new Map<string, Expression | GoError>()
const cacheSize = 500
const strayByte = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** Compiles an expression; the last ones are kept. Throws GoError with the words of `regexp.Compile`. */
export function compile(expression: string): Expression {
  let found = cache.get(expression)
  if (found === undefined) {
    found = tryCompile(expression)
    if (cache.size >= cacheSize) cache.delete(cache.keys().next().value as string)
    cache.set(expression, found)
  }
  if (found instanceof GoError) throw found
  return found
}

function tryCompile(expression: string): Expression | GoError {
  if (strayByte.test(expression)) return new GoError(`error parsing regexp: invalid UTF-8: \`${expression}\``)
  try {
    const program = RE2JS.compile(expressionForLibrary(expression))
    const names = Array.from({ length: program.groupCount() + 1 }, () => '')
    for (const [name, group] of Object.entries(program.namedGroups())) names[group] = withoutMarks(name)
    return { program, names }
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const words = withoutMarks(error.message).replaceAll('[\\:]', '[:]')
    return new GoError(words.replace(/(trailing backslash at end of expression)$/, '$1: ``'))
  }
}

// What is left as it is: quoted text, escapes, classes; and a group with its name.
const parts = /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\[:\^?\w*:\]|\\[\s\S]|[^\]\\])*\]|\(\?P?<(\w+)>/g

/**
 * The expression in the words of re2js. Go lets groups share a name: the later ones get a mark here. Go takes `[:` that no
 * `:]` follows for two characters of a class, where re2js looks for the `:]` one character too early.
 */
function expressionForLibrary(expression: string): string {
  const seen = new Set<string>()
  const named = expression.replaceAll(parts, (part, name?: string) => {
    if (name === undefined || !seen.has(name)) {
      if (name !== undefined) seen.add(name)
      return part
    }
    return part.replace('>', `__again${seen.add(`${name} ${seen.size}`).size}__>`)
  })
  return named.includes('\\Q') ? named : named.replace(/\[:\](?![\s\S]*:\])/g, '[\\:]')
}

function withoutMarks(text: string): string {
  return text.replaceAll(/__again\d+__/g, '')
}

/** Whether an expression matches somewhere in a text. */
export function hasMatch({ program }: Expression, text: string): boolean {
  return program.test(text.toWellFormed())
}

/**
 * What finds the leftmost match that starts at a place of a text, or behind it. Bytes that are no UTF-8 match as the
 * replacement character. Throws RENDER_TIMEOUT where the searches of one call take longer than some seconds together.
 */
export function searchIn({ program, names }: Expression, text: string): (from: number) => Match | undefined {
  const matcher = program.matcher(text.toWellFormed())
  const deadline = performance.now() + longestCall
  return (from) => {
    if (performance.now() > deadline) throw new ChartferryError('RENDER_TIMEOUT', 'a regular expression took too long')
    return matcher.find(from) ? names.flatMap((_, group) => [matcher.start(group), matcher.end(group)]) : undefined
  }
}

/** Milliseconds. One search takes time linear in the text; a text with as many matches as characters takes its square. */
const longestCall = 10_000

/**
 * All matches that do not overlap, at most `count` unless it is below 0; an empty one next to the last does not count.
 */
export function findAll(expression: Expression, text: string, count: number): Match[] {
  const matches: Match[] = []
  const search = searchIn(expression, text)
  let lastEnd = -1
  for (let at = 0; at <= text.length && (count < 0 || matches.length < count); ) {
    const match = search(at)
    if (match === undefined) break
    const [start = 0, end = 0] = match
    const accepted = end !== at || start !== lastEnd
    at = end === at ? at + widthAt(text, at) : end
    lastEnd = end
    if (!accepted) continue
    take(entryBytes)
    matches.push(match)
  }
  return matches
}

/** The width of the character at a place in UTF-16 units; 1 at the end. */
export function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}
