// On which line a setting stands, for messages about files that people write.
import { defaultLimits } from '../../limits.ts'
import type { ValuesPath } from './path.ts'
import { startOf, treeOf, type YamlNode } from './tree.ts'

/**
 * Takes a YAML text; gives what finds the line, the first being 1, of the deepest part of a path that is there. Throws
 * as `parseYaml`.
 */
export function lineFinder(text: string, where: string): (path: ValuesPath) => number {
  const root = treeOf(text, where, defaultLimits)
  return (path) => text.slice(0, root === undefined ? 0 : offsetOf(root, path)).split('\n').length
}

function offsetOf(root: YamlNode, path: ValuesPath): number {
  let node = root
  let offset = startOf(root, 0)
  for (const step of path) {
    while (node.kind === 'alias') node = node.target
    if (node.kind === 'mapping') {
      const member = node.members.get(String(step))
      if (member === undefined) return offset
      offset = member.start
      node = member.node
    } else {
      const item: YamlNode | undefined = node.kind === 'sequence' ? node.items[Number(step)] : undefined
      if (item === undefined) return offset
      offset = startOf(item, offset)
      node = item
    }
  }
  return offset
}
