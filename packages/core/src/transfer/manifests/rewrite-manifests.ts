// Images of rendered manifests get new names in the text itself: every other byte stays. The safety net behind helm,
// for what no chart says, and how plain manifests are read.

import { isChartferryError } from '../../errors.ts'
import { replaceScalars } from '../../helm/yaml/edit.ts'
import { parseYaml } from '../../helm/yaml/parse.ts'
import { formatPath, type ValuesPath } from '../../helm/yaml/path.ts'
import { readScalars } from '../../helm/yaml/scalars.ts'
import type { Naming } from '../../reference/naming.ts'
import { formatReference, tryParseReference } from '../../reference/reference.ts'
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

/** One name that was changed. */
export interface RenamedImage extends ManifestImage {
  readonly to: string
}

/** One scalar with its new text. */
export interface ChangedText {
  readonly resource: string
  readonly path: ValuesPath
  readonly value: string
  /** Whether it is the image of a container or volume, and nothing else. */
  readonly isPodImage: boolean
}

export interface RewrittenManifests {
  readonly text: string
  readonly renamed: readonly RenamedImage[]
  readonly changes: readonly ChangedText[]
  /** Images that would move and are written in no way that can be changed here, one sentence each. */
  readonly left: readonly string[]
}

interface Piece {
  readonly text: string
  readonly occurrences: readonly ImageOccurrence[]
}

/** The images of a stream of YAML documents. A document that is no YAML has none. */
export function imagesOfManifests(stream: string): readonly ManifestImage[] {
  return piecesOf(stream).flatMap(({ occurrences }) =>
    occurrences.flatMap((found) => (isWhole(found) ? [describe(found)] : [])),
  )
}

/**
 * The stream with each image under its new name. Throws IMAGE_DENIED where a rule forbids an image, REFERENCE_INVALID
 * where a name at the target is none.
 */
export function rewriteManifests(stream: string, naming: Pick<Naming, 'rename'>): RewrittenManifests {
  const renamed: RenamedImage[] = []
  const changes: ChangedText[] = []
  const left: string[] = []
  const texts = piecesOf(stream).map(({ text, occurrences }) => {
    const moves = occurrences.filter(isWhole).flatMap((found) => {
      const to = newName(found.reference, naming)
      return to === undefined || to === found.reference ? [] : [{ found, to }]
    })
    if (moves.length === 0) return text
    const scalars = readScalars(text).filter(({ start }) => start >= 0)
    const values = new Map<number, ChangedText>()
    for (const { found, to } of moves) {
      // A text inside a text has a longer path than the scalar that it stands in.
      const path = formatPath(found.path)
      const scalar = scalars
        .filter((candidate) => isAbove(formatPath(candidate.path), path))
        .sort((a, b) => b.path.length - a.path.length)[0]
      const before = scalar === undefined ? undefined : (values.get(scalar.start)?.value ?? scalar.text)
      const after = before === undefined ? undefined : replaceWord(before, found.reference, to)
      if (scalar === undefined || after === undefined || found.isEncoded === true)
        left.push(`${found.resource} ${path}: ${found.reference} is written there in another form`)
      else {
        const image = describe(found)
        const { resource, isPodImage } = image
        values.set(scalar.start, { resource, path: scalar.path, value: after, isPodImage })
        renamed.push({ ...image, to })
      }
    }
    changes.push(...values.values())
    return replaceScalars(
      text,
      [...values].map(([start, { value }]) => ({ start, value })),
      { where: moves[0]?.found.resource ?? 'manifest' },
    )
  })
  return { text: texts.join(''), renamed, changes, left: [...new Set(left)] }
}

const describe = ({ resource, path, reference, form }: ImageOccurrence): ManifestImage => ({
  resource,
  path: formatPath(path),
  reference,
  isPodImage: form === 'pod' && !formatPath(path).includes('ephemeralContainers'),
})

/** A registry alone, several fields that an operator joins, and the beginning of a name are no image to rename here. */
const isWhole = ({ form, isOpen }: ImageOccurrence): boolean =>
  (form === 'pod' || form === 'field' || form === 'text') && isOpen !== true

function newName(text: string, naming: Pick<Naming, 'rename'>): string | undefined {
  const reference = tryParseReference(text)
  return reference === undefined ? undefined : formatReference(naming.rename(reference))
}

const isAbove = (above: string, path: string): boolean =>
  path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`)

/** The text with a reference replaced where it is no part of a longer word; undefined where there is none. */
function replaceWord(text: string, word: string, by: string): string | undefined {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const expression = new RegExp(`(?<![\\w.\\-/:@])${escaped}(?![\\w\\-/:@]|\\.\\w)`, 'g')
  return expression.test(text) ? text.replace(expression, () => by) : undefined
}

/** The stream cut before each line that begins a document, with what is found in it; joined again it is the same. */
function piecesOf(stream: string): readonly Piece[] {
  const texts = stream.split(/^(?=---(?:\s|$))/m)
  const manifests = texts.map((text) => ({ source: '', text, kind: kindOf(text) }))
  return manifests.map((manifest) => ({
    text: manifest.text,
    occurrences:
      manifest.kind === undefined
        ? []
        : findOccurrences([{ ...manifest, kind: manifest.kind }], { kind: 'default', name: 'default' }),
  }))
}

/** Undefined where the text is no YAML mapping. */
function kindOf(text: string): string | undefined {
  try {
    const root = parseYaml(text)
    if (typeof root !== 'object' || root === null || Array.isArray(root)) return undefined
    return String(Reflect.get(root, 'kind') ?? '')
  } catch (error) {
    if (isChartferryError(error)) return undefined
    throw error
  }
}
