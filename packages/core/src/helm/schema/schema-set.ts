// A schema with the schemas it refers to: which draft each part follows, and where each reference leads.

import { compile, type Expression } from '../functions/regular-expression.ts'
import { GoError } from '../template/value.ts'
import { type Draft, draftOf, positionsOf } from './dialect.ts'
import { isList, isObject, type Json, type JsonObject, member } from './json.ts'
import { formFault } from './keyword-forms.ts'

/** A document, or a part of one that has an identifier of its own. */
export interface Resource {
  /** What references inside are relative to, without a fragment. */
  readonly base: string
  readonly draft: Draft
  readonly root: Json
  readonly anchors: Map<string, Json>
  readonly dynamicAnchors: Map<string, Json>
}

/** A compiled schema: every part knows its resource, every reference and expression has been looked up. */
export interface SchemaSet {
  readonly root: Json
  readonly resources: ReadonlyMap<Json, Resource>
  /** Targets of `$ref`, `$recursiveRef` and `$dynamicRef`, by the schema and the keyword. */
  readonly targets: ReadonlyMap<Json, ReadonlyMap<string, Json>>
  readonly expressions: ReadonlyMap<string, Expression>
}

/** Gives the text of a schema at a URL. Throws what should be said where there is none. */
export type SchemaLoader = (url: string) => Json

/** What the name of the file comes to in Helm's messages. */
const schemaAddress = 'file:///values.schema.json'

/**
 * Reads a schema, with all it refers to. Throws GoError with the words of Helm's library, roughly, where it is no schema,
 * an expression cannot be compiled, or a reference leads nowhere; what `load` throws goes through.
 */
export function compileSchema(root: Json, load: SchemaLoader): SchemaSet {
  const compiler = new Compiler(load)
  compiler.addDocument(root, schemaAddress, 2020)
  compiler.follow()
  return { root, resources: compiler.resources, targets: compiler.targets, expressions: compiler.expressions }
}

const references = ['$ref', '$recursiveRef', '$dynamicRef'] as const

/** Holds what has been read so far. */
class Compiler {
  readonly resources = new Map<Json, Resource>()
  readonly targets = new Map<Json, Map<string, Json>>()
  readonly expressions = new Map<string, Expression>()
  private readonly byAddress = new Map<string, Resource>()
  private readonly waiting: JsonObject[] = []
  private readonly load: SchemaLoader

  constructor(load: SchemaLoader) {
    this.load = load
  }

  addDocument(root: Json, address: string, fallback: Draft): Resource {
    const draft = draftOf(root, fallback)
    if (draft === undefined)
      throw new GoError(`invalid metaschema at ${JSON.stringify(address)}: it is none of the drafts that helm knows`)
    const resource: Resource = { base: address, draft, root, anchors: new Map(), dynamicAnchors: new Map() }
    this.byAddress.set(address, resource)
    if (typeof root !== 'boolean' && !isObject(root))
      throw notValid(address, `at '': got ${isList(root) ? 'array' : typeof root}, want boolean or object`)
    this.addPart(root, resource, '')
    return resource
  }

  /** Takes in one schema and all that stand below it. */
  private addPart(part: Json, around: Resource, pointer: string): void {
    if (!isObject(part) || this.resources.has(part)) return
    const resource = this.resourceOf(part, around)
    this.resources.set(part, resource)
    const fault = formFault(part, resource.draft)
    if (fault !== undefined) throw notValid(schemaAddress, `at '${pointer}${fault}`)
    this.addAnchors(part, resource)
    this.waiting.push(part)
    for (const [keyword, position] of positionsOf(resource.draft)) {
      const value = member(part, keyword)
      if (value === undefined) continue
      const below = `${pointer}/${keyword}`
      if (isList(value)) {
        if (position !== 'map' && position !== 'one')
          for (const [at, one] of value.entries()) this.addPart(one, resource, `${below}/${at}`)
      } else if (position === 'map' || position === 'map of schemas or names') {
        if (isObject(value))
          for (const [name, one] of Object.entries(value))
            if (!isList(one)) this.addPart(one, resource, `${below}/${name}`)
      } else this.addPart(value, resource, below)
    }
  }

