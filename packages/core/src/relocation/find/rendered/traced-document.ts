// Reads a document of a traced rendering: its values, whose texts know where they come from.
import { GoError, type GoMap, type Text, TracedText, type Value } from '../../../helm/template/value.ts'
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
