// Parses one YAML document within limits, with the meaning that Helm gives it.
import { constructFromEvents, type Event, parseEvents, type Schema, YAMLException } from 'js-yaml'
import { ChartferryError } from '../errors.ts'
import { defaultLimits, type Limits } from '../limits.ts'
import { valuesSchema } from './schema.ts'

export interface ParseYamlOptions {
  /** What messages call the text, a file as a rule. Default: `YAML`. */
  readonly where?: string
  /** Default: `defaultLimits`. */
  readonly limits?: Limits
  /** What untagged scalars mean. Default: `valuesSchema`. */
  readonly schema?: Schema
}

const marker = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm
/** Blank lines, comments and directives: what may stand before the `---` that opens a document. */
const preamble = /^\uFEFF?(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r)|%[^\r\n]*(?:\r\n|\n|\r))*$/

/** The text up to the end of its first document. Helm reads no further, whatever stands there. */
export function firstDocument(text: string): string {
  for (const match of text.matchAll(marker)) {
    const opens = match[0] === '---' && preamble.test(text.slice(0, match.index))
    if (!opens) return text.slice(0, match.index)
  }
  return text
}

function failureOf(where: string, thrown: unknown, limits: Limits): unknown {
  if (!(thrown instanceof YAMLException)) return thrown
  const place = thrown.mark ? `:${thrown.mark.line + 1}:${thrown.mark.column + 1}` : ''
  const message = `${where}${place}: ${thrown.reason}`
  if (thrown.reason.includes('maxDepth')) {
    return new ChartferryError('DEPTH_EXCEEDED', `${where}${place}: nested deeper than ${limits.yamlDepth}`)
  }
  const complex = thrown.reason.includes('maxAliases') || thrown.reason.includes('maxTotalMergeKeys')
  return new ChartferryError(complex ? 'YAML_TOO_COMPLEX' : 'YAML_INVALID', message, { cause: thrown })
}

/** The events of the first document of a text; positions are offsets in the text. Throws as `parseYaml` does. */
export function yamlEvents(text: string, options: ParseYamlOptions = {}): Event[] {
  const { where = 'YAML', limits = defaultLimits } = options
  if (Buffer.byteLength(text) > limits.yamlBytes) {
    throw new ChartferryError('YAML_TOO_COMPLEX', `${where}: larger than ${limits.yamlBytes} bytes`)
  }
  try {
    return parseEvents(firstDocument(text), { maxDepth: limits.yamlDepth })
  } catch (thrown) {
    throw failureOf(where, thrown, limits)
  }
}

interface Extent {
  readonly nodes: number
  readonly depth: number
}

/** Counts nodes and depth as whoever walks the value will meet them, aliases followed, but each shared value once. */
function checkExtent(root: unknown, where: string, limits: Limits): void {
  const known = new Map<object, Extent | 'open'>()
  const measure = (value: unknown): Extent => {
    if (typeof value !== 'object' || value === null) return { nodes: 1, depth: 0 }
    const seen = known.get(value)
    if (seen === 'open') throw new ChartferryError('YAML_INVALID', `${where}: an anchor contains itself`)
    if (seen) return seen
    known.set(value, 'open')
    let nodes = 1
    let depth = 0
    for (const item of Object.values(value)) {
      const below = measure(item)
      nodes += below.nodes
      depth = Math.max(depth, below.depth)
    }
    const extent = { nodes, depth: depth + 1 }
    if (nodes > limits.yamlNodes) {
      throw new ChartferryError('YAML_TOO_COMPLEX', `${where}: more than ${limits.yamlNodes} nodes`)
    }
    if (extent.depth > limits.yamlDepth) {
      throw new ChartferryError('DEPTH_EXCEEDED', `${where}: nested deeper than ${limits.yamlDepth}`)
    }
    known.set(value, extent)
    return extent
  }
  measure(root)
}

/**
 * The value of the first document, null where there is none: objects, arrays, strings, finite or infinite numbers, booleans, null. Of duplicate keys
 * the last wins, `<<` merges, unknown tags are ignored, a key `__proto__` is a key like others; all as Helm has it. Aliases
 * give the same object twice, so treat the value as read-only. Throws YAML_INVALID with line and column, YAML_TOO_COMPLEX
 * (bytes, aliases, nodes with aliases followed), DEPTH_EXCEEDED.
 */
export function parseYaml(text: string, options: ParseYamlOptions = {}): unknown {
  const { where = 'YAML', limits = defaultLimits, schema = valuesSchema } = options
  const events = yamlEvents(text, options)
  try {
    const [value] = constructFromEvents(events, {
      source: text,
      schema,
      json: true,
      maxAliases: limits.yamlAliases,
      maxTotalMergeKeys: limits.yamlNodes,
    })
    checkExtent(value, where, limits)
    return value ?? null
  } catch (thrown) {
    throw failureOf(where, thrown, limits)
  }
}

/** The text of a file, without the byte order mark that Helm drops as well. */
export function textOf(data: Uint8Array): string {
  return new TextDecoder().decode(data)
}
