// Reading TOML as BurntSushi/toml does, which Helm's fromToml calls, with its words for what is wrong.
import { ChartferryError } from '../../../errors.ts'
import { defaultLimits } from '../../../limits.ts'
import { quoted } from '../../template/quote.ts'
import { bare } from '../../template/text.ts'
import { GoError, GoList, GoMap, type GoType, type Value } from '../../template/value.ts'
import { readNumber, readString, showCharacter, type TomlCursor } from './toml-scalar.ts'

interface Parser extends TomlCursor {
  readonly root: GoMap
  /** The table that keys belong to. */
  context: readonly string[]
  currentKey: string
  depth: number
  /** Tables that only exist because of what stands below them; they may be opened once. */
  readonly implicit: Set<string>
}

const tableList: GoType = { name: '[]map[string]interface {}' }

/** The map of a TOML text. Throws GoError: `toml: line 2 (last key "a"): Key 'a' has already been defined.` */
export function readToml(source: string): GoMap {
  const text = source.replace(/^\ufeff/, '')
  const parser: Parser = {
    text,
    at: 0,
    fail: (message, at) => failAt(parser, message, at ?? parser.at),
    root: new GoMap(),
    context: [],
    currentKey: '',
    depth: 0,
    implicit: new Set(),
  }
  while (skipLines(parser)) readTopLevel(parser)
  return parser.root
}

function keyName(key: readonly string[]): string {
  return key.map((part) => (/^[A-Za-z0-9_-]+$/.test(part) ? part : bare(quoted(part)))).join('.')
}

function failAt(parser: Parser, message: string, at: number): never {
  const before = at >= parser.text.length && parser.text.endsWith('\n') ? parser.text.length - 1 : at
  const line = parser.text.slice(0, before).split('\n').length
  const { context, currentKey } = parser
  const last = [keyName(context), currentKey].filter((part) => part !== '').join('.')
  const where = last === '' ? `line ${line}` : `line ${line} (last key ${bare(quoted(last))})`
  throw new GoError(`toml: ${where}: ${message}`)
}

function skipBlanks(parser: Parser): void {
  while (/[ \t]/.test(parser.text.charAt(parser.at))) parser.at++
}

function skipComment(parser: Parser): void {
  while (parser.at < parser.text.length && parser.text.charAt(parser.at) !== '\n') parser.at++
}

/** Passes empty lines and comments; false at the end. */
function skipLines(parser: Parser): boolean {
  for (;;) {
    while (/[ \t\r\n]/.test(parser.text.charAt(parser.at))) parser.at++
    if (parser.text.charAt(parser.at) !== '#') return parser.at < parser.text.length
    skipComment(parser)
  }
}

function readTopLevel(parser: Parser): void {
  const start = parser.at
  if (parser.text.startsWith('[[', start)) {
    parser.at += 2
    const key = readHeader(parser, ']]')
    openTable(parser, key, true, start)
  } else if (parser.text.charAt(start) === '[') {
    parser.at++
    const key = readHeader(parser, ']')
    openTable(parser, key, false, start)
  } else {
    const outer = parser.context
    readPair(parser)
    parser.context = outer
    parser.currentKey = ''
  }
  skipBlanks(parser)
  if (parser.text.charAt(parser.at) === '#') skipComment(parser)
  if (/^(?:\r?\n|$)/.test(parser.text.slice(parser.at, parser.at + 2))) return
  parser.fail(
    `expected a top-level item to end with a newline, comment, or EOF, but got ${showCharacter(parser)} instead`,
  )
}

