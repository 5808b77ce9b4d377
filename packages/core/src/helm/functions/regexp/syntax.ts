// Regular expressions of Go's package regexp/syntax (RE2), parsed, with its words for what is wrong.
import { GoError } from '../../template/value.ts'
import { type CharacterSet, literalSet } from './characters.ts'
import { parseClass, parseEscape, parseNamedEscape } from './escape.ts'

/** What an assertion asks of a place. */
export type Assertion = 'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word' | 'no-word'

/** A parsed expression. */
export type RegexpNode =
  | { readonly op: 'empty' }
  | { readonly op: 'set'; readonly set: CharacterSet; readonly literal?: number }
  | { readonly op: 'assert'; readonly assertion: Assertion }
  | { readonly op: 'sequence' | 'choice'; readonly nodes: readonly RegexpNode[] }
  | { readonly op: 'group'; readonly index: number; readonly node: RegexpNode }
  | {
      readonly op: 'repeat'
      readonly node: RegexpNode
      readonly min: number
      /** -1 for no bound. */
      readonly max: number
      readonly greedy: boolean
    }

/** An expression with the names of its groups; the whole match is group 0. */
export interface ParsedRegexp {
  readonly node: RegexpNode
  readonly names: readonly string[]
}

interface Flags {
  readonly fold: boolean
  readonly multiline: boolean
  readonly dotNewline: boolean
  readonly lazy: boolean
}

interface Parser {
  readonly text: string
  at: number
  flags: Flags
  depth: number
  readonly names: string[]
}

const maxDepth = 1000
const maxRepeat = 1000

/** An error of regexp/syntax in its words. */
function syntaxError(problem: string, expression: string): GoError {
  return new GoError(`error parsing regexp: ${problem}: \`${expression}\``)
}

/** Parses an expression as `regexp.Compile` does. Throws GoError. */
export function parseRegexp(text: string): ParsedRegexp {
  const flags = { fold: false, multiline: false, dotNewline: false, lazy: false }
  const parser: Parser = { text, at: 0, flags, depth: 0, names: [''] }
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)) {
    throw syntaxError('invalid UTF-8', text)
  }
  const node = parseChoice(parser)
  if (parser.at < text.length) throw syntaxError('unexpected )', text)
  return { node, names: parser.names }
}

function parseChoice(parser: Parser): RegexpNode {
  if (++parser.depth > maxDepth) throw syntaxError('expression nests too deeply', parser.text)
  const nodes = [parseSequence(parser)]
  while (parser.text[parser.at] === '|') {
    parser.at++
    nodes.push(parseSequence(parser))
  }
  parser.depth--
  return nodes.length === 1 ? (nodes[0] as RegexpNode) : { op: 'choice', nodes }
}

function parseSequence(parser: Parser): RegexpNode {
  const { text } = parser
  const nodes: RegexpNode[] = []
  /** Where the repetition just before began. */
  let repeated: number | undefined
  while (parser.at < text.length && text[parser.at] !== '|' && text[parser.at] !== ')') {
    const start = parser.at
    const bounds = readRepetition(parser)
    if (bounds === undefined) {
      nodes.push(...parseItem(parser))
      repeated = undefined
      continue
    }
    const lazy = text[parser.at] === '?'
    if (lazy) parser.at++
    if (repeated !== undefined) {
      throw syntaxError('invalid nested repetition operator', text.slice(repeated, parser.at))
    }
    const node = nodes.pop()
    if (node === undefined) {
      throw syntaxError('missing argument to repetition operator', text.slice(start, parser.at))
    }
    const repeat: RegexpNode = { op: 'repeat', node, ...bounds, greedy: lazy === parser.flags.lazy }
    if (bounds.counted && !staysBelow(repeat, maxRepeat)) {
      throw syntaxError('invalid repeat count', text.slice(start, parser.at))
    }
    nodes.push(repeat)
    repeated = start
  }
  return nodes.length === 1
    ? (nodes[0] as RegexpNode)
    : nodes.length === 0
      ? { op: 'empty' }
      : { op: 'sequence', nodes }
}

/** The bounds of `*`, `+`, `?` or `{n,m}`; undefined where none stands here, as in `{` alone. */
function readRepetition(parser: Parser): { min: number; max: number; counted: boolean } | undefined {
  const simple = { '*': [0, -1], '+': [1, -1], '?': [0, 1] }[parser.text[parser.at] ?? '']
  if (simple !== undefined) {
    parser.at++
    return { min: simple[0] as number, max: simple[1] as number, counted: false }
  }
  const counted = /\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\}/y
  counted.lastIndex = parser.at
  const match = counted.exec(parser.text)
  if (match === null) return undefined
  const [all, low = '', comma, high] = match
  const min = Number(low)
  const max = comma === undefined ? min : high === undefined ? -1 : Number(high)
  if (min > maxRepeat || max > maxRepeat || (max >= 0 && min > max)) throw syntaxError('invalid repeat count', all)
  parser.at += all.length
  return { min, max, counted: min >= 2 || max >= 2 }
}

