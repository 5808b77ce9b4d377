// Assignments as `--set`, `--set-string` and `--set-file` take them: `a.b[0]=x,c={1,2}` (Helm's pkg/strvals).
import { GoError, GoList, GoMap, int64, type Value } from '../../template/value.ts'

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
  private position = 0

  constructor(line: string) {
    this.characters = Array.from(line)
  }

  get atEnd(): boolean {
    return this.position >= this.characters.length
  }

  until(stops: string): Piece {
    let text = ''
    while (!this.atEnd) {
      const character = this.characters[this.position++] as string
      if (stops.includes(character)) return { text, stop: character }
      text += character === '\\' ? (this.characters[this.position++] ?? '') : character
    }
    return { text, stop: undefined }
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
  const reader = new Reader(line)
  while (!reader.atEnd) assignKey(reader, values, 0, read)
}

function assignKey(reader: Reader, values: GoMap, nesting: number, read: ReadAssigned): void {
  const { text: key, stop } = reader.until('=[,.')
  switch (stop) {
    case undefined:
      if (key !== '') throw new GoError(`key ${JSON.stringify(key)} has no value`)
      return
    case ',':
      throw new GoError(`key ${JSON.stringify(key)} has no value (cannot end with ,)`)
    case '=':
      put(values, key, readValue(reader, read))
      return
    case '[': {
      const list = values.entries.get(key) ?? new GoList([])
      if (!(list instanceof GoList)) throw new GoError(`unable to parse key: ${key} is not a list`)
      put(values, key, assignItem(reader, list, readIndex(reader), nesting, read))
      return
    }
  }
  if (nesting >= maxNesting) {
    throw new GoError(`value name nested level is greater than maximum supported nested level of ${maxNesting}`)
  }
  const inner = values.entries.has(key) ? values.entries.get(key) : new GoMap()
  if (!(inner instanceof GoMap)) throw new GoError(`unable to parse key: ${key} is not a table`)
  assignKey(reader, inner, nesting + 1, read)
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
function assignItem(reader: Reader, list: GoList, index: number, nesting: number, read: ReadAssigned): GoList {
  const { text, stop } = reader.until('[.=')
  if (text !== '') throw new GoError(`unexpected data at end of array index: ${JSON.stringify(text)}`)
  const present = list.items[index]
  switch (stop) {
    case '=':
      return withItem(list, index, readValue(reader, read))
    case '[': {
      const inner = present instanceof GoList ? present : new GoList([])
      return withItem(list, index, assignItem(reader, inner, readIndex(reader), nesting, read))
    }
    case '.': {
      const inner = present instanceof GoMap ? present : new GoMap()
      assignKey(reader, inner, nesting, read)
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
