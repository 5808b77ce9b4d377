// The templates that can be called by name, and sets that add to another without changing it.
import type { ListNode, SourceText } from './node.ts'
import { isBlank, type ParsedTemplates } from './parser.ts'
import { textFrom } from './text.ts'
import type { TracedText } from './value.ts'

/** A named template. */
export interface Template {
  readonly name: string
  readonly body: ListNode
}

/** Templates by name. */
export interface TemplateSet {
  readonly lookup: (name: string) => Template | undefined
  /** Adds what a text defined. A blank template never replaces another, else the last one stays. */
  readonly add: (parsed: ParsedTemplates) => void
  /** A set that sees this one; what it adds is seen only in it. */
  readonly extend: () => TemplateSet
}

/** An empty set, on top of another where one is given. */
export function createTemplateSet(below?: TemplateSet): TemplateSet {
  const own = new Map<string, Template>()
  const set: TemplateSet = {
    lookup: (name) => own.get(name) ?? below?.lookup(name),
    add(parsed) {
      for (const [name, body] of parsed) {
        if (isBlank(body) && set.lookup(name) !== undefined) continue
        own.set(name, { name, body })
      }
    },
    extend: () => createTemplateSet(set),
  }
  return set
}

/** A template's text; `file` is the address of the file that it is, `traced` the text where it was computed instead. */
export function sourceText(
  name: string,
  text: string,
  from: { readonly file: string } | { readonly traced: TracedText },
): SourceText {
  return { name, text, traced: 'traced' in from ? from.traced : textFrom(text, { kind: 'literal', file: from.file }) }
}
