// A YAML document as nodes that know where they stand in the text and what they mean to Helm.
import { type AliasEvent, COLLECTION_STYLE, EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml'
import { ChartferryError } from '../../errors.ts'
import type { Limits } from '../../limits.ts'
import { yamlError, yamlEvents } from './events.ts'
import { numberText, plainValue, taggedValue } from './scalar-value.ts'

/** A scalar and what it means. */
export interface ScalarNode {
  readonly kind: 'scalar'
  readonly event: ScalarEvent
  /** Quotes, escapes and folding resolved. */
  readonly text: string
  /** An integer is a bigint, a float a number. */
  readonly meaning: string | bigint | number | boolean | null
  readonly anchor: string | undefined
  /** Whether it stands between `[]` or `{}`. */
  readonly flow: boolean
  /** Where the token before it ends: a key, an anchor, a tag. */
  readonly after: number
}

/** A list. */
export interface SequenceNode {
  readonly kind: 'sequence'
  readonly start: number
  readonly items: readonly YamlNode[]
}

/** A mapping with its merges done. */
export interface MappingNode {
  readonly kind: 'mapping'
  readonly start: number
  /** By key: of equal keys the last. What `<<` brings is among them. */
  readonly members: ReadonlyMap<string, Member>
}

/** An alias, with the node of its anchor. */
export interface AliasNode {
  readonly kind: 'alias'
  readonly name: string
  readonly target: YamlNode
}

/** A node of a document. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode

/** What a mapping holds under one key. */
export interface Member {
  readonly node: YamlNode
  /** The alias through which `<<` brought it. */
  readonly alias: string | undefined
  /** Where its key begins. */
  readonly start: number
}

function followed(node: YamlNode): YamlNode {
  return node.kind === 'alias' ? followed(node.target) : node
}

function isPlain(node: ScalarNode): boolean {
  return node.event.style === SCALAR_STYLE.PLAIN && node.event.tagStart < 0
}

/** Where a node begins; `otherwise` for an alias, and for a scalar of no characters. */
export function startOf(node: YamlNode, otherwise: number): number {
  if (node.kind === 'alias') return otherwise
  if (node.kind !== 'scalar') return node.start
  return node.event.valueStart < 0 ? otherwise : node.event.valueStart
}

/** The text of a key as Go's conversion to JSON has it; undefined for what cannot be one. */
function keyOf(node: YamlNode): string | undefined {
  const key = followed(node)
  if (key.kind !== 'scalar' || key.meaning === null) return undefined
  return typeof key.meaning === 'bigint' || typeof key.meaning === 'number'
    ? numberText(key.meaning)
    : String(key.meaning)
}

/**
 * The root of the first document of a text, undefined where it is empty. Aliases are followed to the node of their
 * anchor, so the tree is a graph without circles. Throws YAML_INVALID with line and column, YAML_TOO_COMPLEX (bytes,
 * aliases, merged keys), DEPTH_EXCEEDED.
 */
export function treeOf(text: string, where: string, limits: Limits): YamlNode | undefined {
  const events = yamlEvents(text, where, limits)
  const anchors = new Map<string, YamlNode>()
  let next = 0
  let after = 0
  let aliases = 0
  let merged = 0

  const slice = (start: number, end: number): string | undefined => (start < 0 ? undefined : text.slice(start, end))
  const complex = (what: string, limit: number): ChartferryError =>
    new ChartferryError('YAML_TOO_COMPLEX', `${where}: more than ${limit} ${what}`)

  const readAlias = (event: AliasEvent): AliasNode => {
    const name = text.slice(event.anchorStart, event.anchorEnd)
    aliases += 1
    if (aliases > limits.yamlAliases) throw complex('aliases', limits.yamlAliases)
    // An anchor is known only behind its node, so none can contain itself.
    const target = anchors.get(name)
    if (!target) throw yamlError(where, text, event.anchorStart, `unknown anchor ${JSON.stringify(name)}`)
    after = event.anchorEnd
    return { kind: 'alias', name, target }
  }

  const readScalar = (event: ScalarEvent, anchor: string | undefined, flow: boolean): ScalarNode => {
    after = Math.max(after, event.anchorEnd, event.tagEnd)
    const decoded = getScalarValue(text, event)
    const tag = slice(event.tagStart, event.tagEnd)
    const untagged = event.style === SCALAR_STYLE.PLAIN ? plainValue(decoded) : decoded
    const meaning = tag === undefined ? untagged : taggedValue(tag, decoded)
    if (meaning === undefined) throw yamlError(where, text, event.tagStart, `${JSON.stringify(decoded)} is not ${tag}`)
    const node: ScalarNode = { kind: 'scalar', event, text: decoded, meaning, anchor, flow, after }
    after = Math.max(after, event.valueEnd)
    return node
  }

  const readItems = (flow: boolean): YamlNode[] => {
    const nodes: YamlNode[] = []
    for (let node = read(flow); node; node = read(flow)) nodes.push(node)
    return nodes
  }

  // Go's merge is a plain assignment in document order: it overrides the keys before it and is overridden by those
  // behind it. In a list of mappings the earlier ones win.
  const merge = (members: Map<string, Member>, source: YamlNode, start: number): void => {
    const list = followed(source)
    for (const item of list.kind === 'sequence' ? list.items.toReversed() : [source]) {
      const mapping = followed(item)
      if (mapping.kind !== 'mapping') throw yamlError(where, text, start, '<< takes mappings only')
      merged += mapping.members.size
      if (merged > limits.yamlNodes) throw complex('merged keys', limits.yamlNodes)
      const name = item.kind === 'alias' ? item.name : undefined
      for (const [key, member] of mapping.members) members.set(key, { ...member, alias: member.alias ?? name })
    }
  }

  const readMapping = (start: number, flow: boolean): MappingNode => {
    const members = new Map<string, Member>()
    const nodes = readItems(flow)
    for (let index = 0; index + 1 < nodes.length; index += 2) {
      const [key, node] = nodes.slice(index, index + 2) as [YamlNode, YamlNode]
      const name = keyOf(key)
      if (name === undefined) throw yamlError(where, text, start, 'a key is null, a list or a mapping')
      if (name === '<<' && key.kind === 'scalar' && isPlain(key)) merge(members, node, start)
      else members.set(name, { node, alias: undefined, start: startOf(key, start) })
    }
    return { kind: 'mapping', start, members }
  }

  const read = (flow: boolean): YamlNode | undefined => {
    const event = events[next++]
    if (!event || event.type === EVENT_ID.POP) return undefined
    if (event.type === EVENT_ID.DOCUMENT) return read(flow)
    if (event.type === EVENT_ID.ALIAS) return readAlias(event)
    const anchor = slice(event.anchorStart, event.anchorEnd)
    let node: YamlNode
    if (event.type === EVENT_ID.SCALAR) node = readScalar(event, anchor, flow)
    else {
      const inFlow = flow || event.style === COLLECTION_STYLE.FLOW
      node =
        event.type === EVENT_ID.MAPPING
          ? readMapping(event.start, inFlow)
          : { kind: 'sequence', start: event.start, items: readItems(inFlow) }
    }
    if (anchor !== undefined) anchors.set(anchor, node)
    return node
  }

  return read(false)
}
