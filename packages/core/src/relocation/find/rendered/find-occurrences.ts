// Finds images in a traced rendering, each with the origin of its characters.

import { placeKey } from '../../../helm/chart/leaves.ts'
import type { Manifest } from '../../../helm/render/output/manifests.ts'
import { bare, slice } from '../../../helm/template/text.ts'
import { GoList, GoMap, type Text, TracedText, type Value } from '../../../helm/template/value.ts'
import type { ValuesPath } from '../../../helm/yaml/path.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import { type KnownImages, learnImages, nothingKnown } from '../known-images.ts'
import { decodeBase64, deepestDecoding } from './base64.ts'
import { behindRegistry, joinedInList, joinedInMap, registryOfResource } from './joined-references.ts'
import { lookAlike } from './look-alikes.ts'
import type { ImageOccurrence, OccurrenceForm } from './occurrence.ts'
import { readStructure } from './structured-text.ts'
import { templateBefore } from './template-before.ts'
import { textReferences } from './text-references.ts'
import { isText, readDocument, settingsIn, textAt } from './traced-document.ts'

const containerLists = new Set(['containers', 'initContainers', 'ephemeralContainers'])
/** Kinds whose `image` keys are data, not something that runs. */
const dataKinds = new Set(['ConfigMap', 'Secret'])
/** What people and selectors read; nobody pulls what is named there. */
const quietKeys = new Set(['labels', 'matchLabels', 'nodeSelector', 'description', '_example'])

/** What does not change while one document is walked. */
interface Document {
  readonly scenario: ImageOccurrence['scenario']
  readonly source: string
  readonly resource: string
  readonly isData: boolean
  /** Where in a template a text begins that it did not write itself. */
  readonly before: (text: TracedText, key: string | number) => ImageOccurrence['before']
  /** The registry that an operator puts before the bare names of this resource. Default: none. */
  readonly registry?: Text | undefined
  /** Whether the text walked stands in base64. */
  readonly isEncoded?: boolean
  /** The place in the document that everything walked stands in, where it is a text inside a text. */
  readonly at?: ValuesPath
  /** How many texts the walk is inside of. */
  readonly depth: number
}

/** A text that may hold references, to be read when it is known which images the chart has. */
interface PendingText {
  readonly text: Text
  readonly name: string
  readonly path: ValuesPath
  readonly document: Document
}

type Found = { readonly occurrence: ImageOccurrence } | { readonly pending: PendingText }

/**
 * All images of the documents of a rendering, traced or not; `known` are those that the chart is known to have. A document that is not YAML has none;
 * the schema of a custom resource only those that are defaults.
 */
export function findOccurrences(
  manifests: readonly Manifest[],
  scenario: ImageOccurrence['scenario'],
  known: KnownImages = nothingKnown,
): readonly ImageOccurrence[] {
  const found = manifests.flatMap((manifest) => [...inManifest(manifest, scenario)])
  const certain = found.flatMap((item) => ('occurrence' in item ? [item.occurrence] : []))
  const all = learnImages(known, certain)
  return found.flatMap((item) => ('occurrence' in item ? [item.occurrence] : [...inText(item.pending, all)]))
}

/** A default of a schema that could be an image: a path, behind a host or with a tag or a digest behind it. */
const imageDefault = /\bdefault"?:[ \t]*["']?(?:[\w-]+\.[\w.:-]+\/\w|[\w.:-]+\/[\w./-]+[:@]\w)/

function* inManifest({ source, text, kind }: Manifest, scenario: ImageOccurrence['scenario']): Iterable<Found> {
  const isSchema = kind === 'CustomResourceDefinition'
  if (!(isSchema ? imageDefault : /[/:]|image/i).test(bare(text))) return
  // Files of definitions are printed as they are, often several in one.
  for (const part of isSchema ? partsOf(text) : [text]) yield* inDocument(part, source, kind, scenario)
}

