// Strings: trimming, cutting, searching, quoting, indenting (sprig's strings.go).
import { byteLength, byteSlice } from '../template/bytes.ts'
import { define, defineVariadic } from '../template/function.ts'
import { compareStrings, stringList } from '../template/kind.ts'
import { printed, strval } from '../template/print.ts'
import { quoted } from '../template/quote.ts'
import { bare, concat, join, replace, respell, slice, split, trim } from '../template/text.ts'
import { type GoFunction, GoList, GoMap, goTypes, plain, type Text, type Value } from '../template/value.ts'
import { isSpace, lowerCase, upperCase } from './characters.ts'
import { outOfRange, repeated } from './panic.ts'

/** sprig's strslice: the elements of a list as text, nil ones left out; anything else is a list of one. */
function textsOf(value: Value): Text[] {
  const given = plain(value)
  if (given === null || given === undefined) return []
  if (!(given instanceof GoList)) return [strval(value)]
  return given.items.filter((item) => plain(item) !== null && plain(item) !== undefined).map(strval)
}

function trunc(count: number, text: Text): Text {
  const length = byteLength(text)
  if (count < 0 && length + count > 0) return byteSlice(text, length + count, length)
  return count >= 0 && length > count ? byteSlice(text, 0, count) : text
}

function substr(start: number, end: number, text: Text): Text {
  const length = byteLength(text)
  if (start < 0) {
    if (end < 0) throw outOfRange(`[:${end}]`)
    if (end > length) throw outOfRange(`[:${end}] with length ${length}`)
    return byteSlice(text, 0, end)
  }
  if (end < 0 || end > length) {
    if (start > length) throw outOfRange(`[${start}:${length}]`)
    return byteSlice(text, start, length)
  }
  if (start > end) throw outOfRange(`[${start}:${end}]`)
  return byteSlice(text, start, end)
}

function trimSet(set: string, text: Text): Text {
  const characters = new Set(set)
  return trim(text, (character) => characters.has(character))
}

function trimPrefix(prefix: string, text: Text): Text {
  return prefix !== '' && bare(text).startsWith(prefix) ? slice(text, prefix.length) : text
}

function trimSuffix(suffix: string, text: Text): Text {
  const subject = bare(text)
  return suffix !== '' && subject.endsWith(suffix) ? slice(text, 0, subject.length - suffix.length) : text
}

function indent(spaces: number, text: Text): Text {
  const pad = repeated(' ', spaces)
  return concat([pad, replace(text, '\n', `\n${pad}`)])
}

function isNil(value: Value): boolean {
  const given = plain(value)
  return given === null || given === undefined
}

function numbered(parts: readonly Text[]): GoMap {
  return new GoMap(
    parts.map((part, index) => [`_${index}`, part]),
    goTypes.stringMap,
  )
}

/** The functions of this family. */
export const stringFunctions: readonly GoFunction[] = [
  define('hello', [], () => 'Hello!'),
  define('trunc', ['int', 'text'], trunc),
  define('trim', ['text'], (text) => trim(text, isSpace)),
  define('upper', ['text'], (text) => respell(text, upperCase)),
  define('lower', ['text'], (text) => respell(text, lowerCase)),
  define('substr', ['int', 'int', 'text'], substr),
  define('repeat', ['int', 'text'], (count, text) => {
    repeated(bare(text), count)
    return concat(Array.from({ length: count }, () => text))
  }),
  define('trimall', ['string', 'text'], trimSet),
  define('trimAll', ['string', 'text'], trimSet),
  define('trimSuffix', ['string', 'text'], trimSuffix),
  define('trimPrefix', ['string', 'text'], trimPrefix),
  define('contains', ['string', 'string'], (part, text) => text.includes(part)),
  define('hasPrefix', ['string', 'string'], (prefix, text) => text.startsWith(prefix)),
  define('hasSuffix', ['string', 'string'], (suffix, text) => text.endsWith(suffix)),
  defineVariadic('quote', [], 'any', (values) =>
    join(
      given(values).map((value) => quoted(strval(value))),
      ' ',
    ),
  ),
  defineVariadic('squote', [], 'any', (values) =>
    join(
      given(values).map((value) => concat(["'", printed(value), "'"])),
      ' ',
    ),
  ),
  defineVariadic('cat', [], 'any', (values) => join(given(values).map(printed), ' ')),
  define('indent', ['int', 'text'], indent),
  define('nindent', ['int', 'text'], (spaces, text) => concat(['\n', indent(spaces, text)])),
  define('replace', ['string', 'text', 'text'], (old, replacement, text) => replace(text, old, replacement)),
  define('plural', ['text', 'text', 'int'], (one, many, count) => (count === 1 ? one : many)),
  define('toString', ['any'], strval),
  define('toStrings', ['any'], (value) => stringList(textsOf(value))),
  define('join', ['text', 'any'], (separator, value) => join(textsOf(value), separator)),
  define('sortAlpha', ['any'], (value) => {
    const texts = plain(value) instanceof GoList ? textsOf(value) : [strval(value)]
    return stringList(texts.toSorted((a, b) => compareStrings(bare(a), bare(b))))
  }),
  define('split', ['string', 'text'], (separator, text) => numbered(split(text, separator))),
  define('splitn', ['string', 'int', 'text'], (separator, count, text) => numbered(split(text, separator, count))),
  define('splitList', ['string', 'text'], (separator, text) => stringList(split(text, separator))),
]

function given(values: readonly Value[]): Value[] {
  return values.filter((value) => !isNil(value))
}
