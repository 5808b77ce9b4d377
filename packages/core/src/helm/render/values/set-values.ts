// Assignments as `--set`, `--set-string`, `--set-file`, `--set-json` and `--set-literal` take them: `a.b[0]=x,c={1,2}`
// (Helm's pkg/strvals).
import { GoError, GoList, GoMap, int64, type Value } from '../../template/value.ts'
import { readJson } from '../../yaml/go/read-json.ts'

// Helm's own bounds.
const maxIndex = 65_536
const maxNesting = 30

/** Makes the value of what stands behind `=`. */
export type ReadAssigned = (text: string) => Value

/** What `--set` makes of a text: booleans, null, integers, else a string. */
export function typedValue(text: string): Value {
  switch (text.toLowerCase()) {
    case 'true':
      return true
    case 'false':
      return false
    case 'null':
      return null
    case '0':
      return int64(0)
  }
  if (!/^[+-]?[1-9]\d*$|^[+-]0\d*$/.test(text)) return text
  const value = BigInt(text.replace('+', ''))
  return BigInt.asIntN(64, value) === value ? int64(value) : text
}

/** The characters up to one of the stops, `\` taking the next one as it is. */
interface Piece {
  readonly text: string
  /** Undefined at the end of the assignments. */
  readonly stop: string | undefined
}

/** Reads an assignment line from left to right. */
class Reader {
  private readonly characters: readonly string[]
  /** Whether `\\` takes the next character as it is. */
  private readonly escapes: boolean
  private position = 0

  constructor(line: string, escapes = true) {
    this.characters = Array.from(line)
    this.escapes = escapes
  }

  get atEnd(): boolean {
    return this.position >= this.characters.length
  }

  until(stops: string): Piece {
    let text = ''
    while (!this.atEnd) {
      const character = this.characters[this.position++] as string
      if (stops.includes(character)) return { text, stop: character }
      text += this.escapes && character === '\\' ? (this.characters[this.position++] ?? '') : character
    }
    return { text, stop: undefined }
  }

  /** All that is left. */
  rest(): string {
    return this.characters.slice(this.position).join('')
  }

  /** Passes over so much of the text that is left. */
  skip(text: string): void {
    this.position += Array.from(text).length
  }

  /** Passes over blanks and one comma; true where nothing stands before it, or before the end. */
  skipToComma(): boolean {
    while (!this.atEnd) {
      const character = this.characters[this.position] as string
      if (character !== ',' && !/\s/u.test(character)) return false
      this.position++
      if (character === ',') return true
    }
    return true
  }

  /** Takes the character when it is the next one. */
  take(character: string): boolean {
    if (this.characters[this.position] !== character) return false
    this.position++
    return true
  }
}

/**
 * Applies a line of assignments to values, which are changed.
 * Throws GoError with Helm's words: `key "a" has no value`, `negative -1 index not allowed`.
 */
export function assignValues(values: GoMap, line: string, read: ReadAssigned = typedValue): void {
  assignAll(new Reader(line), values, { keyStops: '=[,.', value: (reader) => readValue(reader, read) })
}

/** As `assignValues`, of JSON: `a=[1,{"b":null}],c="x"`; what is empty is null. */
export function assignJson(values: GoMap, line: string, read: (value: Value) => Value = (value) => value): void {
  assignAll(new Reader(line), values, { keyStops: '=[,.', value: (reader) => read(readJsonValue(reader)) })
}

/** As `assignValues`, of one text that is taken to its end as it is: `a.b=1,2\\3`. */
export function assignLiteral(values: GoMap, line: string, read: ReadAssigned = (text) => text): void {
  const value = (reader: Reader): Value => {
    const text = reader.rest()
    reader.skip(text)
    return read(text)
  }
  assignAll(new Reader(line, false), values, { keyStops: '=[.', value })
}

/** What tells the kinds of assignments apart. */
interface Grammar {
  readonly keyStops: string
  /** Reads what stands behind `=`. */
  readonly value: (reader: Reader) => Value
}

function assignAll(reader: Reader, values: GoMap, grammar: Grammar): void {
  while (!reader.atEnd) assignKey(reader, values, 0, grammar)
}

