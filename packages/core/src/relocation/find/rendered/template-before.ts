// Where in a template text can be inserted right before what a leaf or a call wrote. Pure.
import type { Origin, Span, Text, TracedText } from '../../../helm/template/value.ts'

/** A place in a template file: `offset` counts UTF-16 units from its beginning, a byte order mark left out. */
export interface TemplatePlace {
  readonly file: string
  readonly offset: number
}

/**
 * For one document: takes a text that it prints, and gives the place in the template behind the character that is
 * printed right before it; undefined where no template wrote that character, or the text is printed otherwise than it
 * reads. What is printed several times is asked for in the order of printing: each time the next place is given.
 */
export function templateBefore(document: Text): (text: TracedText, key: string | number) => TemplatePlace | undefined {
  if (typeof document === 'string') return () => undefined
  const asked = new Map<Origin, Map<string, number>>()
  return (text, key) => {
    const [first] = text.spans
    if (first?.start !== 0) return undefined
    const places = document.spans.flatMap((span, index): readonly (TemplatePlace | 'inside')[] => {
      const start = span.start + first.offset - span.offset
      const isHere =
        span.origin === first.origin &&
        start >= span.start &&
        start < span.end &&
        document.text.startsWith(text.text, start) &&
        isUnder(key, document.text, start)
      if (!isHere) return []
      return [(start === span.start ? behind(document.spans[index - 1], start) : undefined) ?? 'inside']
    })
    const ofOrigin = asked.get(first.origin) ?? new Map<string, number>()
    asked.set(first.origin, ofOrigin)
    const question = `${key} ${text.text}`
    const turn = ofOrigin.get(question) ?? 0
    ofOrigin.set(question, turn + 1)
    const place = places[Math.min(turn, places.length - 1)]
    return place === 'inside' ? undefined : place
  }
}

/** Whether the value that begins there stands under the key, or in a list. */
function isUnder(key: string | number, text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - 256), start)
  return typeof key === 'number'
    ? /[-,[]\s*["']?$/.test(before)
    : /:\s*(?:[|>][-+]?\s*)?["']?$/.test(before) && before.includes(key)
}

function behind(span: Span | undefined, end: number): TemplatePlace | undefined {
  if (span === undefined || span.end !== end || span.origin.kind !== 'literal') return undefined
  return { file: span.origin.file, offset: span.offset + span.end - span.start }
}
