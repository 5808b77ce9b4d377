// Reads a document of a traced rendering: its values, whose texts know where they come from.
import { GoError, GoList, GoMap, type Text, TracedText, type Value } from '../../../helm/template/value.ts'
import { readYaml } from '../../../helm/yaml/go/read.ts'

/** The values of one document; undefined where it is not YAML. */
export function readDocument(text: Text): Value {
  try {
    return readYaml(text)
  } catch (error) {
    if (error instanceof GoError) return undefined
    throw error
  }
}

/** Whether a value is a text, traced or not. */
export const isText = (value: Value): value is Text => typeof value === 'string' || value instanceof TracedText

/** The text under a key of a map, where there is one. */
export function textAt(map: GoMap, key: string): Text | undefined {
  const value = map.entries.get(key)
  return value !== undefined && isText(value) ? value : undefined
}

/** All texts of a document that stand under a key, each with it. */
export function* settingsIn(node: Value): Iterable<readonly [key: string, text: Text]> {
  if (node instanceof GoList) for (const item of node.items) yield* settingsIn(item)
  else if (node instanceof GoMap) {
    for (const [key, value] of node.entries) {
      if (isText(value)) yield [key, value]
      else yield* settingsIn(value)
    }
  }
}
