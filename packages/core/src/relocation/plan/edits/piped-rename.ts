// Renames an image where a template prints it, for images that no place alone writes: `| replace` behind the
// expression. Pure.
import type { Naming } from '../../../reference/naming.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import type { ImageOccurrence } from '../../find/rendered/occurrence.ts'
import { partsOf, type TextPart } from '../../model/plan.ts'
import { printingActionAt } from './printing-action.ts'
import { type Splice, splitName } from './route.ts'

/**
 * The insertion that renames an image whose registry one expression of a template prints; `textOf` gives the template
 * files. Undefined where there is no such expression, or the image has no registry by which it could be told from other
 * texts.
 */
export function pipedRename(
  occurrence: ImageOccurrence,
  naming: Naming,
  textOf: (file: string) => string | undefined,
): Splice | undefined {
  const { before, reference: printed, spans } = occurrence
  const reference = tryParseReference(printed)
  if (before === undefined || reference?.host === undefined) return undefined
  const action = printingActionAt(textOf(before.file) ?? '', before.offset)
  if (action === undefined) return undefined
  // What the template itself writes behind the expression begins there.
  const rest = spans.find(
    ({ origin, offset }) => origin.kind === 'literal' && origin.file === before.file && offset >= action.end,
  )
  const length = rest?.start ?? printed.length
  const { host, path } = reference
  const { registry, path: newPath } = splitName(reference, naming.rename(reference))
  const [from, to] = path === newPath ? [host, registry] : [`${host}/${path}`, `${registry}/${newPath}`]
  if (length < from.length) return undefined
  // With the slash it is no other host that only begins so.
  const slash = from === host && length > host.length ? '/' : ''
  const literal = (text: string): TextPart => ({ kind: 'literal', text })
  const parts = [literal(` | replace "${from}${slash}" "`), ...partsOf(to, naming.target), literal(`${slash}"`)]
  return { place: { kind: 'literal', file: before.file, offset: action.expressionEnd }, length: 0, parts }
}
