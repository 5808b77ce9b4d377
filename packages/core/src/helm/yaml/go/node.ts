// The nodes of a YAML document, before tags are resolved.
import type { Text } from '../../template/value.ts'

/** A scalar as written. */
export interface ScalarNode {
  readonly kind: 'scalar'
  readonly value: Text
  /** Empty where none is written. */
  readonly tag: string
  /** Whether the value decides the type: it is plain, or has the tag `!`. */
  readonly implicit: boolean
}

/** A list. */
export interface SequenceNode {
  readonly kind: 'sequence'
  readonly items: Node[]
}

/** A map, with its keys in order, repeated ones too. */
export interface MappingNode {
  readonly kind: 'mapping'
  readonly entries: [Node, Node][]
}

/** A reference to an anchor. */
export interface AliasNode {
  readonly kind: 'alias'
  readonly name: string
  readonly target: Node
}

/** A node of a document. */
export type Node = ScalarNode | SequenceNode | MappingNode | AliasNode
