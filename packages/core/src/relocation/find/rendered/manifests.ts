// Finds images in rendered documents: pod specs wherever they are nested, image volumes, and image fields of custom
// resources.
import type { RenderedDocument } from '../../../helm/render/chart-renderer.ts'
import { parseDocuments, resourceOf } from '../../../helm/render/output/parse-documents.ts'
import { bare } from '../../../helm/template/text.ts'
import type { ValuesPath } from '../../../helm/yaml/path.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import type { RenderedUse } from '../image-use.ts'
import { behindRegistry, registryOfResource } from './joined-references.ts'
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
      const registry = isRunning(root) ? registryOfResource(settingsIn(root)) : undefined
      for (const { path, text, isInPod } of imagesBelow(root, [], isRunning(root))) {
        const joined = isInPod || registry === undefined ? undefined : behindRegistry(registry, text)
        const reference = joined === undefined ? text : bare(joined)
        yield { kind: 'rendered', reference, source: document.source, resource, path }
      }
    }
  }
}

interface Found {
  readonly path: ValuesPath
  readonly text: string
  /** Whether it runs as it is, and no operator puts anything before it. */
  readonly isInPod: boolean
}

function* imagesBelow(node: unknown, path: ValuesPath, fieldsCount: boolean): Iterable<Found> {
  if (Array.isArray(node)) {
    for (const [index, item] of node.entries()) yield* imagesBelow(item, [...path, index], fieldsCount)
  } else if (isMap(node)) {
    for (const [key, value] of Object.entries(node)) {
      const below = [...path, key]
      if (typeof value === 'string') {
        const isInPod = isPodImage(path, key, value)
        if (isInPod || (fieldsCount && isImageField(key, value))) yield { path: below, text: value, isInPod }
      } else {
        yield* imagesBelow(value, below, fieldsCount)
      }
    }
  }
}

function isPodImage(path: ValuesPath, key: string, value: string): boolean {
  if (key === 'image' && typeof path.at(-1) === 'number' && containerLists.has(String(path.at(-2))))
    return value !== '' && value !== 'auto'
  return key === 'reference' && path.at(-1) === 'image' && path.at(-3) === 'volumes' && value !== ''
}

function isImageField(key: string, value: string): boolean {
  if (!/image$/i.test(key) || !/[/:]/.test(value)) return false
  const reference = tryParseReference(value)
  return reference !== undefined && lookAlike(reference, '') === undefined
}

/** All texts that stand under a key, each with it. */
function* settingsIn(node: unknown): Iterable<readonly [key: string, text: string]> {
  if (Array.isArray(node)) for (const item of node) yield* settingsIn(item)
  else if (isMap(node)) {
    for (const [key, value] of Object.entries(node)) {
      if (typeof value === 'string') yield [key, value]
      else yield* settingsIn(value)
    }
  }
}

const isRunning = (root: unknown): boolean => isMap(root) && !notRunning.has(String(root.kind))

function isMap(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node)
}
