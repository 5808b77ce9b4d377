// Maps, lists and scalars written as YAML blocks, in the dialect of one of go-yaml's versions.
import { itemBytes, take } from '../../template/allowance.ts'
import { byteLength } from '../../template/bytes.ts'
import { bare, textFrom } from '../../template/text.ts'
import {
  GoList,
  GoMap,
  GoStruct,
  type PlainValue,
  plain,
  type Text,
  TracedScalar,
  TracedText,
  type Value,
} from '../../template/value.ts'
import { emitScalar, fittingStyle, type ScalarStyle } from './emit-scalar.ts'
import { analyze, isBase60 } from './scalar-style.ts'
import { newWriter, putIndent, putIndicator, type Writer, written } from './writer.ts'

/** In what go-yaml's versions, and the ways to them, differ. */
export interface Dialect {
  /** The column behind which scalars are folded. */
  readonly width: number
  /** Whether the lists of a map stand deeper than their key. */
  readonly indentsLists: boolean
  /** Whether a text with tabs may be written as a block. */
  readonly blocksTabs: boolean
  /** Whether the fields of structs are sorted as keys are. */
  readonly sortsFields: boolean
  readonly compareKeys: (a: string, b: string) => number
  /** The value as a map, a list, a text, or a scalar for `spell`. */
  readonly shape: (value: PlainValue) => PlainValue
  /** A scalar that is no text: `1.5`, `true`, `null`. */
  readonly spell: (value: PlainValue) => string
  /** A text as it arrives at the emitter. Throws GoError where it does not. */
  readonly text: (text: Text, isKey: boolean) => Text
  /** Whether a text without quotes would be read as a text. */
  readonly readsAsText: (text: string) => boolean
}

/** Bytes of a key that is written without `?`. */
const maxSimpleKey = 128

/** The value as a YAML document, with its final newline. */
export function emitDocument(value: Value, dialect: Dialect): Text {
  const writer = newWriter(dialect.width)
  emitNode(writer, value, dialect, false)
  putIndent(writer)
  return written(writer)
}

function emitNode(writer: Writer, value: Value, dialect: Dialect, inMapping: boolean): void {
  // What stands in a value twice is written twice.
  take(itemBytes)
  const shape = value instanceof TracedText ? value.text : dialect.shape(plain(value))
  if (shape instanceof GoMap)
    emitMap(writer, shape, dialect, !(plain(value) instanceof GoStruct) || dialect.sortsFields)
  else if (shape instanceof GoList) emitList(writer, shape, dialect, inMapping)
  else if (typeof shape === 'string') {
    emitText(writer, dialect.text(value instanceof TracedText ? value : shape, false), dialect, false)
  } else {
    const text = dialect.spell(shape)
    emitScalar(writer, value instanceof TracedScalar ? textFrom(text, value.origin) : text, 'plain', false)
  }
}

function emitMap(writer: Writer, map: GoMap, dialect: Dialect, sorted: boolean): void {
  if (map.entries.size === 0) {
    putIndicator(writer, '{}', true)
    return
  }
  const outer = writer.indent
  writer.indent = outer < 0 ? 0 : outer + 2
  const entries = [...map.entries]
  if (sorted) entries.sort(([a], [b]) => dialect.compareKeys(a, b))
  for (const [key, value] of entries) {
    putIndent(writer)
    const simple = byteLength(key) <= maxSimpleKey && !analyze(key).multiline
    if (!simple) putIndicator(writer, '?', true, true)
    emitText(writer, dialect.text(key, true), dialect, simple)
    if (simple) putIndicator(writer, ':', false)
    else {
      putIndent(writer)
      putIndicator(writer, ':', true, true)
    }
    emitNode(writer, value, dialect, true)
  }
  writer.indent = outer
}

function emitList(writer: Writer, list: GoList, dialect: Dialect, inMapping: boolean): void {
  if (list.items.length === 0) {
    putIndicator(writer, '[]', true)
    return
  }
  const outer = writer.indent
  if (outer < 0) writer.indent = 0
  else if (!inMapping || writer.indention || dialect.indentsLists) writer.indent = outer + 2
  for (const item of list.items) {
    putIndent(writer)
    putIndicator(writer, '-', true, true)
    emitNode(writer, item, dialect, false)
  }
  writer.indent = outer
}

function emitText(writer: Writer, text: Text, dialect: Dialect, isKey: boolean): void {
  const subject = bare(text)
  const wish: ScalarStyle = subject.includes('\n') ? 'literal' : isPlain(subject, dialect) ? 'plain' : 'double'
  emitScalar(writer, text, fittingStyle(subject, wish, isKey, dialect.blocksTabs), isKey)
}

function isPlain(text: string, dialect: Dialect): boolean {
  return dialect.readsAsText(text) && !isBase60(text)
}
