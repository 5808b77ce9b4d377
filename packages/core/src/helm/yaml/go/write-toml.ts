// Writing TOML as BurntSushi/toml does, which Helm's toToml calls.
import { entryBytes, itemBytes, take } from '../../template/allowance.ts'
import { formatFloat } from '../../template/float.ts'
import { compareStrings } from '../../template/kind.ts'
import { bare, concat, type Piece, rebuild, textFrom } from '../../template/text.ts'
import {
  GoBytes,
  GoError,
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
} from '../../template/value.ts'
import { exportedFields, jsonFields } from './json-value.ts'
import { writtenTime } from './toml-time.ts'

/** The value as TOML; keys of maps are sorted, scalars before tables. Throws GoError with the library's words. */
export function marshalToml(value: Value): Text {
  if (plain(value) === null || plain(value) === undefined) {
    throw new GoError('reflect: call of reflect.Value.Type on zero Value')
  }
  const parts: Text[] = []
  encode(parts, [], value)
  return concat(parts)
}

type Key = readonly string[]

/** Structs as maps in their own order, times and versions as texts. */
function shape(value: Value): PlainValue {
  const given = plain(value)
  if (!(given instanceof GoStruct)) return given
  if (given.type.methods?.has('MarshalText')) return jsonFields(given)
  return new GoMap(
    exportedFields(given)
      .filter(([name]) => given.type.jsonNames?.get(name) !== '-')
      .flatMap(fieldEntries),
  )
}

/**
 * The fields of an embedded struct stand in the place of the field; lists and maps that were never set are nil in Go.
 */
function fieldEntries([name, value]: [string, Value]): [string, Value][] {
  const given = plain(value)
  if (name === 'Metadata' && given instanceof GoStruct) return exportedFields(given).flatMap(fieldEntries)
  const unset =
    (given instanceof GoList && given.items.length === 0) || (given instanceof GoMap && given.entries.size === 0)
  return unset ? [] : [[name, value]]
}

type Kind = 'nil' | 'table' | 'tables' | 'scalar'

function kindOf(value: Value): Kind {
  const given = shape(value)
  if (given === null || given === undefined || (given instanceof GoMap && given.isNil)) return 'nil'
  if (given instanceof GoMap) return 'table'
  if (!(given instanceof GoList) || given.items.length === 0) return 'scalar'
  const kinds = given.items.map(kindOf)
  if (kinds.includes('nil')) throw new GoError('toml: cannot encode array with nil element')
  return kinds.every((kind) => kind === 'table') ? 'tables' : 'scalar'
}

function newline(parts: Text[]): void {
  if (parts.length > 0) parts.push('\n')
}

function indentOf(key: Key): string {
  return '  '.repeat(Math.max(0, key.length - 1))
}

function encode(parts: Text[], key: Key, value: Value): void {
  const kind = kindOf(value)
  const given = shape(value)
  if (kind === 'table') {
    if (key.length === 1) newline(parts)
    if (key.length > 0) {
      parts.push(`${indentOf(key)}[${key.map(keyText).join('.')}]`)
      newline(parts)
    }
    encodeEntries(parts, key, given as GoMap, value)
  } else if (kind === 'tables') {
    if (key.length === 0) throw new GoError('toml: top-level values must be Go maps or structs')
    for (const item of (given as GoList).items) {
      newline(parts)
      parts.push(`${indentOf(key)}[[${key.map(keyText).join('.')}]]`)
      newline(parts)
      encodeEntries(parts, key, shape(item) as GoMap, item)
    }
  } else if (kind === 'scalar') {
    if (key.length > 0) parts.push(`${indentOf(key)}${keyText(key.at(-1) as string)} = `)
    encodeElement(parts, value)
    if (key.length > 0) newline(parts)
  }
}

/** The keys with their values, those that need a header of their own last. */
function ordered(map: GoMap, owner: Value): { readonly direct: string[]; readonly tables: string[] } {
  const keys = [...map.entries.keys()]
  if (!(plain(owner) instanceof GoStruct)) keys.sort(compareStrings)
  const isTable = (key: string): boolean => ['table', 'tables'].includes(kindOf(map.get(key)))
  return { direct: keys.filter((key) => !isTable(key)), tables: keys.filter(isTable) }
}

function encodeEntries(parts: Text[], key: Key, map: GoMap, owner: Value): void {
  take(entryBytes)
  const { direct, tables } = ordered(map, owner)
  for (const name of [...direct, ...tables]) encode(parts, [...key, name], map.get(name))
}

function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : bare(quoted(key))
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}

function quoted(text: Text): Text {
  const subject = bare(text)
  const pieces: Piece[] = ['"']
  let done = 0
  for (const { 0: char, index } of subject.matchAll(/["\\\p{Cc}]/gu)) {
    // Of the control characters those of ASCII alone are escaped.
    if (char > '\u007f') continue
    pieces.push([done, index], escapes[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
    done = index + 1
  }
  return rebuild(text, [...pieces, [done, subject.length], '"'])
}

function encodeElement(parts: Text[], value: Value): void {
  take(itemBytes)
  if (value instanceof TracedText) {
    parts.push(quoted(value))
    return
  }
  const given = shape(value)
  const local = writtenTime(value)
  if (local !== undefined) parts.push(local)
  else if (typeof given === 'string') {
    const isTime = given !== plain(value) && plain(value) instanceof GoStruct && /^\d{4}-\d\d-\d\dT/.test(given)
    parts.push(isTime ? given : quoted(given))
  } else if (given instanceof GoList) {
    parts.push('[')
    given.items.forEach((item, index) => {
      if (index > 0) parts.push(', ')
      encodeElement(parts, item)
    })
    parts.push(']')
  } else if (given instanceof GoBytes) parts.push(`[${given.bytes.join(', ')}]`)
  else if (given instanceof GoMap) encodeInline(parts, given, value)
  else {
    const text = scalarText(given)
    parts.push(value instanceof TracedScalar ? textFrom(text, value.origin) : text)
  }
}

function scalarText(value: PlainValue): string {
  if (value instanceof Int) {
    return value.type?.toText === undefined ? String(value.value) : bare(quoted(value.type.toText(value)))
  }
  if (typeof value !== 'number') return value === true ? 'true' : 'false'
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value < 0 ? '-inf' : 'inf'
  const text = formatFloat(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

function encodeInline(parts: Text[], map: GoMap, owner: Value): void {
  const { direct, tables } = ordered(map, owner)
  const write = (names: readonly string[], more: boolean): void => {
    names.forEach((name, index) => {
      const value = map.get(name)
      if (kindOf(value) === 'nil') return
      parts.push(`${keyText(name)} = `)
      encodeElement(parts, value)
      if (more || index < names.length - 1) parts.push(', ')
    })
  }
  parts.push('{')
  write(direct, tables.length > 0)
  write(tables, false)
  parts.push('}')
}
