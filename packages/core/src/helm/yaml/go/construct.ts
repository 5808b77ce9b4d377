// Values of YAML nodes, as sigs.k8s.io/yaml makes them by way of JSON: keys are strings, numbers are float64.
import { ChartferryError } from '../../../errors.ts'
import { textOfBytes } from '../../template/bytes.ts'
import { formatFloat } from '../../template/float.ts'
import { bare } from '../../template/text.ts'
import { GoError, GoList, GoMap, type Text, TracedScalar, TracedText, type Value } from '../../template/value.ts'
import { float32Text } from './float32.ts'
import type { AliasNode, MappingNode, Node, ScalarNode } from './node.ts'
import { isTimestamp, type Resolved, resolvePlain } from './resolve.ts'
import { goSyntaxOf } from './syntax.ts'

/** Bounds on what is made of a document. */
export interface ConstructLimits {
  /** Aliases followed. */
  readonly aliases: number
  /** Values made, those behind aliases each time. */
  readonly nodes: number
}

interface Course {
  readonly limits: ConstructLimits
  readonly open: Set<AliasNode>
  nodes: number
  aliases: number
  /** Values made below an alias. */
  aliased: number
  /** What Go finds once the document is decoded: keys that JSON cannot have, then numbers. */
  late: { key?: GoError; number?: GoError }
}

const longPrefix = 'tag:yaml.org,2002:'
const resolvable = new Set(['', '!!str', '!!bool', '!!int', '!!float', '!!null', '!!timestamp'])

/** The value of a node. Throws GoError with go-yaml's words, YAML_TOO_COMPLEX beyond the limits. */
export function construct(node: Node, limits: ConstructLimits): Value {
  const course: Course = { limits, open: new Set(), nodes: 0, aliases: 0, aliased: 0, late: {} }
  const value = valueOfNode(node, course)
  const late = course.late.key ?? course.late.number
  if (late !== undefined) throw late
  return value
}

function valueOfNode(node: Node, course: Course): Value {
  count(course)
  switch (node.kind) {
    case 'alias':
      return followed(node, course, (target) => valueOfNode(target, course))
    case 'scalar':
      return scalarValue(node, course)
    case 'sequence':
      return new GoList(node.items.map((item) => valueOfNode(item, course)))
    case 'mapping': {
      const map = new GoMap()
      fill(map, node, course)
      return map
    }
  }
}

function count(course: Course): void {
  course.nodes++
  if (course.open.size > 0) course.aliased++
  if (course.nodes > course.limits.nodes) {
    throw new ChartferryError('YAML_TOO_COMPLEX', `YAML text has more than ${course.limits.nodes} values`)
  }
  const { nodes, aliased } = course
  if (aliased > 100 && nodes > 1000 && aliased / nodes > allowedRatio(nodes)) {
    throw new GoError('yaml: document contains excessive aliasing')
  }
}

/** The share of values that may come from aliases: 99 % of a small document, 10 % of a very large one. */
function allowedRatio(nodes: number): number {
  const low = 400_000
  const high = 4_000_000
  if (nodes <= low) return 0.99
  return nodes >= high ? 0.1 : 0.99 - 0.89 * ((nodes - low) / (high - low))
}

function followed<T>(node: AliasNode, course: Course, use: (target: Node) => T): T {
  if (course.open.has(node)) throw new GoError(`yaml: anchor '${node.name}' value contains itself`)
  if (++course.aliases > course.limits.aliases) {
    throw new ChartferryError('YAML_TOO_COMPLEX', `YAML text has more than ${course.limits.aliases} aliases`)
  }
  course.open.add(node)
  const result = use(node.target)
  course.open.delete(node)
  return result
}

function fill(map: GoMap, node: MappingNode, course: Course): void {
  for (const [key, value] of node.entries) {
    if (isMerge(key)) merge(map, value, course)
    else map.set(keyText(key, value, course), valueOfNode(value, course))
  }
}

function isMerge(node: Node): boolean {
  return node.kind === 'scalar' && bare(node.value) === '<<' && (node.implicit || node.tag === `${longPrefix}merge`)
}

