// Reads the YAML of a rendered document, as Helm's own reader does.
import { isChartferryError } from '../../../errors.ts'
import { GoError, GoList, GoMap, Int, plain, type Value } from '../../template/value.ts'
import { readYaml } from '../../yaml/go/read.ts'
import type { RenderedDocument } from '../chart-renderer.ts'

/** The values of all YAML documents in the text (a CRD file may have several), or undefined where one is not YAML. */
export function parseDocuments(document: RenderedDocument): readonly unknown[] | undefined {
  try {
    return document.text
      .split(/^---(?:\s.*)?$/m)
      .filter((text) => text.trim() !== '')
      .map((text) => bareValue(readYaml(text)))
  } catch (error) {
    if (error instanceof GoError || isChartferryError(error, 'YAML_TOO_COMPLEX', 'DEPTH_EXCEEDED')) return undefined
    throw error
  }
}

/** Maps as objects without a prototype, lists as arrays. */
function bareValue(value: Value): unknown {
  if (value instanceof GoList) return value.items.map(bareValue)
  if (value instanceof GoMap) {
    const bare: Record<string, unknown> = Object.create(null)
    for (const [key, item] of value.entries) bare[key] = bareValue(item)
    return bare
  }
  const bare = plain(value)
  return bare instanceof Int ? Number(bare.value) : bare
}

/** A document as a person names it: `Deployment/web`. */
export function resourceOf(root: unknown): string {
  if (!isMap(root)) return 'document'
  const { kind, metadata } = root
  const name = isMap(metadata) ? metadata.name : undefined
  return `${typeof kind === 'string' ? kind : 'document'}${typeof name === 'string' ? `/${name}` : ''}`
}

function isMap(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node)
}