  private resourceOf(part: JsonObject, around: Resource): Resource {
    const id = member(part, around.draft === 4 ? 'id' : '$id')
    if (typeof id !== 'string' || (around.draft < 2019 && '$ref' in part)) return around
    const address = withoutFragment(resolveAddress(id, around.base))
    if (address === around.base || id.startsWith('#')) {
      return around
    }
    const draft = draftOf(part, around.draft) ?? around.draft
    const resource: Resource = { base: address, draft, root: part, anchors: new Map(), dynamicAnchors: new Map() }
    this.byAddress.set(address, resource)
    return resource
  }

  private addAnchors(part: JsonObject, resource: Resource): void {
    const { draft, anchors, dynamicAnchors } = resource
    if (draft < 2019) {
      const id = member(part, draft === 4 ? 'id' : '$id')
      const anchor = typeof id === 'string' && !('$ref' in part) ? (id.split('#')[1] ?? '') : ''
      if (anchor !== '') anchors.set(decodeURIComponent(anchor), part)
      return
    }
    const [anchor, dynamic] = [member(part, '$anchor'), member(part, '$dynamicAnchor')]
    if (typeof anchor === 'string') anchors.set(anchor, part)
    if (typeof dynamic !== 'string' || draft !== 2020) return
    anchors.set(dynamic, part)
    dynamicAnchors.set(dynamic, part)
  }

  /** Looks up references and expressions, until what they lead to leads no further. */
  follow(): void {
    for (let part = this.waiting.pop(); part !== undefined; part = this.waiting.pop()) {
      const resource = this.resources.get(part) as Resource
      for (const keyword of references) {
        const reference = member(part, keyword)
        if (typeof reference !== 'string' || (keyword !== '$ref' && resource.draft < 2019)) continue
        const own = this.targets.get(part) ?? new Map<string, Json>()
        this.targets.set(part, own.set(keyword, this.targetOf(reference, resource)))
      }
      const patterns = member(part, 'patternProperties')
      const pattern = member(part, 'pattern')
      for (const text of isObject(patterns) ? Object.keys(patterns) : []) this.addExpression(text)
      if (typeof pattern === 'string') this.addExpression(pattern)
    }
  }

  private addExpression(text: string): void {
    if (this.expressions.has(text)) return
    try {
      this.expressions.set(text, compile(text))
    } catch (error) {
      if (!(error instanceof GoError)) throw error
      throw notValid(schemaAddress, `${JSON.stringify(text)} is not valid regex: ${error.message}`)
    }
  }

  private targetOf(reference: string, from: Resource): Json {
    const address = resolveAddress(reference, from.base)
    const base = withoutFragment(address)
    const resource = this.byAddress.get(base) ?? this.addDocument(this.load(base), base, from.draft)
    const fragment = decode(address.slice(base.length + 1))
    if (fragment !== '' && !fragment.startsWith('/')) {
      const found = resource.anchors.get(fragment)
      if (found === undefined)
        throw new GoError(`anchor in ${JSON.stringify(address)} not found in schema ${JSON.stringify(base)}`)
      return found
    }
    const found = follow(resource.root, fragment)
    if (found === undefined) throw new GoError(`json-pointer in ${JSON.stringify(address)} not found`)
    this.addPart(found, resource, fragment)
    return found
  }
}

function follow(root: Json, pointer: string): Json | undefined {
  let found: Json | undefined = root
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    found = isList(found) ? found[Number(name)] : isObject(found) ? member(found, name) : undefined
  }
  return found
}

function notValid(address: string, why: string): GoError {
  return new GoError(`"${address}#" is not valid against metaschema: ${why}`)
}

function resolveAddress(reference: string, base: string): string {
  try {
    return new URL(reference, base).href
  } catch {
    throw new GoError(`invalid reference ${JSON.stringify(reference)} in a schema`)
  }
}

function withoutFragment(address: string): string {
  return address.replace(/#.*$/s, '')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
