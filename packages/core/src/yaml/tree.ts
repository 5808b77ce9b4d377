// A YAML document as nodes that know where they stand in the text; aliases lead to the node of their anchor.
import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml'
import { resolvePlain } from './schema.ts'

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly event: ScalarEvent
  readonly text: string
  readonly anchor: string | undefined
  /** Whether it stands between `[]` or `{}`. */
  readonly flow: boolean
  /** Where the nearest token before it ends. */
  readonly after: number
}

export interface SequenceNode {
  readonly kind: 'sequence'
  readonly items: readonly YamlNode[]
}

export interface MappingNode {
  readonly kind: 'mapping'
  readonly pairs: readonly (readonly [key: YamlNode, value: YamlNode])[]
}

export interface AliasNode {
  readonly kind: 'alias'
  readonly name: string
  readonly target: YamlNode
}

export type YamlNode = ScalarNode | SequenceNode | MappingNode | AliasNode

/** What a mapping holds under one key, with the name of the alias through which `<<` brought it. */
export interface Member {
  readonly node: YamlNode
  readonly alias: string | undefined
}

function slice(text: string, start: number, end: number): string | undefined {
  return start < 0 ? undefined : text.slice(start, end)
}

/** The root of a document; undefined where it is empty. The text must be one that `parseYaml` accepts. */
export function treeOf(text: string, events: readonly Event[]): YamlNode | undefined {
  const anchors = new Map<string, YamlNode>()
  let next = 0
  let after = 0

  const items = (flow: boolean): YamlNode[] => {
    const nodes: YamlNode[] = []
    for (;;) {
      const node = read(flow)
      if (!node) return nodes
      nodes.push(node)
    }
  }

  const collection = (sequence: boolean, flow: boolean): YamlNode => {
    const nodes = items(flow)
    if (sequence) return { kind: 'sequence', items: nodes }
    const pairs = nodes.flatMap((key, index) => {
      const value = nodes[index + 1]
      return index % 2 === 0 && value ? [[key, value] as const] : []
    })
    return { kind: 'mapping', pairs }
  }

  const read = (flow: boolean): YamlNode | undefined => {
    const event = events[next++]
    if (!event || event.type === EVENT_ID.POP) return undefined
    if (event.type === EVENT_ID.DOCUMENT) return read(flow)
    if (event.type === EVENT_ID.ALIAS) {
      const name = text.slice(event.anchorStart, event.anchorEnd)
      after = event.anchorEnd
      const target = anchors.get(name)
      return target && { kind: 'alias', name, target }
    }
    const anchor = slice(text, event.anchorStart, event.anchorEnd)
    let node: YamlNode
    if (event.type === EVENT_ID.SCALAR) {
      after = Math.max(after, event.anchorEnd, event.tagEnd)
      node = { kind: 'scalar', event, text: getScalarValue(text, event), anchor, flow, after }
      after = Math.max(after, event.valueEnd)
    } else {
      node = collection(event.type === EVENT_ID.SEQUENCE, flow || event.style === 2)
    }
    if (anchor !== undefined) anchors.set(anchor, node)
    return node
  }

  return read(false)
}

function followed(node: YamlNode): YamlNode {
  return node.kind === 'alias' ? followed(node.target) : node
}

function keyOf(node: YamlNode): string {
  const key = followed(node)
  if (key.kind !== 'scalar') return ''
  const plain = key.event.style === SCALAR_STYLE.PLAIN && key.event.tagStart < 0
  return plain ? String(resolvePlain(key.text)) : key.text
}

function isMerge(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.event.style === SCALAR_STYLE.PLAIN && node.text === '<<'
}

/** The members of a mapping by key: of equal keys the last, then what `<<` adds, earlier mappings first. */
export function membersOf(mapping: MappingNode): ReadonlyMap<string, Member> {
  const members = new Map<string, Member>()
  for (const [key, node] of mapping.pairs) if (!isMerge(key)) members.set(keyOf(key), { node, alias: undefined })
  for (const [key, value] of mapping.pairs) {
    if (!isMerge(key)) continue
    const list = followed(value)
    for (const source of list.kind === 'sequence' ? list.items : [value]) {
      const merged = followed(source)
      if (merged.kind !== 'mapping') continue
      const name = source.kind === 'alias' ? source.name : undefined
      for (const [added, { node, alias }] of membersOf(merged)) {
        if (!members.has(added)) members.set(added, { node, alias: alias ?? name })
      }
    }
  }
  return members
}
