// Operations on text that keep track of where its characters come from. On plain strings they are the plain operations.
import { ensure, fits, itemBytes } from './allowance.ts'
import { type Origin, type Span, type Text, TracedText, type Value } from './value.ts'

/** The characters alone. */
export function bare(text: Text): string {
  return typeof text === 'string' ? text : text.text
}

/** A text all of which comes from one origin; an empty one remembers it too. */
export function textFrom(text: string, origin: Origin, offset = 0): TracedText {
  return new TracedText(text, [{ start: 0, end: text.length, origin, offset }])
}

/** The texts after each other. */
export function concat(parts: readonly Text[]): Text {
  let traced = false
  let text = ''
  for (const part of parts) {
    if (typeof part === 'string') text += part
    else {
      traced = true
      text += part.text
    }
  }
  return traced ? new TracedText(text, joinSpans(parts, text === '')) : text
}

function joinSpans(parts: readonly Text[], empty: boolean): Span[] {
  const spans: Span[] = []
  let position = 0
  for (const part of parts) {
    if (typeof part === 'string') {
      position += part.length
      continue
    }
    // The span of an empty text only matters while there is nothing else.
    for (const span of part.spans) if (empty || span.end > span.start) append(spans, span, position)
    position += part.text.length
  }
  return spans
}

/** Adds a span, moved by `shift`; one that continues the last is joined to it. */
function append(spans: Span[], span: Span, shift: number): void {
  const last = spans.at(-1)
  const start = span.start + shift
  if (
    last !== undefined &&
    last.end === start &&
    last.origin === span.origin &&
    last.offset + (last.end - last.start) === span.offset
  ) {
    spans[spans.length - 1] = { ...last, end: span.end + shift }
  } else spans.push(shift === 0 ? span : { ...span, start, end: span.end + shift })
}

/** The texts with a separator between them. */
export function join(parts: readonly Text[], separator: Text): Text {
  return concat(parts.flatMap((part, index) => (index === 0 ? [part] : [separator, part])))
}

/** From `start` to before `end`, in UTF-16 units, both within the text. */
export function slice(text: Text, start: number, end: number = bare(text).length): Text {
  if (typeof text === 'string') return text.slice(start, end)
  if (start === 0 && end === text.text.length) return text
  const spans: Span[] = []
  for (const span of text.spans) {
    const from = Math.max(span.start, start)
    const to = Math.min(span.end, end)
    const touches = start < end ? from < to : span.start <= start && start <= span.end && spans.length === 0
    if (touches) {
      const offset = span.offset + from - span.start
      spans.push({ start: from - start, end: Math.max(to, from) - start, origin: span.origin, offset })
    }
  }
  return new TracedText(text.text.slice(start, end), spans)
}

/** A piece of a rebuilt text: new text, or a range of the old one. */
export type Piece = Text | readonly [start: number, end: number]

/**
 * The text anew from pieces; ranges keep their spans. What replace, quote, indent and regular expressions are made of.
 */
export function rebuild(text: Text, pieces: readonly Piece[]): Text {
  return concat(
    pieces.map((piece) =>
      typeof piece === 'string' || piece instanceof TracedText ? piece : slice(text, piece[0], piece[1]),
    ),
  )
}

/** Go's strings.Replace: `count` below 0 means all; an empty `old` matches before each character and at the end. */
export function replace(text: Text, old: string, replacement: Text, count = -1): Text {
  const subject = bare(text)
  const grows = bare(replacement).length - old.length
  if (typeof text === 'string' && typeof replacement === 'string' && count < 0 && old !== '') {
    if (grows > 0 && !fits(text.length * (1 + grows))) ensure(text.length + grows * countOf(text, old))
    return text.includes(old) ? text.replaceAll(old, () => replacement) : text
  }
  const pieces: Piece[] = []
  let done = 0
  for (const at of occurrences(subject, old, count)) {
    ensure(itemBytes * pieces.length + grows * (pieces.length / 2))
    pieces.push([done, at], replacement)
    done = at + old.length
  }
  return pieces.length === 0 ? text : rebuild(text, [...pieces, [done, subject.length]])
}

function countOf(text: string, part: string): number {
  let count = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count++
  return count
}

function* occurrences(subject: string, old: string, count: number): Generator<number> {
  let left = count < 0 ? Number.POSITIVE_INFINITY : count
  if (old === '') {
    let at = 0
    for (const character of subject) {
      if (left-- <= 0) return
      yield at
      at += character.length
    }
    if (left > 0) yield at
    return
  }
  for (let at = subject.indexOf(old); at >= 0 && left-- > 0; at = subject.indexOf(old, at + old.length)) yield at
}

/** Go's strings.SplitN: at most `count` parts, all when below 0, none when 0; an empty separator splits characters. */
export function split(text: Text, separator: string, count = -1): Text[] {
  if (count === 0) return []
  const subject = bare(text)
  // Most texts are small: their parts are counted where they become a list.
  const isSmall = fits(itemBytes * (subject.length + 1))
  if (typeof text === 'string' && count < 0 && separator !== '') {
    if (!isSmall) ensure(itemBytes * countOf(text, separator))
    return text.split(separator)
  }
  const parts: Text[] = []
  let done = 0
  for (const at of occurrences(subject, separator, -1)) {
    if (parts.length + 1 === count || (separator === '' && at === subject.length)) break
    if (separator === '' && at === 0) continue
    parts.push(slice(text, done, at))
    if (!isSmall) ensure(itemBytes * parts.length)
    done = at + separator.length
  }
  if (separator !== '' || done < subject.length) parts.push(slice(text, done))
  return parts
}

/** Another spelling of the text: upper or lower case. Spans stay while the length does, else they are lost. */
export function respell(text: Text, spell: (subject: string) => string): Text {
  if (typeof text === 'string') return spell(text)
  const spelled = spell(text.text)
  return spelled.length === text.text.length ? new TracedText(spelled, text.spans) : spelled
}

/** The part left when characters that `drops` says are cut off both ends, or off one. */
export function trim(text: Text, drops: (character: string) => boolean, side: 'both' | 'start' | 'end' = 'both'): Text {
  const subject = bare(text)
  let start = 0
  let end = subject.length
  while (side !== 'end' && start < end && drops(characterAt(subject, start)))
    start += characterAt(subject, start).length
  while (side !== 'start' && start < end && drops(characterBefore(subject, end))) {
    end -= characterBefore(subject, end).length
  }
  return slice(text, start, end)
}

function characterAt(subject: string, at: number): string {
  return String.fromCodePoint(subject.codePointAt(at) as number)
}

function characterBefore(subject: string, at: number): string {
  const pair = at >= 2 ? subject.slice(at - 2, at) : ''
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(pair) ? pair : subject.slice(at - 1, at)
}

/**
 * A text that a function computed and that keeps no spans: a digest, base64. The executor does this by itself for a
 * function that takes `string` parameters and gives a plain string; call it for parts, such as the elements of a list.
 */
export function derived(text: string, name: string, inputs: readonly Value[], volatile = false): TracedText {
  return textFrom(text, { kind: 'derived', name, inputs, text, volatile })
}
