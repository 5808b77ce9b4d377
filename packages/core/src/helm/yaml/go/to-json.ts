// Writing JSON as Go's encoding/json does.
import { itemBytes, take } from '../../template/allowance.ts'
import { concat, textFrom } from '../../template/text.ts'
import { GoList, plain, type Text, TracedScalar, TracedText, type Value } from '../../template/value.ts'
import { jsonEntries, jsonFields, jsonScalar, jsonText } from './json-value.ts'

/** How JSON is written. */
export interface JsonOptions {
  /** Whether `<`, `>` and `&` are escaped. Default: true. */
  readonly html?: boolean
  /** What each level is indented by; with it every entry has a line. Default: none. */
  readonly indent?: string
}

/** The value as JSON, keys of maps sorted. Throws GoError for numbers that are not finite. */
export function toJson(value: Value, options: JsonOptions = {}): Text {
  const parts: Text[] = []
  write(parts, value, options.html ?? true, options.indent, '\n')
  return concat(parts)
}

function write(parts: Text[], value: Value, html: boolean, indent: string | undefined, lineStart: string): void {
  take(itemBytes)
  if (typeof value === 'string' || value instanceof TracedText) {
    parts.push(jsonText(value, html))
    return
  }
  const given = plain(value)
  const shape = jsonFields(given)
  const entries = jsonEntries(given)
  const inner = `${lineStart}${indent ?? ''}`
  const between = (index: number): string =>
    indent === undefined ? (index === 0 ? '' : ',') : (index === 0 ? '' : ',') + inner
  if (entries !== undefined) {
    parts.push('{')
    entries.forEach(([key, item], index) => {
      parts.push(between(index), jsonText(key, html), indent === undefined ? ':' : ': ')
      write(parts, item, html, indent, inner)
    })
    parts.push(entries.length > 0 && indent !== undefined ? `${lineStart}}` : '}')
  } else if (shape instanceof GoList) {
    parts.push('[')
    shape.items.forEach((item, index) => {
      parts.push(between(index))
      write(parts, item, html, indent, inner)
    })
    parts.push(shape.items.length > 0 && indent !== undefined ? `${lineStart}]` : ']')
  } else if (typeof shape === 'string') parts.push(jsonText(shape, html))
  else {
    const text = jsonScalar(shape)
    parts.push(value instanceof TracedScalar ? textFrom(text, value.origin) : text)
  }
}
