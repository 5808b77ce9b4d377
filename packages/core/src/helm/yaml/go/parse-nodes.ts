// The nodes of the first document of a YAML text, from its tokens, with libyaml's grammar and errors.
import { ChartferryError } from '../../../errors.ts'
import { bare } from '../../template/text.ts'
import { GoError, type Text } from '../../template/value.ts'
import { type Mark, yamlError } from './cursor.ts'
import type { MappingNode, Node, SequenceNode } from './node.ts'
import { peekToken, takeToken } from './scanner.ts'
import { newScanner, type Scanner } from './scanner-state.ts'
import type { Token, TokenKind } from './token.ts'

interface Parser {
  readonly scanner: Scanner
  readonly anchors: Map<string, Node>
  readonly tags: Map<string, string>
  readonly maxDepth: number
  depth: number
}

const emptyScalar: Node = { kind: 'scalar', value: '', tag: '', implicit: true }
const afterKey: ReadonlySet<TokenKind> = new Set(['key', 'value', 'block-end'])
const afterEntry: ReadonlySet<TokenKind> = new Set(['block-entry', 'block-end'])
const afterIndentlessEntry: ReadonlySet<TokenKind> = new Set(['block-entry', 'key', 'value', 'block-end'])
const documentEdges: ReadonlySet<TokenKind> = new Set([
  'version-directive',
  'tag-directive',
  'document-start',
  'document-end',
  'stream-end',
])

/**
 * The root of the first document; undefined where there is none. Throws GoError with go-yaml's words, DEPTH_EXCEEDED
 * above `maxDepth` levels.
 */
export function parseNodes(source: Text, maxDepth: number): Node | undefined {
  const parser: Parser = { scanner: newScanner(source), anchors: new Map(), tags: new Map(), maxDepth, depth: 0 }
  const root = parseDocument(parser)
  // What ends the document is looked at, the rest of the text is not.
  if (root !== undefined) peekToken(parser.scanner)
  return root
}

function fail(problem: string, at: Mark, context?: Mark): never {
  throw yamlError(at.line || (context?.line ?? 0), problem)
}

function parseDocument(parser: Parser): Node | undefined {
  const { scanner } = parser
  const { kind } = peekToken(scanner)
  if (kind === 'stream-end') return undefined
  const explicit = kind === 'version-directive' || kind === 'tag-directive' || kind === 'document-start'
  readDirectives(parser)
  if (!explicit) return parseNode(parser, true, false)
  const start = peekToken(scanner)
  if (start.kind !== 'document-start') fail('did not find expected <document start>', start.mark)
  takeToken(scanner)
  return documentEdges.has(peekToken(scanner).kind) ? emptyScalar : parseNode(parser, true, false)
}

function readDirectives(parser: Parser): void {
  const { scanner, tags } = parser
  let versions = 0
  for (;;) {
    const token = peekToken(scanner)
    if (token.kind === 'version-directive') {
      if (versions++ > 0) fail('found duplicate %YAML directive', token.mark)
      if (token.value !== '1.1') fail('found incompatible YAML document', token.mark)
    } else if (token.kind === 'tag-directive') {
      const handle = bare(token.value ?? '')
      if (tags.has(handle)) fail('found duplicate %TAG directive', token.mark)
      tags.set(handle, token.suffix ?? '')
    } else break
    takeToken(scanner)
  }
  if (!tags.has('!')) tags.set('!', '!')
  if (!tags.has('!!')) tags.set('!!', 'tag:yaml.org,2002:')
}

function parseNode(parser: Parser, block: boolean, indentless: boolean): Node {
  if (++parser.depth > parser.maxDepth) {
    throw new ChartferryError('DEPTH_EXCEEDED', `YAML text is nested deeper than ${parser.maxDepth} levels`)
  }
  const node = parseContent(parser, block, indentless)
  parser.depth--
  return node
}

function parseContent(parser: Parser, block: boolean, indentless: boolean): Node {
  const { scanner, anchors } = parser
  const first = peekToken(scanner)
  if (first.kind === 'alias') {
    takeToken(scanner)
    const name = bare(first.value ?? '')
    const target = anchors.get(name)
    if (target === undefined) throw new GoError(`yaml: unknown anchor '${name}' referenced`)
    return { kind: 'alias', name, target }
  }
  let anchor: string | undefined
  let tag: Token | undefined
  for (;;) {
    const token = peekToken(scanner)
    if (token.kind === 'anchor' && anchor === undefined) anchor = bare(token.value ?? '')
    else if (token.kind === 'tag' && tag === undefined) tag = token
    else break
    takeToken(scanner)
  }
  const tagName = tag === undefined ? '' : tagOf(parser, tag, first.mark)
  const keep = <N extends Node>(node: N): N => {
    if (anchor !== undefined) anchors.set(anchor, node)
    return node
  }
  const token = peekToken(scanner)
  if (indentless && token.kind === 'block-entry') return parseIndentless(parser, keep(newSequence()))
  switch (token.kind) {
    case 'scalar': {
      takeToken(scanner)
      const implicit = (tagName === '' && token.plain === true) || tagName === '!'
      return keep({ kind: 'scalar', value: token.value ?? '', tag: tagName, implicit })
    }
    case 'flow-sequence-start':
      return parseFlowSequence(parser, keep(newSequence()))
    case 'flow-mapping-start':
      return parseFlowMapping(parser, keep(newMapping()))
    case 'block-sequence-start':
      if (block) return parseBlockSequence(parser, keep(newSequence()))
      break
    case 'block-mapping-start':
      if (block) return parseBlockMapping(parser, keep(newMapping()))
      break
  }
  if (anchor === undefined && tagName === '') fail('did not find expected node content', token.mark, first.mark)
  return keep({ kind: 'scalar', value: '', tag: tagName, implicit: tagName === '' })
}

