// Decides whether one text is another with image references moved to the target, and nothing else changed.

import type { Naming } from '../../reference/naming.ts'
import { formatReference, tryParseReference } from '../../reference/reference.ts'
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
/**
 * A key, flag or variable, right before its value, that says that a registry or a name follows; or what holds the
 * credentials of registries.
 */
const partKey = /(?:(?:registry|repository|repo|hub)["']?[ \t]*[:=]|"auths"[ \t]*:[ \t]*\{)[ \t]*["']?$/i

/**
 * Walks both texts at once. Where a word differs, the second must be the first as it is named at the target; undefined
 * where it is not.
 */
export function alignText(before: string, after: string, naming: Naming): Alignment | undefined {
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
      const isPart = partKey.test(before.slice(before.lastIndexOf('\n', i) + 1, i))
      const moved = movedWord(word, after, j, naming, isPart)
      if (moved === undefined) return undefined
      if ((isPart && moved.isRegistry) || isOpenEnded(before, i + moved.from.length)) parts++
      else if (!moved.isRegistry) images.push({ from: moved.from, to: moved.to })
      i += moved.from.length
      j += moved.to.length
    }
  }
  return j === after.length ? { images, parts, hashes } : undefined
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
  for (const from of new Set([word, word.replace(trailing, '')])) {
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
