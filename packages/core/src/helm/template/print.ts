// Values as text: Go's fmt with the verb %v, and the conversions built on it.
import { itemBytes, take } from './allowance.ts'
import { bytesOf, textOfBytes } from './bytes.ts'
import { formatFloat } from './float.ts'
import { sortedKeys, typeOf } from './kind.ts'
import { concat, textFrom } from './text.ts'
import {
  GoBytes,
  GoList,
  GoMap,
  GoStruct,
  Int,
  type PlainValue,
  plain,
  type Text,
  TracedScalar,
  TracedText,
  type Value,
} from './value.ts'

/** How an element is printed inside lists and maps. */
type PrintElement = (value: Value) => Text

/** fmt's `%v`: `map[a:1 b:[x y]]`, `1e+06`, `<nil>` for a nil interface; `<no value>` for an invalid value. */
export function printed(value: Value): Text {
  if (value === undefined) return '<no value>'
  return printElement(value)
}

function printElement(value: Value): Text {
  if (typeof value === 'string' || value instanceof TracedText) return value
  if (value instanceof TracedScalar) return textFrom(printScalar(value.value), value.origin)
  const toText = typeOf(value)?.toText
  if (toText !== undefined) return toText(plain(value))
  return printComposite(value, printElement) ?? printScalar(value)
}

/** The scalar alone: `true`, `12`, `1e+06`, `<nil>`. */
export function printScalar(value: PlainValue): string {
  if (typeof value === 'number') return formatFloat(value)
  if (value instanceof Int) return value.value.toString()
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  return typeof value === 'string' ? value : '<nil>'
}

/** A list, map or struct in Go's brackets, its elements printed by `element`; undefined for a scalar. */
export function printComposite(value: Value, element: PrintElement): Text | undefined {
  if (value instanceof GoList) return enclose('[', value.items.map(element), ']')
  if (value instanceof GoBytes) return `[${value.bytes.join(' ')}]`
  if (value instanceof GoMap) {
    const entries = sortedKeys(value).map((key) => concat([element(key), ':', element(value.get(key))]))
    return enclose('map[', entries, ']')
  }
  if (value instanceof GoStruct) {
    return enclose(value.isPointer ? '&{' : '{', [...value.fields.values()].map(element), '}')
  }
  return undefined
}

function enclose(open: string, parts: readonly Text[], close: string): Text {
  // A list that stands in another one twice is printed twice.
  take(itemBytes * (1 + parts.length))
  return concat([open, ...parts.flatMap((part, index) => (index === 0 ? [part] : [' ', part])), close])
}

/** sprig's strval: a string as it is, bytes as text, all else as `%v`; nil is `<nil>`. */
export function strval(value: Value): Text {
  if (value instanceof GoBytes) return textOfBytes(value.bytes)
  return value === undefined ? '<nil>' : printElement(value)
}

/** fmt.Sprint: a space between operands when neither is a string. */
export function sprint(values: readonly Value[]): Text {
  const parts: Text[] = []
  values.forEach((value, index) => {
    if (index > 0 && !isText(value) && !isText(values[index - 1])) parts.push(' ')
    parts.push(printElement(value ?? null))
  })
  return concat(parts)
}

/** fmt.Sprintln: a space between all operands and a newline at the end. */
export function sprintln(values: readonly Value[]): Text {
  const parts = values.flatMap((value, index) => {
    const text = printElement(value ?? null)
    return index === 0 ? [text] : [' ', text]
  })
  return concat([...parts, '\n'])
}

function isText(value: Value): boolean {
  return typeof value === 'string' || value instanceof TracedText
}

/** Hexadecimal digits of the bytes of a text, for the verbs %x and %X. */
export function hexOf(text: string): string {
  return Buffer.from(bytesOf(text)).toString('hex')
}
