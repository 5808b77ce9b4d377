// Renames an image whose registry a template puts together in its own line, of values and text: the pieces become the
// new registry. Pure.
import type { Naming } from '../../../reference/naming.ts'
import { tryParseReference } from '../../../reference/reference.ts'
import type { ImageOccurrence } from '../../find/rendered/occurrence.ts'
import { partsOf } from '../../model/plan.ts'
import { printingActionAt } from './printing-action.ts'
import { type Splice, splitName } from './route.ts'

/**
 * The splice for `{{ .account }}.dkr.{{ .region }}.example.com/name`: from the first piece up to the slash, all in one
 * template; `textOf` gives its text. Undefined where the slash is not the template's own, or anything but values and
 * text stands before it.
 */
export function inlineRename(
  { before, reference: printed, spans }: ImageOccurrence,
  naming: Naming,
  textOf: (file: string) => string | undefined,
): Splice | undefined {
  const reference = tryParseReference(printed)
  if (before === undefined || reference?.host === undefined) return undefined
  const { host, path } = reference
  const { registry, path: newPath } = splitName(reference, naming.rename(reference))
  const { file } = before
  const slash = spans.find(({ start, end }) => start <= host.length && host.length < end)
  if (path !== newPath || slash?.origin.kind !== 'literal' || slash.origin.file !== file) return undefined
  const end = slash.offset + host.length - slash.start
  const text = textOf(file) ?? ''
  const start = firstPiece(text, before.offset, end)
  if (start === undefined) return undefined
  return {
    place: { kind: 'literal', file, offset: start },
    length: end - start,
    parts: partsOf(registry, naming.target),
  }
}

/** The offset of the first of the pieces that lead up to `end` with no control flow between them. */
function firstPiece(text: string, from: number, end: number): number | undefined {
  let start: number | undefined
  let at = text.indexOf('{{', from)
  while (at >= 0 && at < end) {
    const action = printingActionAt(text, at)
    if (action === undefined) {
      // What a condition decides is not among the pieces.
      start = undefined
      at = text.indexOf('{{', at + 2)
    } else {
      start ??= at
      at = text.indexOf('{{', action.end)
    }
  }
  return start
}
