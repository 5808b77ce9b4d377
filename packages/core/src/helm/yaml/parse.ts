// Parses one YAML document within limits, with the meaning that Helm gives it.
import { ChartferryError } from '../../errors.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import { numberText } from './scalar-value.ts'
import { treeOf, type YamlNode } from './tree.ts'

/** Options of every function that reads YAML. */
export interface ParseYamlOptions {
  /** What messages call the text, a file as a rule. Default: `YAML`. */
  readonly where?: string
  /** Default: `defaultLimits`. */
  readonly limits?: Limits
  /** Whether a number becomes the text that Go prints for it, as in the fields of Chart.yaml. Default: false. */
  readonly numbersAsText?: boolean
}

/** A value, and how much of it whoever walks it will meet, aliases followed. */
interface Built {
  readonly value: unknown
  readonly nodes: number
  readonly depth: number
}

function buildWith(where: string, limits: Limits, numbersAsText: boolean): (node: YamlNode) => Built {
  const known = new Map<YamlNode, Built>()
  const collect = (children: Iterable<readonly [string | number, YamlNode]>, value: unknown[] | object): Built => {
    let nodes = 1
    let depth = 0
    for (const [key, child] of children) {
      const built = build(child)
      Reflect.set(value, key, built.value)
      nodes += built.nodes
      depth = Math.max(depth, built.depth)
    }
    if (nodes > limits.yamlNodes) {
      throw new ChartferryError('YAML_TOO_COMPLEX', `${where}: more than ${limits.yamlNodes} nodes`)
    }
    if (depth >= limits.yamlDepth) {
      throw new ChartferryError('DEPTH_EXCEEDED', `${where}: nested deeper than ${limits.yamlDepth}`)
    }
    return { value, nodes, depth: depth + 1 }
  }
  const build = (node: YamlNode): Built => {
    if (node.kind === 'alias') return build(node.target)
    if (node.kind === 'scalar') {
      const number = typeof node.meaning === 'bigint' || typeof node.meaning === 'number' ? node.meaning : undefined
      const value = number === undefined ? node.meaning : numbersAsText ? numberText(number) : Number(number)
      return { value, nodes: 1, depth: 0 }
    }
    const seen = known.get(node)
    if (seen) return seen
    const built =
      node.kind === 'sequence'
        ? collect(node.items.entries(), [])
        : // Without a prototype `__proto__` is a key like any other.
          collect(
            [...node.members].map(([key, member]) => [key, member.node] as const),
            Object.create(null),
          )
    known.set(node, built)
    return built
  }
  return build
}

/**
 * The value of a tree that `treeOf` gave; see `parseYaml`. Throws YAML_TOO_COMPLEX and DEPTH_EXCEEDED, aliases
 * followed.
 */
export function valueOfTree(root: YamlNode | undefined, options: ParseYamlOptions = {}): unknown {
  const { where = 'YAML', limits = defaultLimits, numbersAsText = false } = options
  return root ? buildWith(where, limits, numbersAsText)(root).value : null
}

/**
 * The value of the first document, null where there is none: objects without prototype, arrays, strings, numbers,
 * booleans, null. Duplicate keys, `<<`, unknown tags and the types of plain scalars are as Helm has them. Aliases
 * give the same object twice: treat the value as read-only. Throws YAML_INVALID with line and column,
 * YAML_TOO_COMPLEX (bytes, aliases, nodes with aliases followed), DEPTH_EXCEEDED.
 */
export function parseYaml(text: string, options: ParseYamlOptions = {}): unknown {
  const { where = 'YAML', limits = defaultLimits } = options
  return valueOfTree(treeOf(text, where, limits), options)
}

/** The text of a file, without the byte order mark that Helm drops as well. */
export function textOf(data: Uint8Array): string {
  return new TextDecoder().decode(data)
}