function readJsonValue(reader: Reader): Value {
  if (reader.skipToComma()) return null
  const text = firstJson(reader.rest())
  const value = readJson(text)
  reader.skip(text)
  reader.skipToComma()
  return value
}

/** The first value of JSON in a text; the text itself where none ends in it. */
function firstJson(text: string): string {
  const [plain] = /^[^\s,[\]{}"]+/.exec(text) ?? []
  if (plain !== undefined) return plain
  let depth = 0
  let isInside = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (isInside && character === '\\') at++
    else if (character === '"') isInside = !isInside
    else if (!isInside && '[{'.includes(character)) depth++
    else if (!isInside && ']}'.includes(character)) depth--
    if (depth === 0 && !isInside) return text.slice(0, at + 1)
  }
  return text
}

function assignKey(reader: Reader, values: GoMap, nesting: number, grammar: Grammar): void {
  const { text: key, stop } = reader.until(grammar.keyStops)
  switch (stop) {
    case undefined:
      if (key !== '') throw new GoError(`key ${JSON.stringify(key)} has no value`)
      return
    case ',':
      throw new GoError(`key ${JSON.stringify(key)} has no value (cannot end with ,)`)
    case '=':
      put(values, key, grammar.value(reader))
      return
    case '[': {
      const list = values.entries.get(key) ?? new GoList([])
      if (!(list instanceof GoList)) throw new GoError(`unable to parse key: ${key} is not a list`)
      put(values, key, assignItem(reader, list, readIndex(reader), nesting, grammar))
      return
    }
  }
  if (nesting >= maxNesting) {
    throw new GoError(`value name nested level is greater than maximum supported nested level of ${maxNesting}`)
  }
  const inner = values.entries.has(key) ? values.entries.get(key) : new GoMap()
  if (!(inner instanceof GoMap)) throw new GoError(`unable to parse key: ${key} is not a table`)
  assignKey(reader, inner, nesting + 1, grammar)
  if (inner.entries.size === 0) throw new GoError(`key map ${JSON.stringify(key)} has no value`)
  put(values, key, inner)
}

function put(values: GoMap, key: string, value: Value): void {
  if (key !== '') values.entries.set(key, value)
}

function readIndex(reader: Reader): number {
  const { text, stop } = reader.until(']')
  if (stop === undefined) throw new GoError('error parsing index: EOF')
  if (!/^[+-]?\d+$/.test(text)) {
    throw new GoError(`error parsing index: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  const index = Number(text)
  if (index < 0) throw new GoError(`negative ${index} index not allowed`)
  if (index > maxIndex) {
    throw new GoError(`index of ${index} is greater than maximum supported index of ${maxIndex}`)
  }
  return index
}

/** What stands behind `]`: a value, another index, or a key of a table. */
function assignItem(reader: Reader, list: GoList, index: number, nesting: number, grammar: Grammar): GoList {
  const { text, stop } = reader.until('[.=')
  if (text !== '') throw new GoError(`unexpected data at end of array index: ${JSON.stringify(text)}`)
  const present = list.items[index]
  switch (stop) {
    case '=':
      return withItem(list, index, grammar.value(reader))
    case '[': {
      const inner = present instanceof GoList ? present : new GoList([])
      return withItem(list, index, assignItem(reader, inner, readIndex(reader), nesting, grammar))
    }
    case '.': {
      const inner = present instanceof GoMap ? present : new GoMap()
      assignKey(reader, inner, nesting, grammar)
      return withItem(list, index, inner)
    }
    default:
      throw new GoError('EOF')
  }
}

function withItem(list: GoList, index: number, value: Value): GoList {
  const items = [...list.items]
  while (items.length <= index) items.push(null)
  items[index] = value
  return new GoList(items)
}

/** The value behind `=`: a list in braces, or text up to the comma. */
function readValue(reader: Reader, read: ReadAssigned): Value {
  if (reader.atEnd) return ''
  if (!reader.take('{')) return read(reader.until(',').text)
  const items: Value[] = []
  for (;;) {
    const { text, stop } = reader.until(',}')
    if (stop === undefined) throw new GoError("list must terminate with '}'")
    items.push(read(text))
    if (stop === ',') continue
    reader.take(',')
    return new GoList(items)
  }
}