/** Whether repetitions in each other come to at most so many copies. */
function staysBelow(node: RegexpNode, limit: number): boolean {
  switch (node.op) {
    case 'repeat': {
      const { min, max } = node
      const count = max < 0 ? min : max
      // Only `{n,m}` counts; `*`, `+` and `?` do not.
      if (count < 2) return max === 0 || staysBelow(node.node, limit)
      return count <= limit && staysBelow(node.node, Math.floor(limit / count))
    }
    case 'sequence':
    case 'choice':
      return node.nodes.every((part) => staysBelow(part, limit))
    case 'group':
      return staysBelow(node.node, limit)
    default:
      return true
  }
}

function assertion(kind: Assertion): RegexpNode {
  return { op: 'assert', assertion: kind }
}

function literal(parser: Parser, code: number): RegexpNode {
  const set = literalSet(code, parser.flags.fold)
  return parser.flags.fold ? { op: 'set', set } : { op: 'set', set, literal: code }
}

/** What stands here: none for flags, several for quoted text. */
function parseItem(parser: Parser): RegexpNode[] {
  const { text, flags } = parser
  const char = text[parser.at]
  switch (char) {
    case '(':
      return parseGroup(parser)
    case '[': {
      const { set, end } = parseClass(text, parser.at, flags.fold)
      parser.at = end
      return [{ op: 'set', set }]
    }
    case '^':
      parser.at++
      return [assertion(flags.multiline ? 'line-start' : 'text-start')]
    case '$':
      parser.at++
      return [assertion(flags.multiline ? 'line-end' : 'text-end')]
    case '.':
      parser.at++
      return [{ op: 'set', set: flags.dotNewline ? () => true : (code) => code !== 10 }]
    case '\\':
      return parseBackslash(parser)
    default: {
      const code = text.codePointAt(parser.at) as number
      parser.at += code > 0xffff ? 2 : 1
      return [literal(parser, code)]
    }
  }
}

const assertionEscapes: Readonly<Record<string, Assertion>> = {
  A: 'text-start',
  b: 'word',
  B: 'no-word',
  z: 'text-end',
}

function parseBackslash(parser: Parser): RegexpNode[] {
  const { text } = parser
  const letter = text[parser.at + 1] ?? ''
  const known = Object.hasOwn(assertionEscapes, letter) ? assertionEscapes[letter] : undefined
  if (known !== undefined) {
    parser.at += 2
    return [assertion(known)]
  }
  if (letter === 'C') throw syntaxError('invalid escape sequence', '\\C')
  if (letter === 'Q') {
    const end = text.indexOf('\\E', parser.at + 2)
    const quoted = text.slice(parser.at + 2, end < 0 ? text.length : end)
    parser.at = end < 0 ? text.length : end + 2
    return Array.from(quoted, (character) => literal(parser, character.codePointAt(0) as number))
  }
  const named = parseNamedEscape(text, parser.at, parser.flags.fold)
  if (named !== undefined) {
    parser.at = named.end
    return [{ op: 'set', set: named.set }]
  }
  const escaped = parseEscape(text, parser.at)
  parser.at = escaped.end
  return [literal(parser, escaped.code)]
}

function parseGroup(parser: Parser): RegexpNode[] {
  const { text, flags } = parser
  let index = 0
  if (text.startsWith('(?', parser.at)) {
    const named = /^\(\?P?</.exec(text.slice(parser.at, parser.at + 4))
    // Too short a rest is no name but wrong flags.
    if (named !== null && text.length - parser.at > named[0].length) index = readName(parser, named[0].length)
    else if (readFlags(parser)) return []
  } else {
    index = parser.names.push('') - 1
    parser.at++
  }
  const node = parseChoice(parser)
  if (text[parser.at] !== ')') throw syntaxError('missing closing )', text)
  parser.at++
  parser.flags = flags
  return [index === 0 ? { op: 'sequence', nodes: [node] } : { op: 'group', index, node }]
}

function readName(parser: Parser, prefix: number): number {
  const { text } = parser
  const end = text.indexOf('>', parser.at)
  if (end < 0) throw syntaxError('invalid named capture', text.slice(parser.at))
  const name = text.slice(parser.at + prefix, end)
  if (!/^[0-9A-Za-z_]+$/.test(name)) throw syntaxError('invalid named capture', text.slice(parser.at, end + 1))
  parser.at = end + 1
  return parser.names.push(name) - 1
}

const flagNames: Readonly<Record<string, keyof Flags>> = { i: 'fold', m: 'multiline', s: 'dotNewline', U: 'lazy' }

/** Reads `(?i-s)` or `(?i:`; true where no group follows. */
function readFlags(parser: Parser): boolean {
  const { text } = parser
  const start = parser.at
  const flags: Record<keyof Flags, boolean> = { ...parser.flags }
  let value = true
  let seen = false
  let at = start + 2
  while (at < text.length) {
    const char = String.fromCodePoint(text.codePointAt(at) as number)
    at += char.length
    const name = Object.hasOwn(flagNames, char) ? flagNames[char] : undefined
    if (name !== undefined) {
      flags[name] = value
      seen = true
    } else if (char === '-' && value) {
      value = false
      seen = false
    } else if ((char === ':' || char === ')') && (value || seen)) {
      parser.at = at
      parser.flags = flags
      return char === ')'
    } else break
  }
  throw syntaxError('invalid or unsupported Perl syntax', text.slice(start, at))
}
