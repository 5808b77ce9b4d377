// Finds image references inside a longer text: an argument, a variable, a list in a file, JSON in an annotation.
import { tryParseReference } from '../../../reference/reference.ts'

const word = /[\w.\-/:@]+/g
const trailing = /[.:/@-]+$/
const scheme = /^(?:oci|docker):\/\//
/** Names that say that an image follows: of a key, a flag, a variable. */
const imageName = /image/i
/** A key of YAML or JSON inside the text, right before its value. */
const imageValue = /image["']?[ \t]*[:=][ \t]*["']?$/i
const tagLikeVersion = /^v?\d/
/** How far back what a line says before a word is read, in UTF-16 units: files of a single line are large. */
const mostBefore = 256

const filledIn = /[.:/@-]*\$[{(]/y

/** Whether a reference that ends there goes on with what is filled in when it runs: `:v1_${DB_VERSION}`. */
export function isOpenEnded(text: string, end: number): boolean {
  filledIn.lastIndex = end
  return filledIn.test(text)
}

/** The ranges of references in a text; `name` is what the text is called: its key, variable or flag. */
export function* textReferences(text: string, name: string): Iterable<readonly [start: number, end: number]> {
  const { length } = text.trim()
  for (const match of text.matchAll(word)) {
    const skipped = scheme.exec(match[0])?.[0].length ?? 0
    const found = match[0].slice(skipped).replace(trailing, '')
    const start = match.index + skipped
    if (!/[/:]/.test(found)) continue
    const before = text.slice(Math.max(0, start - mostBefore), start)
    const line = before.slice(before.lastIndexOf('\n') + 1)
    const isWhole = found.length === length
    const named = imageName.test(line) || (isWhole && imageName.test(name))
    if (isReference(found, named, imageValue.test(line))) yield [start, start + found.length]
  }
}

/**
 * A word is a reference when nothing else looks like it: a host with a dot, a path, and a tag or digest. Where an image
 * is spoken of before it, less is enough; as the value of an image's key, a name with a tag is.
 */
function isReference(text: string, named: boolean, isValue: boolean): boolean {
  if (!text.includes('/') && !isValue) return false
  const reference = tryParseReference(text)
  if (reference === undefined) return false
  const { host, tag, digest } = reference
  const isVersioned = digest !== undefined || tag !== undefined
  if (host !== undefined) return /\.[a-z]/i.test(host) && (isVersioned || named)
  return named
    ? isVersioned
    : digest !== undefined || (tag !== undefined && tagLikeVersion.test(tag) && tag.includes('.'))
}
