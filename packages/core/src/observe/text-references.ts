// Finds image references inside a longer text: an argument, a variable, a list in a file, JSON in an annotation.
import { tryParseReference } from '../image/reference.ts'
import type { ValuesPath } from '../yaml/path.ts'

const word = /[\w.\-/:@]+/g
const trailing = /[.:/@-]+$/
const scheme = /^(?:oci|docker):\/\//
/** Names that say that an image follows: of a key, a flag, a variable. */
const imageName = /image/i
const tagLikeVersion = /^v?\d/

/** The ranges of references in a text; `path` is where the text stands. */
export function* textReferences(text: string, path: ValuesPath): Iterable<readonly [start: number, end: number]> {
  const isWhole = (length: number): boolean => length === text.trim().length
  for (const match of text.matchAll(word)) {
    const skipped = scheme.exec(match[0])?.[0].length ?? 0
    const found = match[0].slice(skipped).replace(trailing, '')
    const start = match.index + skipped
    const named =
      imageName.test(text.slice(Math.max(0, text.lastIndexOf('\n', start) + 1), start)) ||
      (isWhole(found.length) && imageName.test(String(path.at(-1))))
    if (isReference(found, named)) yield [start, start + found.length]
  }
}

/**
 * A word is a reference when nothing else looks like it: a host with a dot, a path, and a tag or digest. With an image's name before it,
 * less is enough.
 */
function isReference(text: string, named: boolean): boolean {
  if (!text.includes('/')) return false
  const reference = tryParseReference(text)
  if (reference === undefined) return false
  const { host, tag, digest } = reference
  const isVersioned = digest !== undefined || tag !== undefined
  if (host !== undefined) return /\.[a-z]/i.test(host) && (isVersioned || named)
  return named
    ? isVersioned
    : digest !== undefined || (tag !== undefined && tagLikeVersion.test(tag) && tag.includes('.'))
}
