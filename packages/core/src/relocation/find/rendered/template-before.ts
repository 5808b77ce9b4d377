// Where in a template text can be inserted right before what a leaf or a call wrote. Pure.
import type { Span, Text, TracedText } from '../../../helm/template/value.ts'

/** A place in a template file: `offset` counts UTF-16 units from its beginning, a byte order mark left out. */
export interface TemplatePlace {
  readonly file: string
  readonly offset: number
}

/**
 * For one document: takes a text that it prints, and gives the place in the template behind the character that is
 * printed right before it; undefined where no template wrote that character, or the text is printed otherwise than it
 * reads.
 */
export function templateBefore(document: Text): (text: TracedText) => TemplatePlace | undefined {
  if (typeof document === 'string') return () => undefined
  return (text) => {
    const [first] = text.spans
    if (first?.start !== 0) return undefined
    for (const [index, span] of document.spans.entries()) {
      const start = span.start + first.offset - span.offset
      const isHere =
        span.origin === first.origin &&
        start >= span.start &&
        start < span.end &&
        document.text.startsWith(text.text, start)
      if (isHere) return start === span.start ? behind(document.spans[index - 1], start) : undefined
    }
    return undefined
  }
}

function behind(span: Span | undefined, end: number): TemplatePlace | undefined {
  if (span === undefined || span.end !== end || span.origin.kind !== 'literal') return undefined
  return { file: span.origin.file, offset: span.offset + span.end - span.start }
}
