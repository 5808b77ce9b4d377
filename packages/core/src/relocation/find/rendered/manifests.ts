// Finds images in rendered documents: pod specs wherever they are nested, image volumes, and image fields of custom
// resources.
import type { RenderedDocument } from '../../../helm/render/chart-renderer.ts'
import { parseDocuments, resourceOf } from '../../../helm/render/output/parse-documents.ts'
import type { ValuesPath } from '../../../helm/yaml/path.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import type { RenderedUse } from '../image-use.ts'
import { lookAlike } from './look-alikes.ts'

const containerLists = new Set(['containers', 'initContainers', 'ephemeralContainers'])
/** Kinds whose `image` keys are data or schema, not something that runs. */
const notRunning = new Set(['ConfigMap', 'Secret', 'CustomResourceDefinition'])

/** The images of rendered documents. A document that is not YAML has none. */
export function* imagesInManifests(documents: readonly RenderedDocument[]): Iterable<RenderedUse> {
  for (const document of documents) {
    if (!/image/i.test(document.text)) continue
    for (const root of parseDocuments(document) ?? []) {
      const resource = resourceOf(root)
      for (const { path, text } of imagesBelow(root, [], isRunning(root))) {
        yield { kind: 'rendered', reference: text, source: document.source, resource, path }
      }
    }
  }
}

interface Found {
  readonly path: ValuesPath
  readonly text: string
}

function* imagesBelow(node: unknown, path: ValuesPath, fieldsCount: boolean): Iterable<Found> {
  if (Array.isArray(node)) {
    for (const [index, item] of node.entries()) yield* imagesBelow(item, [...path, index], fieldsCount)
  } else if (isMap(node)) {
    for (const [key, value] of Object.entries(node)) {
      const below = [...path, key]
      if (typeof value === 'string') {
        if (isImageField(path, key, value, fieldsCount)) yield { path: below, text: value }
      } else {
        yield* imagesBelow(value, below, fieldsCount)
      }
    }
  }
}

function isImageField(path: ValuesPath, key: string, value: string, fieldsCount: boolean): boolean {
  const list = path.at(-2)
  if (key === 'image' && typeof path.at(-1) === 'number' && containerLists.has(String(list)))
    return value !== '' && value !== 'auto'
  if (key === 'reference' && path.at(-1) === 'image' && path.at(-3) === 'volumes') return value !== ''
  if (!fieldsCount || !/image$/i.test(key) || !/[/:]/.test(value)) return false
  const reference = tryParseReference(value)
  return reference !== undefined && lookAlike(reference, '') === undefined
}

const isRunning = (root: unknown): boolean => isMap(root) && !notRunning.has(String(root.kind))

function isMap(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node)
}