const newSequence = (): SequenceNode => ({ kind: 'sequence', items: [] })
const newMapping = (): MappingNode => ({ kind: 'mapping', entries: [] })

function tagOf(parser: Parser, token: Token, start: Mark): string {
  const handle = bare(token.value ?? '')
  if (handle === '') return token.suffix ?? ''
  const prefix = parser.tags.get(handle)
  if (prefix === undefined) fail('found undefined tag handle', token.mark, start)
  return prefix + (token.suffix ?? '')
}

/** A node in a block, or the empty scalar before one of the tokens that end it. */
function blockValue(parser: Parser, ends: ReadonlySet<TokenKind>, indentless: boolean): Node {
  return ends.has(peekToken(parser.scanner).kind) ? emptyScalar : parseNode(parser, true, indentless)
}

function parseBlockSequence(parser: Parser, node: SequenceNode): Node {
  const { scanner } = parser
  const start = takeToken(scanner).mark
  for (;;) {
    const token = peekToken(scanner)
    if (token.kind === 'block-entry') {
      takeToken(scanner)
      node.items.push(blockValue(parser, afterEntry, false))
    } else if (token.kind === 'block-end') {
      takeToken(scanner)
      return node
    } else fail("did not find expected '-' indicator", token.mark, start)
  }
}

function parseIndentless(parser: Parser, node: SequenceNode): Node {
  while (peekToken(parser.scanner).kind === 'block-entry') {
    takeToken(parser.scanner)
    node.items.push(blockValue(parser, afterIndentlessEntry, false))
  }
  return node
}

function parseBlockMapping(parser: Parser, node: MappingNode): Node {
  const { scanner } = parser
  const start = takeToken(scanner).mark
  for (;;) {
    const token = peekToken(scanner)
    if (token.kind === 'block-end') {
      takeToken(scanner)
      return node
    }
    if (token.kind !== 'key') fail('did not find expected key', token.mark, start)
    takeToken(scanner)
    const key = blockValue(parser, afterKey, true)
    if (peekToken(scanner).kind === 'value') {
      takeToken(scanner)
      node.entries.push([key, blockValue(parser, afterKey, true)])
    } else node.entries.push([key, emptyScalar])
  }
}

/** Passes the comma between two entries; false at the closing bracket. */
function nextEntry(parser: Parser, end: TokenKind, first: boolean, start: Mark): boolean {
  const { scanner } = parser
  const token = peekToken(scanner)
  if (token.kind === end) return false
  if (first) return true
  if (token.kind !== 'flow-entry') {
    fail(`did not find expected ',' or '${end === 'flow-sequence-end' ? ']' : '}'}'`, token.mark, start)
  }
  takeToken(scanner)
  return peekToken(scanner).kind !== end
}

function parseFlowSequence(parser: Parser, node: SequenceNode): Node {
  const { scanner } = parser
  const start = takeToken(scanner).mark
  for (let first = true; nextEntry(parser, 'flow-sequence-end', first, start); first = false) {
    if (peekToken(scanner).kind !== 'key') node.items.push(parseNode(parser, false, false))
    else {
      takeToken(scanner)
      node.items.push({ kind: 'mapping', entries: [parseSinglePair(parser)] })
    }
  }
  takeToken(scanner)
  return node
}

/** `[a: b]`, a map of one entry; where the key is empty libyaml passes over the token behind it. */
function parseSinglePair(parser: Parser): [Node, Node] {
  const { scanner } = parser
  let key: Node = emptyScalar
  if (['value', 'flow-entry', 'flow-sequence-end'].includes(peekToken(scanner).kind)) takeToken(scanner)
  else key = parseNode(parser, false, false)
  return [key, flowValue(parser, 'flow-sequence-end')]
}

function flowValue(parser: Parser, end: TokenKind): Node {
  const { scanner } = parser
  if (peekToken(scanner).kind !== 'value') return emptyScalar
  takeToken(scanner)
  const { kind } = peekToken(scanner)
  return kind === 'flow-entry' || kind === end ? emptyScalar : parseNode(parser, false, false)
}

function parseFlowMapping(parser: Parser, node: MappingNode): Node {
  const { scanner } = parser
  const start = takeToken(scanner).mark
  for (let first = true; nextEntry(parser, 'flow-mapping-end', first, start); first = false) {
    if (peekToken(scanner).kind !== 'key') {
      node.entries.push([parseNode(parser, false, false), emptyScalar])
      continue
    }
    takeToken(scanner)
    const { kind } = peekToken(scanner)
    const empty = kind === 'value' || kind === 'flow-entry' || kind === 'flow-mapping-end'
    const key = empty ? emptyScalar : parseNode(parser, false, false)
    node.entries.push([key, flowValue(parser, 'flow-mapping-end')])
  }
  takeToken(scanner)
  return node
}
