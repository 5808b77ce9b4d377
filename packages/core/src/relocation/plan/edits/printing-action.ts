// The action of a template that stands at an offset, told apart from control flow. Pure.

/** An expression of a template that prints something: offsets into the file. */
export interface PrintingAction {
  /** Behind its last character, before white space and braces. */
  readonly expressionEnd: number
  /** Behind its closing braces. */
  readonly end: number
}

const opening = /\s*\{\{(?:-\s)?\s*/y
/** What prints nothing by itself, or cannot be piped on. */
const keyword = /(?:if|else|end|range|with|define|template|block|break|continue)\b|\/\*|\$\w*\s*(?:,\s*\$\w+\s*)?:?=/y
/** Strings may hold braces. */
const element = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|[^"`'}]+|\}(?!\})/y
const closing = /\}\}/y

/** The action that prints from an offset on; undefined where there is none, or one that cannot be piped on. */
export function printingActionAt(text: string, offset: number): PrintingAction | undefined {
  const start = matchEnd(opening, text, offset)
  if (start === undefined || matchEnd(keyword, text, start) !== undefined) return undefined
  let at = start
  for (let next: number | undefined = start; next !== undefined; next = matchEnd(element, text, at)) at = next
  const end = matchEnd(closing, text, at)
  const expression = text.slice(start, at).replace(/\s+-$/, '').trimEnd()
  return end === undefined || expression === '' ? undefined : { expressionEnd: start + expression.length, end }
}

function matchEnd(pattern: RegExp, text: string, offset: number): number | undefined {
  pattern.lastIndex = offset
  return pattern.test(text) ? pattern.lastIndex : undefined
}
