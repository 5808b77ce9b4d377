// Finds images in a traced rendering, each with the origin of its characters.

import type { RenderedChart } from '../../../helm/render/engine/render-chart.ts'
import type { Manifest } from '../../../helm/render/output/manifests.ts'
import { bare, slice } from '../../../helm/template/text.ts'
import { GoList, GoMap, type Text, TracedText, type Value } from '../../../helm/template/value.ts'
import type { ValuesPath } from '../../../helm/yaml/path.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import { joinedInList, joinedInMap } from './joined-references.ts'
import type { ImageOccurrence, OccurrenceForm } from './occurrence.ts'
import { templateBefore } from './template-before.ts'
import { isOpenEnded, textReferences } from './text-references.ts'
import { isText, readDocument, textAt } from './traced-document.ts'

const containerLists = new Set(['containers', 'initContainers', 'ephemeralContainers'])
/** Kinds whose `image` keys are data, not something that runs. */
const dataKinds = new Set(['ConfigMap', 'Secret'])

/** What does not change while one document is walked. */
interface Document {
  readonly scenario: ImageOccurrence['scenario']
  readonly source: string
  readonly resource: string
  readonly isData: boolean
  /** Where in a template a text begins that it did not write itself. */
  readonly before: (text: TracedText) => ImageOccurrence['before']
}

/**
 * All images of a rendering. A document that is not YAML has none; the schema of a custom resource only those that are
 * defaults.
 */
export function findOccurrences(
  rendered: RenderedChart,
  scenario: ImageOccurrence['scenario'],
): readonly ImageOccurrence[] {
  return [...rendered.documents, ...rendered.hooks].flatMap((manifest) => [...occurrencesIn(manifest, scenario)])
}

/** A default of a schema that could be an image: a path, behind a host or with a tag or a digest behind it. */
const imageDefault = /\bdefault"?:[ \t]*["']?(?:[\w-]+\.[\w.:-]+\/\w|[\w.:-]+\/[\w./-]+[:@]\w)/

function* occurrencesIn(
  { source, text, kind }: Manifest,
  scenario: ImageOccurrence['scenario'],
): Iterable<ImageOccurrence> {
  const isSchema = kind === 'CustomResourceDefinition'
  if (!(isSchema ? imageDefault : /[/:]|image/i).test(bare(text))) return
  // Files of definitions are printed as they are, often several in one.
  for (const part of isSchema ? partsOf(text) : [text]) yield* inDocument(part, source, kind, scenario)
}

function partsOf(text: Text): readonly Text[] {
  const cuts = [...bare(text).matchAll(/^---.*$/gm)].map(({ index }) => index)
  return [0, ...cuts].map((cut, index) => slice(text, cut, cuts[index]))
}

function* inDocument(
  text: Text,
  source: string,
  kind: string,
  scenario: ImageOccurrence['scenario'],
): Iterable<ImageOccurrence> {
  const root = readDocument(text)
  if (!(root instanceof GoMap)) return
  const metadata = root.entries.get('metadata')
  const name = metadata instanceof GoMap ? textAt(metadata, 'name') : undefined
  const resource = name === undefined ? kind || 'document' : `${kind}/${bare(name)}`
  const document = { scenario, source, resource, isData: dataKinds.has(kind), before: templateBefore(text) }
  yield* kind === 'CustomResourceDefinition' ? schemaDefaults(root, [], document) : below(root, [], document)
}

function* below(node: Value, path: ValuesPath, document: Document): Iterable<ImageOccurrence> {
  if (node instanceof GoMap) {
    const joined = document.isData ? undefined : joinedInMap(node)
    if (joined !== undefined) yield occurrence(joined, 'joined', path, document)
    for (const [key, value] of node.entries) {
      // The value of a variable is called what the variable is called.
      if (isText(value)) yield* inScalar(value, path, key, (key === 'value' && textAt(node, 'name')) || key, document)
      else yield* below(value, [...path, key], document)
    }
  } else if (node instanceof GoList) {
    const joined = joinedInList(node)
    for (const { reference, index } of joined) yield occurrence(reference, 'joined', [...path, index], document)
    const isJoined = new Set(joined.map(({ index }) => index))
    for (const [index, item] of node.items.entries()) {
      if (isJoined.has(index)) continue
      const before = node.items[index - 1]
      // An argument behind a flag is what the flag says.
      const flag = isText(before) && bare(before).startsWith('-') ? before : path.at(-1)
      if (isText(item)) yield* inScalar(item, path, index, flag ?? '', document)
      else yield* below(item, [...path, index], document)
    }
  }
}

/** The images that a schema has for defaults: a description may name any. */
function* schemaDefaults(node: Value, path: ValuesPath, document: Document): Iterable<ImageOccurrence> {
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
): Iterable<ImageOccurrence> {
  const path = [...parent, key]
  const form = wholeForm(bare(text), parent, key, document)
  if (form !== undefined) yield occurrence(text, form, path, document)
  else {
    const called = typeof name === 'number' ? String(name) : bare(name)
    for (const [start, end] of textReferences(bare(text), called)) {
      const found = occurrence(slice(text, start, end), 'text', path, document)
      yield isOpenEnded(bare(text), end) ? { ...found, isOpen: true } : found
    }
  }
}

/** Whether the whole scalar is an image. */
function wholeForm(
  text: string,
  parent: ValuesPath,
  key: string | number,
  { isData }: Document,
): OccurrenceForm | undefined {
  if (text === '') return undefined
  if (key === 'image' && typeof parent.at(-1) === 'number' && containerLists.has(String(parent.at(-2)))) return 'pod'
  if (key === 'reference' && parent.at(-1) === 'image' && parent.at(-3) === 'volumes') return 'pod'
  const isField = !isData && /image$/i.test(String(key)) && /[/:]/.test(text)
  return isField && tryParseReference(text) !== undefined ? 'field' : undefined
}

function occurrence(text: Text, form: OccurrenceForm, path: ValuesPath, document: Document): ImageOccurrence {
  const { scenario, source, resource } = document
  const found = { reference: bare(text), form, scenario, source, resource, path }
  if (!(text instanceof TracedText)) return { ...found, spans: [] }
  const before = form === 'joined' ? undefined : document.before(text)
  return before === undefined ? { ...found, spans: text.spans } : { ...found, spans: text.spans, before }
}
