// Reading YAML as Helm does: go-yaml 2 behind sigs.k8s.io/yaml, first document only.
import { defaultLimits } from '../../../limits.ts'
import { GoError, GoList, GoMap, plain, type Text, type Value } from '../../template/value.ts'
import { construct } from './construct.ts'
import { parseNodes } from './parse-nodes.ts'

/** How a text is read. */
export interface ReadOptions {
  /** Bounds; beyond them the reader throws DEPTH_EXCEEDED or YAML_TOO_COMPLEX. Default: `defaultLimits`. */
  readonly limits?: { readonly yamlDepth: number; readonly yamlAliases: number; readonly yamlNodes: number }
}

/**
 * The value of the first document as `yaml.Unmarshal` makes it of an empty interface: maps with string keys, lists,
 * float64 numbers, booleans, strings, null for an empty text. Scalars of a traced text keep its spans. Throws GoError
 * in Go's words: `error converting YAML to JSON: yaml: line 2: did not find expected key`.
 */
export function readYaml(source: Text, options: ReadOptions = {}): Value {
  const { yamlDepth, yamlAliases, yamlNodes } = options.limits ?? defaultLimits
  try {
    const root = parseNodes(source, yamlDepth)
    return root === undefined ? null : construct(root, { aliases: yamlAliases, nodes: yamlNodes })
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`error converting YAML to JSON: ${error.message}`)
    throw error
  }
}

/** The map of a text; an empty one where the text is empty. Throws GoError with the words of `yaml.Unmarshal`. */
export function readYamlMap(source: Text, options: ReadOptions = {}): GoMap {
  const value = readYaml(source, options)
  if (value instanceof GoMap) return value
  if (value === null) return new GoMap()
  throw mismatch(value, 'map[string]interface {}')
}

/** The list of a text; an empty one where the text is empty. Throws GoError with the words of `yaml.Unmarshal`. */
export function readYamlList(source: Text, options: ReadOptions = {}): GoList {
  const value = readYaml(source, options)
  if (value instanceof GoList) return value
  if (value === null) return new GoList([])
  throw mismatch(value, '[]interface {}')
}

function mismatch(value: Value, wanted: string): GoError {
  const cause = `json: cannot unmarshal ${jsonKind(value)} into Go value of type ${wanted}`
  return new GoError(`error unmarshaling JSON: while decoding JSON: ${cause}`)
}

/** What encoding/json calls a value that does not fit. */
export function jsonKind(value: Value): string {
  if (value instanceof GoMap) return 'object'
  if (value instanceof GoList) return 'array'
  const bare = plain(value)
  if (typeof bare === 'boolean') return 'bool'
  return typeof bare === 'number' ? 'number' : 'string'
}
