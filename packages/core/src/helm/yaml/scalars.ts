// Every scalar of a YAML document with its path, its meaning and its place in the text.
import { CHOMPING_MODE, SCALAR_STYLE } from 'js-yaml'
import { defaultLimits } from '../../limits.ts'
import { type ParseYamlOptions, valueOfTree } from './parse.ts'
import type { ValuesPath } from './path.ts'
import { type ScalarNode, treeOf, type YamlNode } from './tree.ts'

/** How a scalar is written. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

/** One scalar that a path leads to. */
export interface Scalar {
  readonly path: ValuesPath
  /** What Helm reads there: a string, a number, a boolean or null. */
  readonly value: unknown
  /** The text with quotes, escapes and folding resolved, whatever its type: `1.10` for a number written so. */
  readonly text: string
  /** The token as it is written, quotes or block header included. */
  readonly source: string
  /** Offset of the token's first character; -1 where null is meant by nothing at all (`key:`). */
  readonly start: number
  /**
   * Offset behind the token. A block ends with its last line that is not blank, or, keeping blank lines (`+`), behind
   * these.
   */
  readonly end: number
  readonly style: ScalarStyle
  /** Whether it stands between `[]` or `{}`. */
  readonly flow: boolean
  /** The anchor on it. Default: none. */
  readonly anchor?: string
  /**
   * The alias that the path goes through; the token is that of the anchor, and has another path without an alias.
   * Default: none.
   */
  readonly alias?: string
  /**
   * Of a block: where its lines begin, how far they are indented, whether trailing blank lines count. Default: no
   * block.
   */
  readonly block?: { readonly start: number; readonly indent: number; readonly keep: boolean }
}

const styles: Readonly<Record<number, ScalarStyle>> = {
  [SCALAR_STYLE.PLAIN]: 'plain',
  [SCALAR_STYLE.SINGLE_QUOTED]: 'single',
  [SCALAR_STYLE.DOUBLE_QUOTED]: 'double',
  [SCALAR_STYLE.LITERAL_BLOCK]: 'literal',
  [SCALAR_STYLE.FOLDED_BLOCK]: 'folded',
}

/** The offset of the `|` or `>` of a block whose lines begin at `start`, sought behind the token before it. */
function headerOf(text: string, start: number, after: number): number {
  const lineEnd = lineBefore(text, start)
  const lineStart = Math.max(text.lastIndexOf('\n', lineEnd - 1), text.lastIndexOf('\r', lineEnd - 1)) + 1
  const from = Math.max(lineStart, after)
  return from + text.slice(from, lineEnd).search(/[|>]/)
}

/** The end of the line that ends right before an offset: the offset itself where no line does. */
function lineBefore(text: string, offset: number): number {
  if (text.endsWith('\r\n', offset)) return offset - 2
  return text.endsWith('\n', offset) || text.endsWith('\r', offset) ? offset - 1 : offset
}

/** The end of the last line of a block that holds more than its indentation; where none does, of the header. */
function lastLineEnd(text: string, start: number, end: number, indent: number): number {
  let last = end
  for (;;) {
    let spaces = last
    while (spaces > start && text[spaces - 1] === ' ') spaces -= 1
    const line = lineBefore(text, spaces)
    const blank = last - spaces <= indent && (line < spaces || spaces === start)
    if (last === start) return lineBefore(text, start)
    if (!blank) return last
    last = Math.max(start, line)
  }
}

type Token = Pick<Scalar, 'start' | 'end' | 'block'>

function tokenOf(text: string, { event, after }: ScalarNode): Token {
  const { valueStart: start, valueEnd: end, indent, style } = event
  if (start < 0) return { start: -1, end: -1 }
  if (style === SCALAR_STYLE.PLAIN) return { start, end }
  if (style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED) {
    return { start: start - 1, end: end + 1 }
  }
  const keep = event.chomping === CHOMPING_MODE.KEEP
  return {
    start: headerOf(text, start, after),
    end: keep ? end : lastLineEnd(text, start, end, Math.max(indent, 0)),
    block: { start, indent, keep },
  }
}

function scalarOf(text: string, node: ScalarNode, path: ValuesPath, alias: string | undefined): Scalar {
  const token = tokenOf(text, node)
  return {
    path,
    value: typeof node.meaning === 'bigint' ? Number(node.meaning) : node.meaning,
    text: node.text,
    source: text.slice(Math.max(0, token.start), Math.max(0, token.end)),
    ...token,
    style: styles[node.event.style] ?? 'plain',
    flow: node.flow,
    ...(node.anchor === undefined ? {} : { anchor: node.anchor }),
    ...(alias === undefined ? {} : { alias }),
  }
}

/**
 * All scalars of the first document that a path leads to, in document order; keys are none of them. What an alias or
 * `<<` brings is listed at its own path, too, with the place of the anchored token. Of duplicate keys only the last
 * has a path. Throws as `parseYaml` does.
 */
export function readScalars(text: string, options: ParseYamlOptions = {}): readonly Scalar[] {
  const { where = 'YAML', limits = defaultLimits } = options
  const root = treeOf(text, where, limits)
  // Counts nodes and depth: aliases can make a small text a huge number of paths.
  valueOfTree(root, options)
  const scalars: Scalar[] = []
  const walk = (node: YamlNode, path: ValuesPath, alias: string | undefined): void => {
    if (node.kind === 'alias') walk(node.target, path, alias ?? node.name)
    else if (node.kind === 'scalar') scalars.push(scalarOf(text, node, path, alias))
    else if (node.kind === 'sequence') {
      for (const [index, item] of node.items.entries()) walk(item, [...path, index], alias)
    } else for (const [key, member] of node.members) walk(member.node, [...path, key], alias ?? member.alias)
  }
  if (root) walk(root, [], undefined)
  return scalars
}
