// Writing YAML as Helm's toYaml does: by way of JSON and go-yaml 2, byte for byte.
import { formatFloat } from '../../template/float.ts'
import { bare, replace, slice } from '../../template/text.ts'
import { GoBytes, GoError, Int, type PlainValue, type Text, type Value } from '../../template/value.ts'
import { type Dialect, emitDocument } from './emit-node.ts'
import { jsonFields, jsonScalar, jsonString } from './json-value.ts'
import { compareKeys } from './key-order.ts'
import { readYaml } from './read.ts'
import { resolvePlain } from './resolve.ts'

/** Keys of the JSON in between are simple keys of YAML, which have a bound. */
const maxKeyLength = 1024
const refused = /[\u007f-\u0084\u0086-\u009f\ufffe\uffff]/

const dialect: Dialect = {
  width: 80,
  indentsLists: false,
  blocksTabs: false,
  sortsFields: true,
  compareKeys,
  shape: (value) => (value instanceof GoBytes ? Buffer.from(value.bytes).toString('base64') : jsonFields(value)),
  spell,
  text: (text, isKey) => {
    if (isKey) checkKey(bare(text))
    return readable(text)
  },
  readsAsText: (text) => resolvePlain(text).type === 'str',
}

/** Helm's `toYaml`: without the final newline, empty where Go's libraries fail. */
export function toYaml(value: Value): Text {
  try {
    return withoutNewline(marshalYaml(value))
  } catch (error) {
    if (error instanceof GoError) return ''
    throw error
  }
}

/** A text without one newline at its end. */
export function withoutNewline(text: Text): Text {
  const subject = bare(text)
  return subject.endsWith('\n') ? slice(text, 0, subject.length - 1) : text
}

/**
 * The value as YAML, with its final newline. Throws GoError where Go's libraries fail: a control character above
 * U+007E, a number that is not finite.
 */
export function marshalYaml(value: Value): Text {
  return emitDocument(value, dialect)
}

/** A JSON number as go-yaml reads and writes it: `1e+21` stays, `1.5e-7` becomes `1.5e-07`. */
function spell(value: PlainValue): string {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new GoError(`error marshaling into JSON: json: unsupported value: ${formatFloat(value)}`)
  }
  const json = jsonScalar(value)
  if (typeof value !== 'number' && !(value instanceof Int)) return json
  const { value: number } = resolvePlain(json)
  return typeof number === 'number' ? formatFloat(number) : String(number)
}

/** The reader between the two libraries takes a key of one line only, of a bounded length. */
function checkKey(key: string): void {
  if (jsonString(key).length > maxKeyLength || key.includes('\u0085')) {
    throw new GoError("yaml: line 1: did not find expected ',' or '}'")
  }
}

const strayByte = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** The string after its way through JSON and the YAML reader. Throws GoError for characters that the reader refuses. */
function readable(value: Text): Text {
  const subject = bare(value)
  if (!/[^\p{ASCII}]|\u007f/u.test(subject)) return value
  if (refused.test(subject)) throw new GoError('yaml: control characters are not allowed')
  if (subject.search(strayByte) >= 0) {
    let text = value
    for (const stray of new Set(subject.match(strayByte))) text = replace(text, stray, '\ufffd')
    return readable(text)
  }
  // The reader folds this line break of Unicode, and blanks around it.
  return subject.includes('\u0085') ? (readYaml(jsonString(value)) as Text) : value
}