/** `<<: *a` and `<<: [*a, *b]`; keys that follow win, and so do earlier maps of a list. */
function merge(map: GoMap, node: Node, course: Course): void {
  count(course)
  const source = node.kind === 'alias' ? node.target : node
  if (node.kind === 'sequence') for (const item of node.items.toReversed()) merge(map, checkMap(item), course)
  else if (source.kind !== 'mapping') checkMap(source)
  else if (node.kind === 'alias') followed(node, course, () => fill(map, source, course))
  else fill(map, source, course)
}

function checkMap(node: Node): Node {
  const source = node.kind === 'alias' ? node.target : node
  if (source.kind === 'mapping') return node
  throw new GoError('yaml: map merge requires map or sequence of maps as the value')
}

function keyText(key: Node, value: Node, course: Course): string {
  if (key.kind === 'alias') return followed(key, course, (target) => keyText(target, value, course))
  if (key.kind !== 'scalar') {
    // A key that holds such a key itself is named for the inner one.
    valueOfNode(key, course)
    throw new GoError(`yaml: invalid map key: ${goSyntaxOf(key, resolveNode)}`)
  }
  count(course)
  const resolved = resolveNode(key)
  const known = resolved.value
  switch (typeof known) {
    case 'string':
      return known
    case 'boolean':
      return String(known)
    case 'number':
      return floatKey(known)
    case 'bigint':
      if (known < 2n ** 63n) return String(known)
  }
  const type = known === null ? '%!s(<nil>)' : 'uint64'
  course.late.key ??= new GoError(
    `unsupported map key of type: ${type}, key: ${goSyntaxOf(key, resolveNode)}, value: ${goSyntaxOf(value, resolveNode)}`,
  )
  return ''
}

function floatKey(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  const text = float32Text(value)
  return text === '+Inf' ? '.inf' : text === '-Inf' ? '-.inf' : text
}

function scalarValue(node: ScalarNode, course: Course): Value {
  const { type, value } = resolveNode(node)
  if (typeof value === 'string') return type === 'str' && bare(node.value) === value ? node.value : value
  if (value === null) return null
  const result = typeof value === 'bigint' ? Number(value) : value
  if (typeof result === 'number' && !Number.isFinite(result)) {
    course.late.number ??= new GoError(`json: unsupported value: ${formatFloat(result)}`)
  }
  return withOrigin(result, node.value)
}

/** A number or boolean read from one leaf keeps that leaf. */
function withOrigin(value: boolean | number, text: Text): Value {
  const [span] = text instanceof TracedText ? text.spans : []
  return span === undefined ? value : new TracedScalar(value, span.origin)
}

/** The scalar with its type; a text with a tag of its own is a string. Throws GoError where tag and text disagree. */
function resolveNode(node: ScalarNode): Resolved {
  const text = bare(node.value)
  if (node.tag === '' && !node.implicit) return { type: 'str', value: text }
  const tag = node.tag.startsWith(longPrefix) ? `!!${node.tag.slice(longPrefix.length)}` : node.tag
  if (tag === '!!binary') return { type: 'str', value: decodeBinary(text) }
  if (!resolvable.has(tag) || tag === '!!str') return { type: 'str', value: text }
  const resolved =
    tag !== '' && tag !== '!!timestamp' && isTimestamp(text)
      ? { type: 'str' as const, value: text }
      : resolvePlain(text)
  if (tag === '' || tag === `!!${resolved.type}`) {
    return resolved.type === 'timestamp' ? { type: 'str', value: text } : resolved
  }
  if (tag === '!!float' && typeof resolved.value === 'bigint' && resolved.value < 2n ** 63n) {
    return { type: 'float', value: Number(resolved.value) }
  }
  throw new GoError(`yaml: cannot decode !!${resolved.type} \`${text}\` as a ${tag}`)
}

function decodeBinary(text: string): string {
  const digits = text.replace(/[\r\n]/g, '')
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) {
    throw new GoError('yaml: !!binary value contains invalid base64 data')
  }
  // The way through JSON puts U+FFFD for each byte that is no UTF-8.
  return textOfBytes(Buffer.from(digits, 'base64')).replace(/[\udc80-\udcff](?<![\ud800-\udbff].)/g, '\ufffd')
}