function readHeader(parser: Parser, close: string): string[] {
  const key: string[] = []
  for (;;) {
    skipBlanks(parser)
    const char = parser.text.charAt(parser.at)
    if (char === ']' || char === '') parser.fail('unexpected end of table name (table names cannot be empty)')
    if (char === '.') parser.fail('unexpected table separator (table names cannot be empty)')
    key.push(readKeyPart(parser))
    skipBlanks(parser)
    if (parser.text.charAt(parser.at) === '.') parser.at++
    else if (parser.text.startsWith(close, parser.at)) break
    else if (parser.text.charAt(parser.at) === ']') {
      parser.at++
      failBehind(parser, `expected end of table array name delimiter ']', but got ${showCharacter(parser)} instead`)
    } else failBehind(parser, `expected '.' or ']' to end table name, but got ${showCharacter(parser)} instead`)
  }
  parser.at += close.length
  return key
}

/** Fails at the character here; where it is a line break, the library has read it by then. */
function failBehind(parser: Parser, message: string): never {
  return parser.fail(message, parser.at + (parser.text.charAt(parser.at) === '\n' ? 1 : 0))
}

function readKeyPart(parser: Parser): string {
  const char = parser.text.charAt(parser.at)
  if (char === '"' || char === "'") return readString(parser)
  const name = /[A-Za-z0-9_-]+/y
  name.lastIndex = parser.at
  const found = name.exec(parser.text)?.[0] ?? ''
  parser.at += found.length
  return found
}

/** `key = value`, into the table of the context. */
function readPair(parser: Parser): void {
  const start = parser.at
  const first = parser.text.charAt(start)
  if (first === '=' || first === '') parser.fail("unexpected '=': key name appears blank")
  if (first === '.') parser.fail("unexpected '.': keys cannot start with a '.'")
  const key: string[] = []
  for (;;) {
    skipBlanks(parser)
    const next = parser.text.charAt(parser.at)
    if (key.length > 0 && (next === '=' || next === '.' || next === '')) {
      parser.fail(`unexpected '${next === '.' ? '.' : '='}'`)
    }
    key.push(readKeyPart(parser))
    skipBlanks(parser)
    const char = parser.text.charAt(parser.at)
    if (char === '=') break
    if (char === '') parser.fail("unexpected EOF; expected key separator '='")
    if (char !== '.') parser.fail(`expected '.' or '=', but got ${showCharacter(parser)} instead`)
    parser.at++
  }
  parser.at++
  parser.currentKey = key.at(-1) as string
  for (const part of key.slice(0, -1)) {
    parser.implicit.add(keyName([...parser.context, part]))
    openTable(parser, [...parser.context, part], false, start)
  }
  const value = readValue(parser)
  setValue(parser, parser.currentKey, value, start)
}

function readValue(parser: Parser): Value {
  skipBlanks(parser)
  const { text } = parser
  const char = text.charAt(parser.at)
  if (char === '"' || char === "'") return readString(parser)
  if (char === '[') return nested(parser, readArray)
  if (char === '{') return nested(parser, readInlineTable)
  if (/[0-9+-]/.test(char)) return readNumber(parser)
  if (char === '.') parser.fail("floats must start with a digit, not '.'")
  if (/^(?:inf|nan)/.test(text.slice(parser.at, parser.at + 3))) return readNumber(parser)
  const word = /^\p{L}*/u.exec(text.slice(parser.at, parser.at + 64))?.[0] ?? ''
  if (word === 'true' || word === 'false') {
    parser.at += word.length
    return word === 'true'
  }
  if (word !== '') {
    // What looked like `inf` or `nan` has lost its first letter by now.
    const found = /^[in][na]/.test(word) ? word.slice(1) : word
    parser.fail(`expected value but found ${bare(quoted(found))} instead`)
  }
  return parser.fail(
    char === '' ? 'unexpected EOF; expected value' : `expected value but found ${showCharacter(parser)} instead`,
  )
}

function nested(parser: Parser, read: (parser: Parser) => Value): Value {
  if (++parser.depth > defaultLimits.yamlDepth) {
    throw new ChartferryError('DEPTH_EXCEEDED', `TOML text is nested deeper than ${defaultLimits.yamlDepth} levels`)
  }
  parser.at++
  const value = read(parser)
  parser.depth--
  return value
}

