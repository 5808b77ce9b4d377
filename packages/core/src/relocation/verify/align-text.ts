// Decides whether one text is another with image references moved to the target, and nothing else changed.

import type { Naming } from '../../reference/naming.ts'
import { formatReference, tryParseReference } from '../../reference/reference.ts'
import { decodeBase64, deepestDecoding } from '../find/rendered/base64.ts'
import { nameBefore, saysRegistry } from '../find/rendered/setting-names.ts'
import { isOpenEnded } from '../find/rendered/text-references.ts'

/** What moved inside a text: whole references, and registries that stand alone. */
export interface Alignment {
  readonly images: readonly { readonly from: string; readonly to: string }[]
  /**
   * Registries and names without a tag that the text says are such, behind `hub:` or `--registry=`; and references that
   * go on with what is filled in when they run.
   */
  readonly parts: number
  /** Hashes that are others now, as long as before, and where each begins in both texts. */
  readonly hashes: readonly { readonly before: number; readonly after: number; readonly length: number }[]
}

const scheme = /(?:oci|docker):\/\//y
const hash = /^[0-9a-f]{32,128}$/
const token = /[\w.\-/:@[\]]+/y
const trailing = /[.:/@-]+$/
/** What holds the credentials of registries: their names are keys. */
const credentials = /"auths"[ \t]*:[ \t]*\{[ \t]*["']?$/i
const encodedRun = /[A-Za-z0-9+/]{16,}={0,2}/y

/**
 * Walks both texts at once. Where a word differs, the second must be the first as it is named at the target, or both
 * are base64 of texts of which that is true; undefined where it is not. `name` is what the text is called.
 */
export function alignText(before: string, after: string, naming: Naming, name = '', depth = 0): Alignment | undefined {
  const images: { from: string; to: string }[] = []
  let parts = 0
  const hashes: { before: number; after: number; length: number }[] = []
  let i = 0
  let j = 0
  while (i < before.length) {
    const word = wordAt(before, i)
    if (word === '') {
      if (before[i] !== after[j]) return undefined
      i++
      j++
    } else if (wordAt(after, j) === word) {
      i += word.length
      j += word.length
    } else {
      const other = wordAt(after, j)
      if (hash.test(word) && hash.test(other) && word.length === other.length) {
        hashes.push({ before: i, after: j, length: word.length })
        i += word.length
        j += word.length
        continue
      }
      const line = before.slice(Math.max(0, i - 256), i)
      const lineName = nameBefore(line.slice(line.lastIndexOf('\n') + 1))
      const isPart = saysPart(lineName === '' ? name : lineName) || credentials.test(line)
      const moved = movedWord(word, after, j, naming, isPart)
      if (moved === undefined) {
        const inner = depth < deepestDecoding ? alignEncoded(before, i, after, j, naming, name, depth) : undefined
        if (inner === undefined) return undefined
        images.push(...inner.alignment.images)
        parts += inner.alignment.parts
        // A hash inside cannot be found again by its place.
        if (inner.alignment.hashes.length > 0) return undefined
        i += inner.before
        j += inner.after
        continue
      }
      const isWhole = moved.from.length === before.trim().length
      if ((isPart && moved.isRegistry) || isOpenEnded(before, i + moved.from.length)) parts++
      // A name without a tag in a longer text is no image that could be copied.
      else if (!moved.isRegistry && (isWhole || isTagged(moved.from))) images.push({ from: moved.from, to: moved.to })
      else if (!moved.isRegistry) parts++
      i += moved.from.length
      j += moved.to.length
    }
  }
  return j === after.length ? { images, parts, hashes } : undefined
}

const saysPart = (name: string): boolean => saysRegistry(name) || /registry|repository|repo|hub/i.test(name)

function isTagged(text: string): boolean {
  const { tag, digest } = tryParseReference(text) ?? {}
  return tag !== undefined || digest !== undefined
}

/** Two runs of base64 that stand at the same place, aligned by what they hold. */
function alignEncoded(
  before: string,
  i: number,
  after: string,
  j: number,
  naming: Naming,
  name: string,
  depth: number,
): { readonly alignment: Alignment; readonly before: number; readonly after: number } | undefined {
  const [from, to] = [runAt(before, i), runAt(after, j)]
  const [inner, changed] = [decodeBase64(from), decodeBase64(to)]
  if (inner === undefined || changed === undefined) return undefined
  const alignment = alignText(inner, changed, naming, name, depth + 1)
  return alignment && { alignment, before: from.length, after: to.length }
}

function runAt(text: string, offset: number): string {
  encodedRun.lastIndex = offset
  return encodedRun.exec(text)?.[0] ?? ''
}

function wordAt(text: string, offset: number): string {
  scheme.lastIndex = offset
  const prefix = scheme.exec(text)?.[0]
  if (prefix !== undefined) return prefix
  token.lastIndex = offset
  return token.exec(text)?.[0] ?? ''
}

function movedWord(
  word: string,
  after: string,
  offset: number,
  naming: Naming,
  isPart: boolean,
): { from: string; to: string; isRegistry: boolean } | undefined {
  // Punctuation behind a reference belongs to the sentence; a slash behind a registry belongs to it.
  for (const from of new Set([word.replace(trailing, ''), word])) {
    const registry = naming.renameRegistry(from)
    const isRegistry = registry !== undefined && after.startsWith(registry, offset)
    if (isPart && isRegistry) return { from, to: registry, isRegistry }
    const reference = tryParseReference(from)
    const image = reference === undefined ? undefined : formatReference(naming.rename(reference))
    if (image !== undefined && image !== from && after.startsWith(image, offset))
      return { from, to: image, isRegistry: false }
    if (isRegistry) return { from, to: registry, isRegistry }
  }
  return undefined
}
