// A stream of YAML documents, cut so that joined again it is the same, with the images that are found in each.
import { isChartferryError } from '../../errors.ts'
import { parseYaml } from '../../helm/yaml/parse.ts'
import { formatPath } from '../../helm/yaml/path.ts'
import { findOccurrences } from '../../relocation/find/rendered/find-occurrences.ts'
import type { ImageOccurrence } from '../../relocation/find/rendered/occurrence.ts'

/** An image in a stream of manifests. */
export interface ManifestImage {
  /** `Deployment/web`. */
  readonly resource: string
  /** `spec.template.spec.containers[0].image`. */
  readonly path: string
  readonly reference: string
  /** Whether the field is that of a container or a volume: what kustomize reaches. */
  readonly isPodImage: boolean
}

/** One document, or a text between documents, and what is found in it. */
export interface StreamPiece {
  readonly text: string
  readonly occurrences: readonly ImageOccurrence[]
}

/** Whether a document is looked into, by its value. */
export type DocumentFilter = (root: Readonly<Record<string, unknown>>) => boolean

/**
 * Cuts a stream before each line that begins a document. A document that is no YAML mapping has no images, and neither
 * has one that `isWanted` refuses.
 */
export function findInStream(stream: string, isWanted: DocumentFilter = () => true): readonly StreamPiece[] {
  const texts = stream.split(/^(?=---(?:\s|$))/m)
  const manifests = texts.flatMap((text, index) => {
    const root = rootOf(text)
    return root !== undefined && isWanted(root)
      ? [{ source: String(index), text, kind: typeof root.kind === 'string' ? root.kind : '' }]
      : []
  })
  // All at once: what one document says of an image is evidence for the others.
  const found = Map.groupBy(
    findOccurrences(manifests, { kind: 'default', name: 'default' }),
    ({ source }: ImageOccurrence) => source,
  )
  return texts.map((text, index) => ({ text, occurrences: found.get(String(index)) ?? [] }))
}

/** The images of a stream; the parts of an image count as one. */
export function imagesOfManifests(stream: string, isWanted?: DocumentFilter): readonly ManifestImage[] {
  return findInStream(stream, isWanted).flatMap(({ occurrences }) =>
    occurrences.filter(isNamed).map((occurrence) => describeOccurrence(occurrence)),
  )
}

/** What a person is told of an occurrence. */
export function describeOccurrence({ resource, path, reference, form }: ImageOccurrence): ManifestImage {
  const isPodImage = form === 'pod' && !path.includes('ephemeralContainers')
  return { resource, path: formatPath(path), reference, isPodImage }
}

/** A registry alone, and the beginning of a name, are no image that could be renamed. */
export const isNamed = ({ form, isOpen }: ImageOccurrence): boolean => form !== 'registry' && isOpen !== true

/** The value of one YAML document; undefined where it is none. */
export function yamlValueOf(text: string): unknown {
  try {
    return parseYaml(text)
  } catch (error) {
    if (isChartferryError(error)) return undefined
    throw error
  }
}

/** Whether a value is a mapping. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function rootOf(text: string): Readonly<Record<string, unknown>> | undefined {
  const root = yamlValueOf(text)
  return isMap(root) ? root : undefined
}