function ended(parser: Parser): string {
  return parser.at >= parser.text.length ? 'end of file' : `'${parser.text.charAt(parser.at)}'`
}

function readArray(parser: Parser): Value {
  const items: Value[] = []
  for (;;) {
    skipLines(parser)
    if (parser.text.charAt(parser.at) === ',') parser.fail('unexpected comma')
    if (parser.text.charAt(parser.at) === ']') break
    items.push(readValue(parser))
    skipLines(parser)
    const char = parser.text.charAt(parser.at)
    if (char === ']') break
    if (char !== ',') parser.fail(`expected a comma (',') or array terminator (']'), but got ${ended(parser)}`)
    parser.at++
  }
  parser.at++
  return new GoList(items)
}

/** An inline table has keys of its own, which is why it is read as a document of its own. */
function readInlineTable(parser: Parser): Value {
  const inner: Parser = { ...parser, root: new GoMap(), implicit: new Set(), context: [], currentKey: '' }
  const outer = [...parser.context, parser.currentKey]
  const fail = (message: string, at?: number): never => {
    failAt({ ...inner, context: [...outer, ...inner.context] }, message, at ?? inner.at)
  }
  Object.assign(inner, { fail })
  const before = tableAt(parser, parser.context, parser.at).entries.get(parser.currentKey)
  const existing = before instanceof GoMap ? before : undefined
  for (;;) {
    skipLines(inner)
    if (inner.text.charAt(inner.at) === ',') inner.fail('unexpected comma')
    if (inner.text.charAt(inner.at) === '}') break
    readPair(inner)
    const taken = [...inner.root.entries.keys()].find((key) => existing?.entries.has(key))
    if (taken !== undefined) inner.fail(`Key '${keyName([...outer, taken])}' has already been defined.`)
    inner.context = []
    skipLines(inner)
    const char = inner.text.charAt(inner.at)
    if (char === '}') break
    if (char !== ',') {
      inner.fail(`expected a comma or an inline table terminator '}', but got ${ended(inner)} instead`)
    }
    inner.at++
  }
  parser.at = inner.at + 1
  return inner.root
}

/** The table at a key, the last one where the key is a list of tables. */
function tableAt(parser: Parser, key: readonly string[], at: number): GoMap {
  let table = parser.root
  for (const [index, part] of key.entries()) {
    const name = keyName(key.slice(0, index + 1))
    let next = table.entries.get(part)
    if (next === undefined) {
      next = new GoMap()
      parser.implicit.add(name)
      table.set(part, next)
    }
    if (next instanceof GoList && next.type === tableList) next = next.items.at(-1)
    if (!(next instanceof GoMap)) parser.fail(`Key '${name}' was already created as a hash.`, at)
    table = next as GoMap
  }
  return table
}

function openTable(parser: Parser, key: readonly string[], isArray: boolean, at: number): void {
  const parent = key.slice(0, -1)
  const name = key.at(-1) as string
  const table = tableAt(parser, parent, at)
  parser.context = parent
  if (isArray) {
    const old = table.entries.get(name)
    if (old !== undefined && !(old instanceof GoList && old.type === tableList)) {
      parser.fail(`Key '${keyName(key)}' was already created and cannot be used as an array.`, at)
    }
    table.set(name, new GoList([...(old instanceof GoList ? old.items : []), new GoMap()], tableList))
  } else setValue(parser, name, new GoMap(), at)
  parser.context = key
}

function setValue(parser: Parser, name: string, value: Value, at: number): void {
  const key = [...parser.context, name]
  const table = tableAt(parser, parser.context, at)
  if (!table.entries.has(name)) table.set(name, value)
  // A table that is only implied may be opened, which keeps what it holds.
  else if (!parser.implicit.delete(keyName(key))) parser.fail(`Key '${keyName(key)}' has already been defined.`, at)
}
