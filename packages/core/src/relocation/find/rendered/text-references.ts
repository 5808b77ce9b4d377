// Finds image references inside a longer text: an argument, a variable, a list in a file, JSON in an annotation. Each
// comes with what speaks for it; without evidence a word is none.
import { type ImageReference, tryParseReference } from '../../../reference/reference.ts'
import { isKnownName, isRegistryHost, type KnownImages, nothingKnown } from '../known-images.ts'
import type { Evidence } from './evidence.ts'
import { lookAlike } from './look-alikes.ts'
import { nameBefore, saysImage, saysOthersDefault, saysRegistry } from './setting-names.ts'

/** A reference, or the beginning of one, in a text: from `start` to before `end`. */
export interface TextReference {
  readonly start: number
  readonly end: number
  /**
   * `image`: a reference; `open`: one that goes on with what is filled in when it runs; `registry`: a registry alone, or
   * with a path; `others`: a registry that stands for the unqualified names of other people's images.
   */
  readonly kind: 'image' | 'open' | 'registry' | 'others'
  readonly evidence: Evidence
}

const word = /[\w.\-/:@]+/g
const trailing = /[.:/@-]+$/
const scheme = /^(?:oci|docker):\/\//
/** How far back what a line says before a word is read, in UTF-16 units: files of a single line are large. */
const mostBefore = 256
const version = /^v?\d+(?:[._-]|$)/
const port = /^\d{2,5}$/
const comment = /^\s*(?:#(?!!)|\/\/|-- )|\s#\s/
const letter = /[\p{L}\p{N}]/u

/** What a program fills in: `${X}`, `$(X)`, `$X`, `%s`, `%(x)s`, `{{ x }}`, and `{x}` behind a separator. */
const filledIn = /[.:/@_-]*(?:\$[{(A-Za-z_]|%[sv](?![\w])|%\(\w+\)s|\{\{)|[.:/@_-]+\{[a-z]/iy

/** Whether a reference that ends there goes on with what is filled in when it runs: `:v1_${DB_VERSION}`. */
export function isOpenEnded(text: string, end: number): boolean {
  filledIn.lastIndex = end
  return filledIn.test(text)
}

/**
 * The references in a text; `name` is what the text is called: its key, variable or flag. `isOfImage` says of an offset
 * whether that character comes from where the chart's images come from.
 */
export function* textReferences(
  text: string,
  name: string,
  known: KnownImages = nothingKnown,
  isOfImage: (offset: number) => boolean = () => false,
): Iterable<TextReference> {
  const { length } = text.trim()
  for (const match of text.matchAll(word)) {
    // Without a slash or a colon it can be a registry at most.
    if (!/[/:]/.test(match[0]) && !(match[0].includes('.') && isRegistryHost(match[0], known))) continue
    const candidate = candidateAt(text, match.index, match[0])
    if (candidate === undefined) continue
    const { start, found, line } = candidate
    const end = start + found.length
    const isWhole = found.length === length || (end - match.index === length && start - match.index > 0)
    const lineName = nameBefore(line)
    const called = lineName === '' && (isWhole || line.trim() === '') ? name : lineName
    const isOpen = isOpenEnded(text, end)
    const kind = isOpen ? 'open' : registryKind(text, end, found, called, known)
    if (kind === 'registry' || kind === 'others') {
      yield { start, end, kind, evidence: 'its registry is known' }
      continue
    }
    const isWord = { isWhole: isWhole || (lineName !== '' && isWholeValue(text, end)), isOpen }
    const evidence = evidenceOf(found, line, called, isWord, known, () => isOfImage(start))
    if (evidence !== undefined) yield { start, end, kind: isOpen ? 'open' : 'image', evidence }
  }
}

/** A word that could be a reference, without scheme, escapes and punctuation. */
function candidateAt(
  text: string,
  index: number,
  matched: string,
): { readonly start: number; readonly found: string; readonly line: string } | undefined {
  const previous = text[index - 1] ?? ''
  // In `\nquay.io/…` the letter belongs to the line end.
  const escaped = previous === '\\' && /^[nrt]/.test(matched) ? 1 : 0
  const rest = matched.slice(escaped)
  const skipped = escaped + (scheme.exec(rest)?.[0].length ?? 0)
  const found = matched.slice(skipped).replace(trailing, '')
  if (!/[./:]/.test(found)) return undefined
  const isCut =
    (escaped === 0 && /[%~+$\\]/.test(previous)) ||
    letter.test(previous) ||
    letter.test(text[index + matched.length] ?? '')
  if (isCut) return undefined
  const start = index + skipped
  const before = text.slice(Math.max(0, start - mostBefore), start)
  const line = before.slice(before.lastIndexOf('\n') + 1)
  return comment.test(line) ? undefined : { start, found, line }
}

/** Whether nothing follows in the line but what ends a value. */
const isWholeValue = (text: string, end: number): boolean =>
  /^\/?["'`]?[ \t]*[,;)\]}]*[ \t]*(?:$|[\n\r\\])/.test(text.slice(end, end + 16))

/** What a registry alone is, under a name that says so. */
function registryKind(
  text: string,
  end: number,
  found: string,
  name: string,
  known: KnownImages,
): 'registry' | 'others' | undefined {
  if (!saysRegistry(name) || !isWholeValue(text, end)) return undefined
  const { host, tag, digest } = tryParseReference(`${found}/x`) ?? {}
  if (host === undefined || tag !== undefined || digest !== undefined || !isRegistryHost(host, known)) return undefined
  if (saysImage(name) && found.includes('/') && !/registry$|base$|prefix$|url$|hub$|mirror$/i.test(name))
    return undefined
  return saysOthersDefault(name) ? 'others' : 'registry'
}

function evidenceOf(
  found: string,
  line: string,
  name: string,
  { isWhole, isOpen }: { readonly isWhole: boolean; readonly isOpen: boolean },
  known: KnownImages,
  isOfImage: () => boolean,
): Evidence | undefined {
  const named = saysImage(name)
  if (!found.includes('/') && !(isOpen && found.includes('.')) && !named) return undefined
  // Before what is filled in, a registry alone is the beginning of a reference.
  const reference = tryParseReference(found) ?? undefined
  if (reference === undefined || lookAlike(reference, line) !== undefined) return undefined
  if (isOpen) return openEvidence(found, reference, named, known)
  const { host, path, tag, digest } = reference
  if (digest !== undefined) return 'it ends in a digest'
  const isVersioned = tag !== undefined
  const isSlashless = host === undefined && !path.includes('/')
  if (named && isSlashless) return isVersioned && !port.test(tag) ? 'its name says that it is an image' : undefined
  if (named && (isVersioned || (host !== undefined && isWhole))) return 'its name says that it is an image'
  if (!isVersioned && !isWhole) return undefined
  const isKnown = isKnownName(reference, known)
  if (isKnown && (isVersioned || named)) return 'the chart uses the image elsewhere'
  if (host !== undefined && isVersioned && isRegistryHost(host, known)) return 'its registry is known'
  if (isVersioned && isOfImage()) return 'it comes from a value that images come from'
  return isVersioned && isTelling(reference) ? 'a version stands behind its path' : undefined
}

function openEvidence(
  found: string,
  reference: ImageReference,
  named: boolean,
  known: KnownImages,
): Evidence | undefined {
  const host = tryParseReference(`${found}/x`)?.host
  if (host !== undefined && isRegistryHost(host, known)) return 'its registry is known'
  if (isKnownName(reference, known) && found.includes('/')) return 'the chart uses the image elsewhere'
  return named && reference.host !== undefined ? 'its name says that it is an image' : undefined
}

/** A version behind a path: of a host that could be on the Internet, or of an organisation on Docker Hub. */
function isTelling({ host, tag = '' }: ImageReference): boolean {
  if (!version.test(tag) || port.test(tag)) return false
  return host === undefined ? tag.includes('.') : /\.[a-z]{2,}(?::\d+)?$|:\d+$/i.test(host)
}
