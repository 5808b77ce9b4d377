// YAML nodes printed as Go source, which is how go-yaml names keys that it refuses.
import { formatFloat } from '../../template/float.ts'
import { compareStrings } from '../../template/kind.ts'
import { quoted } from '../../template/quote.ts'
import { bare } from '../../template/text.ts'
import type { Node, ScalarNode } from './node.ts'
import type { Resolved } from './resolve.ts'

/** fmt's `%#v` of what the node decodes to: `map[interface {}]interface {}{"a":1}`. */
export function goSyntaxOf(node: Node, resolve: (node: ScalarNode) => Resolved): string {
  return spell(node, resolve, true)
}

function spell(node: Node, resolve: (node: ScalarNode) => Resolved, top: boolean): string {
  switch (node.kind) {
    case 'alias':
      return spell(node.target, resolve, top)
    case 'scalar': {
      const { value } = resolve(node)
      if (value === null) return top ? '<nil>' : 'interface {}(nil)'
      if (typeof value === 'string') return bare(quoted(value))
      return typeof value === 'number' ? formatFloat(value) : String(value)
    }
    case 'sequence':
      return `[]interface {}{${node.items.map((item) => spell(item, resolve, false)).join(', ')}}`
    case 'mapping': {
      const entries = node.entries.map(([key, value]): [string, string] => [
        spell(key, resolve, false),
        spell(value, resolve, false),
      ])
      const text = entries.sort(([a], [b]) => compareStrings(a, b)).map((entry) => entry.join(':'))
      return `map[interface {}]interface {}{${text.join(', ')}}`
    }
  }
}
