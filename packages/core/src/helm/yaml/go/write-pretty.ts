// Writing YAML as Helm's toYamlPretty does: with go-yaml 3, which indents lists and does not fold.
import { formatFloat } from '../../template/float.ts'
import { bare } from '../../template/text.ts'
import { GoBytes, GoList, GoMap, GoStruct, Int, type PlainValue, type Text, type Value } from '../../template/value.ts'
import { type Dialect, emitDocument } from './emit-node.ts'
import { exportedFields, jsonFields } from './json-value.ts'
import { compareKeys3 } from './key-order.ts'
import { NilList } from './nil-list.ts'
import { isOldBoolean, resolvePlain } from './resolve.ts'
import { withoutNewline } from './write.ts'

const dialect: Dialect = {
  width: Number.POSITIVE_INFINITY,
  indentsLists: true,
  blocksTabs: true,
  sortsFields: false,
  compareKeys: compareKeys3,
  shape,
  spell,
  text: (text) => text,
  readsAsText: (text) => resolvePlain(text).type === 'str' && !isOldBoolean(text),
}

/** Helm's `toYamlPretty`. */
export function toYamlPretty(value: Value): Text {
  return withoutNewline(emitDocument(value, dialect))
}

/** Structs have lower-case keys; what has a text of its own becomes that text. */
function shape(value: PlainValue): PlainValue {
  if (value instanceof NilList) return new GoList([])
  if (value instanceof GoMap) return value
  if (value instanceof GoStruct && !value.type.methods?.has('MarshalText')) {
    const own = exportedFields(value).filter(([name]) => value.type.jsonNames?.get(name) !== '-')
    return new GoMap(own.map(([name, field]) => [name.toLowerCase(), field]))
  }
  if (value instanceof GoBytes) return new GoList(Array.from(value.bytes, (byte) => new Int(BigInt(byte), 'uint8')))
  return jsonFields(value)
}

function spell(value: PlainValue): string {
  if (value instanceof Int)
    return value.type?.toText === undefined ? String(value.value) : bare(value.type.toText(value))
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'number') return 'null'
  const special = Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'
  return Number.isFinite(value) ? formatFloat(value) : special
}