function partsOf(text: Text): readonly Text[] {
  const cuts = [...bare(text).matchAll(/^---.*$/gm)].map(({ index }) => index)
  return [0, ...cuts].map((cut, index) => slice(text, cut, cuts[index]))
}

function* inDocument(text: Text, source: string, kind: string, scenario: ImageOccurrence['scenario']): Iterable<Found> {
  const root = readDocument(text)
  if (!(root instanceof GoMap)) return
  const metadata = root.entries.get('metadata')
  const name = metadata instanceof GoMap ? textAt(metadata, 'name') : undefined
  const resource = name === undefined ? kind || 'document' : `${kind}/${bare(name)}`
  const isData = dataKinds.has(kind)
  const registry = isData ? undefined : registryOfResource(settingsIn(root))
  const document = { scenario, source, resource, isData, registry, before: templateBefore(text), depth: 0 }
  yield* kind === 'CustomResourceDefinition' ? schemaDefaults(root, [], document) : below(root, [], document)
}

function* below(node: Value, path: ValuesPath, document: Document): Iterable<Found> {
  if (node instanceof GoMap) {
    const joined = joinedInMap(node, String(path.at(-1) ?? ''), document.isData)
    for (const reference of joined) yield { occurrence: occurrence(reference, 'joined', path, document) }
    for (const [key, value] of node.entries) {
      if (quietKeys.has(key)) continue
      // The value of a variable is called what the variable is called.
      if (isText(value)) yield* inScalar(value, path, key, (key === 'value' && textAt(node, 'name')) || key, document)
      else yield* below(value, [...path, key], document)
    }
  } else if (node instanceof GoList) {
    const joined = joinedInList(node)
    for (const { reference, index } of joined)
      yield { occurrence: occurrence(reference, 'joined', [...path, index], document) }
    const isJoined = new Set(joined.map(({ index }) => index))
    for (const [index, item] of node.items.entries()) {
      if (isJoined.has(index)) continue
      const before = node.items[index - 1]
      // An argument behind a flag is what the flag says.
      const flag = isText(before) && /^--?[A-Za-z][\w.-]*$/.test(bare(before)) ? before : path.at(-1)
      if (isText(item)) yield* inScalar(item, path, index, flag ?? '', document)
      else yield* below(item, [...path, index], document)
    }
  }
}

/** The images that a schema has for defaults: a description may name any. */
function* schemaDefaults(node: Value, path: ValuesPath, document: Document): Iterable<Found> {
  const items = node instanceof GoMap ? node.entries : node instanceof GoList ? node.items.entries() : []
  for (const [key, value] of items) {
    if (!isText(value)) yield* schemaDefaults(value, [...path, key], document)
    // The property that has the default says what it is.
    else if (key === 'default') yield* inScalar(value, path, key, String(path.at(-1) ?? ''), document)
  }
}

function* inScalar(
  text: Text,
  parent: ValuesPath,
  key: string | number,
  name: Text | number,
  document: Document,
): Iterable<Found> {
  const path = [...parent, key]
  const form = wholeForm(bare(text), parent, key, document)
  const joined =
    form === 'field' && document.registry !== undefined ? behindRegistry(document.registry, text) : undefined
  if (joined !== undefined) yield { occurrence: occurrence(joined, 'joined', path, document) }
  else if (form !== undefined) yield { occurrence: occurrence(text, form, path, document) }
  else yield { pending: { text, name: typeof name === 'number' ? String(name) : bare(name), path, document } }
}

/** Whether the whole scalar is an image. */
function wholeForm(
  text: string,
  parent: ValuesPath,
  key: string | number,
  { isData }: Document,
): OccurrenceForm | undefined {
  // `auto` is filled in by the injector of a service mesh.
  if (text === '' || text === 'auto' || isData) return undefined
  if (key === 'image' && typeof parent.at(-1) === 'number' && containerLists.has(String(parent.at(-2)))) return 'pod'
  if (key === 'reference' && parent.at(-1) === 'image' && parent.at(-3) === 'volumes') return 'pod'
  if (!/image$/i.test(String(key)) || !/[/:]/.test(text)) return undefined
  const reference = tryParseReference(text)
  return reference !== undefined && lookAlike(reference, '') === undefined ? 'field' : undefined
}

