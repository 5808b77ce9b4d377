// New names inside texts: a reference among other words, one in base64, and one whose parts are texts of their own.
import { decodeBase64, deepestDecoding } from '../../relocation/find/rendered/base64.ts'

/**
 * The text with a reference replaced wherever it is no part of a longer word, also in a text that is base64 as a whole;
 * undefined where it is not in there.
 */
export function renameInText(text: string, word: string, by: string, depth = 0): string | undefined {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const expression = new RegExp(`(?<![\\w.\\-/:@])${escaped}(?![\\w\\-/:@]|\\.\\w)`, 'g')
  if (expression.test(text)) return text.replace(expression, () => by)
  // Behind an escaped line end the letter belongs to the line end; a scheme stands before its address.
  const behind = new RegExp(`((?:oci|docker)://|\\\\[nrt])${escaped}(?![\\w\\-/:@]|\\.\\w)`, 'g')
  if (behind.test(text)) return text.replace(behind, (_, before: string) => before + by)
  const inner = depth < deepestDecoding ? decodeBase64(text) : undefined
  // Lines of base64 would be broken at other places.
  if (inner === undefined || /\s/.test(text.trim())) return undefined
  const renamed = renameInText(inner, word, by, depth + 1)
  return renamed === undefined ? undefined : text.replace(text.trim(), () => Buffer.from(renamed).toString('base64'))
}

/** A text that is a part of a name, by its place in the list, and what it is to be. */
export interface RenamedPart {
  readonly index: number
  readonly text: string
}

/**
 * The texts that hold the parts of a reference, renamed: one with registry and path, or a registry and a path, or what
 * comes before the last piece. Undefined where they are not found, or found twice.
 */
export function renameParts(texts: readonly string[], from: string, to: string): readonly RenamedPart[] | undefined {
  const [name, newName] = [nameOf(from), nameOf(to)]
  if (from.slice(name.length) !== to.slice(newName.length)) return undefined
  const whole = texts.flatMap((text, index) => {
    const renamed = renameInText(text, name, newName)
    return renamed === undefined ? [] : [{ index, text: renamed }]
  })
  if (whole.length > 0) return whole.length === 1 ? whole : undefined
  // From the last slash on: what stays the same should stay where it is.
  for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
    const [before, last] = [name.slice(0, at), name.slice(at + 1)]
    const firsts = indexesOf(texts, before)
    const lasts = indexesOf(texts, last)
    const [first] = firsts
    const [rest] = lasts
    if (first === undefined || rest === undefined || firsts.length > 1 || lasts.length > 1) continue
    const slash = texts[first]?.endsWith('/') === true ? '/' : ''
    if (newName.endsWith(`/${last}`))
      return [{ index: first, text: newName.slice(0, newName.length - last.length - 1) + slash }]
    const cut = newName.indexOf('/')
    return [
      { index: first, text: newName.slice(0, cut) + slash },
      { index: rest, text: newName.slice(cut + 1) },
    ]
  }
  return undefined
}

const indexesOf = (texts: readonly string[], wanted: string): readonly number[] =>
  texts.flatMap((text, index) => (text.replace(/\/$/, '') === wanted ? [index] : []))

/** A reference without tag and digest, spelled as it is. */
const nameOf = (reference: string): string => reference.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
