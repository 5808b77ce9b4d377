// Writing YAML as Helm's toYaml does: by way of JSON and go-yaml 2, byte for byte.
import { byteLength } from '../../template/bytes.ts'
import { formatFloat } from '../../template/float.ts'
import { bare, replace, slice, textFrom } from '../../template/text.ts'
import { GoBytes, GoError, GoList, GoMap, Int, plain, type Text, TracedScalar, type Value } from '../../template/value.ts'
import { emitScalar, fittingStyle, type ScalarStyle } from './emit-scalar.ts'
import { jsonFields, jsonScalar, jsonString } from './json-value.ts'
import { compareKeys } from './key-order.ts'
import { readYaml } from './read.ts'
import { resolvePlain } from './resolve.ts'
import { analyze, isBase60 } from './scalar-style.ts'
import { newWriter, putIndent, putIndicator, type Writer, written } from './writer.ts'

const foldWidth = 80
/** Keys of the JSON in between are simple keys of YAML, which have a bound. */
const maxKeyLength = 1024
/** Bytes of a key that is written without `?`. */
const maxPlainKey = 128
const refused = /[\u007f-\u0084\u0086-\u009f\ufffe\uffff]/

/** Helm's `toYaml`: without the final newline, empty where Go's libraries fail. */
export function toYaml(value: Value): Text {
  try {
    const text = marshalYaml(value)
    return slice(text, 0, bare(text).length - 1)
  } catch (error) {
    if (error instanceof GoError) return ''
    throw error
  }
}

/**
 * The value as YAML, with its final newline. Throws GoError where Go's libraries fail: a control character above U+007E, a
 * number that is not finite.
 */
export function marshalYaml(value: Value): Text {
  const writer = newWriter(foldWidth)
  emitNode(writer, value, false)
  putIndent(writer)
  return written(writer)
}

/** Writes a node; `inMapping` where it is the value of a key, whose lists are not indented. */
function emitNode(writer: Writer, value: Value, inMapping: boolean): void {
  const shape = jsonFields(plain(value))
  if (shape instanceof GoMap && !shape.isNil) emitMap(writer, shape)
  else if (shape instanceof GoList) emitList(writer, shape, inMapping)
  else if (shape instanceof GoBytes) emitString(writer, Buffer.from(shape.bytes).toString('base64'), false)
  else emitLeaf(writer, value)
}

function emitLeaf(writer: Writer, value: Value): void {
  const given = plain(value)
  if (typeof given === 'string') return emitString(writer, value as Text, false)
  const json = jsonScalar(given)
  const text = typeof given === 'number' || given instanceof Int ? yamlNumber(json) : json
  emitScalar(writer, value instanceof TracedScalar ? textFrom(text, value.source) : text, 'plain', false)
}

/** A JSON number as go-yaml reads and writes it: `1e+21` stays, `1.5e-7` becomes `1.5e-07`. */
function yamlNumber(json: string): string {
  const { value } = resolvePlain(json)
  return typeof value === 'number' ? formatFloat(value) : String(value)
}

function emitMap(writer: Writer, map: GoMap): void {
  if (map.entries.size === 0) return putIndicator(writer, '{}', true)
  const outer = writer.indent
  writer.indent = outer < 0 ? 0 : outer + 2
  for (const [key, value] of [...map.entries].sort(([a], [b]) => compareKeys(a, b))) {
    checkKey(key)
    putIndent(writer)
    const simple = byteLength(key) <= maxPlainKey && !analyze(key).multiline
    if (!simple) putIndicator(writer, '?', true, true)
    emitString(writer, key, simple)
    if (simple) putIndicator(writer, ':', false)
    else {
      putIndent(writer)
      putIndicator(writer, ':', true, true)
    }
    emitNode(writer, value, true)
  }
  writer.indent = outer
}

/** The reader between the two libraries takes a key of one line only, of a bounded length. */
function checkKey(key: string): void {
  if (jsonString(key).length > maxKeyLength || key.includes('\u0085')) {
    throw new GoError("yaml: line 1: did not find expected ',' or '}'")
  }
}

function emitList(writer: Writer, list: GoList, inMapping: boolean): void {
  if (list.items.length === 0) return putIndicator(writer, '[]', true)
  const outer = writer.indent
  if (outer < 0) writer.indent = 0
  else if (!inMapping || writer.indention) writer.indent = outer + 2
  for (const item of list.items) {
    putIndent(writer)
    putIndicator(writer, '-', true, true)
    emitNode(writer, item, false)
  }
  writer.indent = outer
}

function emitString(writer: Writer, value: Text, isKey: boolean): void {
  const text = readable(value)
  const subject = bare(text)
  emitScalar(writer, text, fittingStyle(subject, wishFor(subject), isKey), isKey)
}

function wishFor(text: string): ScalarStyle {
  if (text.includes('\n')) return 'literal'
  return resolvePlain(text).type === 'str' && !isBase60(text) ? 'plain' : 'double'
}

const strayByte = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** The string after its way through JSON and the YAML reader. Throws GoError for characters that the reader refuses. */
export function readable(value: Text): Text {
  const subject = bare(value)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII without DEL
  if (/^[\x00-\x7e]*$/.test(subject)) return value
  if (refused.test(subject)) throw new GoError('yaml: control characters are not allowed')
  if (subject.search(strayByte) >= 0) {
    let text = value
    for (const stray of new Set(subject.match(strayByte))) text = replace(text, stray, '\ufffd')
    return readable(text)
  }
  // The reader folds this line break of Unicode, and blanks around it.
  return subject.includes('\u0085') ? (readYaml(jsonString(value)) as Text) : value
}