/** The references inside a text: decoded where it is base64, read where it is YAML or JSON, else word by word. */
function* inText({ text, name, path, document }: PendingText, known: KnownImages): Iterable<ImageOccurrence> {
  const { depth } = document
  if (depth < deepestDecoding) {
    const inner = innerText(text)
    if (inner !== undefined) {
      const inside = { ...document, isData: true, isEncoded: true, at: document.at ?? path, depth: depth + 1 }
      yield* inText({ text: inner, name, path, document: inside }, known)
      return
    }
    const tree = readStructure(text)
    if (tree !== undefined) {
      const inside = { ...document, isData: true, at: document.at ?? path, depth: depth + 1 }
      for (const item of below(tree, path, inside))
        yield* 'occurrence' in item ? [item.occurrence] : inText(item.pending, known)
      return
    }
  }
  const isOfImage = (offset: number): boolean => isFromImageLeaf(text, offset, known)
  for (const { start, end, kind, evidence } of textReferences(bare(text), name, known, isOfImage)) {
    const isRegistry = kind === 'registry' || kind === 'others' || !/[/:]/.test(bare(text).slice(start, end))
    const form = isRegistry ? 'registry' : 'text'
    const before = start === 0 ? undefined : literalBefore(text, start)
    yield {
      ...occurrence(slice(text, start, end), form, path, document, before),
      evidence,
      ...(kind === 'open' ? { isOpen: true } : {}),
      ...(kind === 'others' ? { isOthers: true } : {}),
    }
  }
}

/** What was encoded, traced where this rendering encoded it; undefined for a text that is no base64. */
function innerText(text: Text): Text | undefined {
  if (text instanceof TracedText) {
    const [span, ...more] = text.spans
    const isWhole = span !== undefined && more.length === 0 && span.start === 0 && span.end === text.text.length
    if (isWhole && span.offset === 0 && span.origin.kind === 'derived' && span.origin.name === 'b64enc') {
      const [input] = span.origin.inputs
      if (input !== undefined && isText(input)) return input
    }
  }
  return decodeBase64(bare(text))
}

function isFromImageLeaf(text: Text, offset: number, { leaves }: KnownImages): boolean {
  if (!(text instanceof TracedText)) return false
  const origin = text.spans.find(({ start, end }) => start <= offset && offset < end)?.origin
  return origin?.kind === 'leaf' && leaves.has(placeKey(origin.file, origin.path))
}

/** Where a template ends what stands right before an offset of a text, where it wrote that itself. */
function literalBefore(text: Text, offset: number): ImageOccurrence['before'] {
  if (!(text instanceof TracedText)) return undefined
  const span = text.spans.find(({ start, end }) => start < offset && offset <= end)
  if (span?.origin.kind !== 'literal') return undefined
  return { file: span.origin.file, offset: span.offset + offset - span.start }
}

function occurrence(
  text: Text,
  form: OccurrenceForm,
  path: ValuesPath,
  document: Document,
  known?: ImageOccurrence['before'],
): ImageOccurrence {
  const { scenario, source, resource, isEncoded, at } = document
  const found = {
    reference: bare(text),
    form,
    scenario,
    source,
    resource,
    path: at ?? path,
    ...(isEncoded === true ? { isEncoded } : {}),
  }
  if (!(text instanceof TracedText)) return { ...found, spans: [] }
  const before = known ?? (form === 'joined' ? undefined : document.before(text, path.at(-1) ?? ''))
  return before === undefined ? { ...found, spans: text.spans } : { ...found, spans: text.spans, before }
}
