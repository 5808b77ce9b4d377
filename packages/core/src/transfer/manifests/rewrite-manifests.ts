// Images of manifests get new names in the text itself: every other byte stays. The safety net behind helm, for what no
// chart says, and how plain manifests are relocated.

import { replaceScalars } from '../../helm/yaml/edit.ts'
import { formatPath, type ValuesPath } from '../../helm/yaml/path.ts'
import { readScalars, type Scalar } from '../../helm/yaml/scalars.ts'
import type { Naming } from '../../reference/naming.ts'
import { formatReference, tryParseReference } from '../../reference/reference.ts'
import type { ImageOccurrence } from '../../relocation/find/rendered/occurrence.ts'
import {
  type DocumentFilter,
  describeOccurrence,
  findInStream,
  isNamed,
  type ManifestImage,
  type StreamPiece,
} from './find-in-stream.ts'
import { renameInText, renameParts } from './rename-text.ts'

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
  /** What stays although it may lead elsewhere: registries that stand alone, names that are filled in later. */
  readonly remarks: readonly string[]
}

export interface RewriteManifestsOptions {
  /** Which documents are looked into. Default: all. */
  readonly isWanted?: DocumentFilter
  /** Whether an image keeps its name. Default: none does. */
  readonly keeps?: (image: ManifestImage) => boolean
}

/**
 * The stream with each image under its new name. Throws IMAGE_DENIED where a rule forbids an image, REFERENCE_INVALID
 * where a name at the target is none.
 */
export function rewriteManifests(
  stream: string,
  naming: Pick<Naming, 'rename'>,
  { isWanted, keeps = () => false }: RewriteManifestsOptions = {},
): RewrittenManifests {
  const pieces = findInStream(stream, isWanted).map((piece) => rewritePiece(piece, naming, keeps))
  return {
    text: pieces.map(({ text }) => text).join(''),
    renamed: pieces.flatMap(({ renamed }) => renamed),
    changes: pieces.flatMap(({ changes }) => changes),
    left: [...new Set(pieces.flatMap(({ left }) => left))],
    remarks: [...new Set(pieces.flatMap(({ remarks }) => remarks))],
  }
}

function rewritePiece(
  { text, occurrences }: StreamPiece,
  naming: Pick<Naming, 'rename'>,
  keeps: (image: ManifestImage) => boolean,
): RewrittenManifests {
  // A registry beside the name that it belongs to moves with it.
  const joined = occurrences.flatMap(({ form, path }) => (form === 'joined' ? [formatPath(path)] : []))
  const remarks = occurrences
    .filter((found) => staysAside(found, naming) && !joined.some((path) => isAbove(path, formatPath(found.path))))
    .map(remarkOn)
  const moves = occurrences.filter(isNamed).flatMap((found) => {
    const to = newName(found.reference, naming)
    const isMoved = to !== undefined && to !== found.reference && !keeps(describeOccurrence(found))
    return isMoved ? [{ found, to }] : []
  })
  if (moves.length === 0) return { text, renamed: [], changes: [], left: [], remarks }
  const edited = editScalars(readScalars(text).filter(({ start }) => start >= 0))
  const renamed: RenamedImage[] = []
  const left: string[] = []
  for (const { found, to } of moves) {
    const image = describeOccurrence(found)
    const isDone = found.form === 'joined' ? edited.renameParts(found, to) : edited.rename(found, to, image.isPodImage)
    if (isDone) renamed.push({ ...image, to })
    else left.push(`${found.resource} ${image.path}: ${found.reference} is written there in another form`)
  }
  const changes = edited.changes()
  const edits = changes.map(({ start, value }) => ({ start, value }))
  return {
    text: replaceScalars(text, edits, { where: moves[0]?.found.resource ?? 'manifest' }),
    renamed,
    changes,
    left,
    remarks,
  }
}

interface Change extends ChangedText {
  readonly start: number
  /** What was replaced in it: an anchored text is met at several paths, a text may name an image twice. */
  readonly done: ReadonlySet<string>
}

/** The scalars of one document while names in them are replaced; both verbs say whether the name was found. */
interface EditedScalars {
  /** Replaces a reference in the scalar that it stands in, which a text inside a text has a longer path than. */
  readonly rename: (found: ImageOccurrence, to: string, isPodImage: boolean) => boolean
  /** Replaces the name of an image whose parts stand apart, below its path or beside it. */
  readonly renameParts: (found: ImageOccurrence, to: string) => boolean
  readonly changes: () => readonly Change[]
}

function editScalars(all: readonly Scalar[]): EditedScalars {
  const changes = new Map<number, Change>()
  const textOf = ({ start, text }: Scalar): string => changes.get(start)?.value ?? text
  const note = (
    { start, path }: Scalar,
    { resource, reference }: ImageOccurrence,
    value: string,
    isPodImage: boolean,
  ): void => {
    const done = new Set([...(changes.get(start)?.done ?? []), reference])
    changes.set(start, { start, resource, path, value, isPodImage, done })
  }
  return {
    rename(found, to, isPodImage) {
      const whole = formatPath(found.path)
      const scalar = all
        .filter((candidate) => isAbove(formatPath(candidate.path), whole))
        .sort((a, b) => b.path.length - a.path.length)[0]
      if (scalar === undefined) return false
      if (changes.get(scalar.start)?.done.has(found.reference) === true) return true
      const value = renameInText(textOf(scalar), found.reference, to)
      if (value !== undefined) note(scalar, found, value, isPodImage)
      return value !== undefined
    },
    renameParts(found, to) {
      const { path, reference } = found
      const scope = formatPath(typeof path.at(-1) === 'number' ? path.slice(0, -1) : path)
      const scalars = all.filter((scalar) => isAbove(scope, formatPath(scalar.path)))
      const parts = renameParts(scalars.map(textOf), reference, to)
      for (const { index, text } of parts ?? []) {
        const scalar = scalars[index]
        if (scalar !== undefined) note(scalar, found, text, false)
      }
      return parts !== undefined
    },
    changes: () => [...changes.values()],
  }
}

/** A registry alone, or the beginning of a name, which is not at the target yet. */
function staysAside(found: ImageOccurrence, naming: Pick<Naming, 'rename'>): boolean {
  if (isNamed(found) || found.isOthers === true) return false
  const reference = found.reference.replace(/[/:@.]+$/, '')
  const parsed = tryParseReference(found.form === 'registry' ? `${reference}/x` : reference)
  return parsed !== undefined && formatReference(naming.rename(parsed)) !== formatReference(parsed)
}

function remarkOn({ resource, path, reference, form }: ImageOccurrence): string {
  const why =
    form === 'registry' ? 'is a registry alone: what runs there may add names to it' : 'goes on with what is filled in'
  return `${resource} ${formatPath(path)}: ${reference} ${why}; it stays`
}

function newName(text: string, naming: Pick<Naming, 'rename'>): string | undefined {
  const reference = tryParseReference(text)
  return reference === undefined ? undefined : formatReference(naming.rename(reference))
}

const isAbove = (above: string, path: string): boolean =>
  above === '' || path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`)
