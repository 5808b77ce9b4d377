// Faults of values against a schema, in the words and the order of lines that Helm's schema library prints.
import type { OutputUnit } from '@cfworker/json-schema'

/** One line, and the lines below it. */
interface Fault {
  readonly at: string
  readonly text: string
  readonly below: readonly Fault[]
}

// They only report that a schema inside them failed, which says it itself.
const containers: ReadonlySet<string> = new Set([
  '$ref',
  '$recursiveRef',
  'properties',
  'patternProperties',
  'items',
  'prefixItems',
  'additionalItems',
  'allOf',
  'if',
  'dependentSchemas',
])

const groupHeadline = 'validation failed'
const typeOrder = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object']

/** The lines of all faults of a value: those of one part together, those of a table below it. */
export function schemaWords(errors: readonly OutputUnit[], instance: unknown): readonly string[] {
  const [first, ...rest] = grouped('', faultsOf(errors, instance))
  if (first === undefined) return []
  // A group that stands alone needs no headline.
  const faults = rest.length === 0 && first.text === groupHeadline ? first.below : [first, ...rest]
  return lines(faults, 0)
}

/** The faults without the reports of containers; alternatives keep what failed in them below. */
function faultsOf(errors: readonly OutputUnit[], instance: unknown): Fault[] {
  const alternatives = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
  const inside = (unit: OutputUnit): boolean =>
    alternatives.some(({ keywordLocation }) => unit.keywordLocation.startsWith(`${keywordLocation}/`))
  const outer = errors.filter((unit) => !inside(unit) && !containers.has(unit.keyword))
  const faults = outer.flatMap((unit) => faultOf(unit, errors, instance))
  return [...faults, ...joined(outer, 'required', ['missing property', 'missing properties']), ...extra(outer)]
}

function faultOf(unit: OutputUnit, errors: readonly OutputUnit[], instance: unknown): Fault[] {
  const { keyword, keywordLocation } = unit
  if (keyword === 'required' || keyword === 'additionalProperties' || keyword === 'false') return []
  const isAlternative = keyword === 'anyOf' || keyword === 'oneOf'
  const below = isAlternative ? errors.filter((other) => other.keywordLocation.startsWith(`${keywordLocation}/`)) : []
  return [{ at: placeOf(unit), text: textOf(unit, instance), below: faultsOf(below, instance) }]
}

function placeOf({ instanceLocation }: OutputUnit): string {
  return instanceLocation.slice(1)
}

/** Quoted names of one place in one line. */
function joined(errors: readonly OutputUnit[], keyword: string, [one, many]: readonly [string, string]): Fault[] {
  const names = new Map<string, string[]>()
  for (const unit of errors) {
    if (unit.keyword !== keyword) continue
    const name = /"(.*)"/s.exec(unit.error)?.[1] ?? ''
    names.set(placeOf(unit), [...(names.get(placeOf(unit)) ?? []), `'${name}'`])
  }
  return [...names].map(([at, list]) => ({
    at,
    text: `${list.length === 1 ? one : many} ${list.join(', ')}`,
    below: [],
  }))
}

function extra(errors: readonly OutputUnit[]): Fault[] {
  return joined(errors, 'additionalProperties', ['additional properties', 'additional properties']).map((fault) => ({
    ...fault,
    text: `${fault.text} not allowed`,
  }))
}

/** The words for one fault; those of the validator where Helm's library has no short form. */
function textOf({ keyword, error, instanceLocation }: OutputUnit, instance: unknown): string {
  const [first, last] = [...error.matchAll(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi)].map(([number]) => number)
  switch (keyword) {
    case 'type': {
      const [found = '', ...wanted] = [...error.matchAll(/"([a-z]+)"/g)].map(([, name]) => name ?? '')
      return `got ${found}, want ${wanted.sort((a, b) => typeOrder.indexOf(a) - typeOrder.indexOf(b)).join(' or ')}`
    }
    case 'const':
      return `value must be ${spell(error.slice('Instance does not match '.length, -1))}`
    case 'enum':
      return `value must be one of ${spellAll(error.slice('Instance does not match any of '.length, -1))}`
    case 'anyOf':
    case 'oneOf':
    case 'not':
      return `'${keyword}' failed`
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
    case 'multipleOf':
    case 'minItems':
    case 'maxItems':
    case 'minLength':
    case 'maxLength':
      return `${keyword}: got ${first}, want ${last ?? first}`
    case 'minProperties':
    case 'maxProperties':
      return `${keyword}: got ${sizeAt(instance, instanceLocation)}, want ${first}`
    case 'uniqueItems':
      return `items at ${first} and ${last} are equal`
    default:
      return error
  }
}

/** How many properties the table at a JSON pointer has. */
function sizeAt(instance: unknown, pointer: string): number {
  const keys = pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const found = keys.reduce((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], instance)
  return Object.keys(found ?? {}).length
}

/** JSON as Go prints it in these messages. */
function spell(json: string): string {
  if (json === 'null') return '<nil>'
  return json.startsWith('"') ? `'${JSON.parse(json) as string}'` : json
}

function spellAll(json: string): string {
  return (JSON.parse(json) as unknown[]).map((value) => spell(JSON.stringify(value))).join(', ')
}

/** The faults of a table: its own and those of what is in it, together where they are more than one. */
function grouped(at: string, faults: readonly Fault[]): Fault[] {
  const own = faults.filter((fault) => fault.at === at)
  const inner = new Map<string, Fault[]>()
  for (const fault of faults) {
    if (fault.at === at) continue
    const key = `${at}/${fault.at.slice(at.length + 1).split('/', 1)[0]}`
    inner.set(key, [...(inner.get(key) ?? []), fault])
  }
  const below = [...inner].flatMap(([key, list]) => {
    const group = grouped(key, list)
    return group.length < 2 ? group : [{ at: key, text: groupHeadline, below: group }]
  })
  return [...own, ...below]
}

function lines(faults: readonly Fault[], depth: number): string[] {
  return faults.flatMap(({ at, text, below }) => [
    `${'  '.repeat(depth)}- at '${at}': ${text}`,
    ...lines(below, depth + 1),
  ])
}
