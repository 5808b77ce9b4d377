// Escapes and bracketed classes of regular expressions, as Go's package regexp/syntax reads them.
import { GoError } from '../../template/value.ts'
import { type CharacterSet, folded, namedSet, rangeSet, unicodeSet } from './characters.ts'

function fail(problem: string, expression: string): never {
  throw new GoError(`error parsing regexp: ${problem}: \`${expression}\``)
}

/** A set and where the expression goes on. */
export interface ReadSet {
  readonly set: CharacterSet
  readonly end: number
}

const not =
  (set: CharacterSet): CharacterSet =>
  (code) =>
    !set(code)

/** `\d`, `\W`, `\pL`, `\P{Greek}` at a place; undefined for other escapes. Throws GoError for an unknown property. */
export function parseNamedEscape(text: string, at: number, fold: boolean): ReadSet | undefined {
  const letter = text[at + 1] ?? ''
  if (text[at] !== '\\') return undefined
  if (letter === 'p' || letter === 'P') return parseProperty(text, at, fold)
  if (!/^[dswDSW]$/.test(letter)) return undefined
  const set = namedSet(letter.toLowerCase()) as CharacterSet
  return { set: foldedIf(fold, letter < 'a' ? not(set) : set), end: at + 2 }
}

function foldedIf(fold: boolean, set: CharacterSet): CharacterSet {
  return fold ? folded(set) : set
}

function parseProperty(text: string, at: number, fold: boolean): ReadSet | undefined {
  const first = text.codePointAt(at + 2)
  if (first === undefined) return undefined
  let end = at + 2 + (first > 0xffff ? 2 : 1)
  let name = text.slice(at + 2, end)
  if (name === '{') {
    end = text.indexOf('}', at) + 1
    if (end === 0) fail('invalid character class range', text.slice(at))
    name = text.slice(at + 3, end - 1)
  }
  const negated = name.startsWith('^') !== (text[at + 1] === 'P')
  const found = unicodeSet(name.replace(/^\^/, ''))
  if (found === undefined) fail('invalid character class range', text.slice(at, end))
  const set = foldedIf(fold, found)
  return { set: negated ? not(set) : set, end }
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 }

/** An escape that stands for one character. Throws GoError with Go's words. */
export function parseEscape(text: string, at: number): { readonly code: number; readonly end: number } {
  if (at + 1 >= text.length) fail('trailing backslash at end of expression', '')
  const code = text.codePointAt(at + 1) as number
  const char = String.fromCodePoint(code)
  const next = at + 1 + char.length
  if (code < 0x80 && !/[0-9A-Za-z]/.test(char)) return { code, end: next }
  const octal = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(text.slice(at + 1, at + 4))
  if (octal !== null) return { code: Number.parseInt(octal[0], 8), end: at + 1 + octal[0].length }
  if (char === 'x') return parseHex(text, at, next)
  const control = Object.hasOwn(controls, char) ? controls[char] : undefined
  if (control === undefined) fail('invalid escape sequence', text.slice(at, next))
  return { code: control, end: next }
}

function parseHex(text: string, at: number, start: number): { readonly code: number; readonly end: number } {
  const braces = /^\{([0-9A-Fa-f]+)\}/.exec(text.slice(start))
  const digits = braces?.[1] ?? /^[0-9A-Fa-f]{2}/.exec(text.slice(start))?.[0]
  const code = Number.parseInt(digits ?? '', 16)
  if (digits !== undefined && code <= 0x10ffff) return { code, end: start + (braces?.[0].length ?? 2) }
  // The error names what was read until then.
  const read = /^(?:\{[0-9A-Fa-f]*.?|.{0,2})/su.exec(text.slice(start))?.[0] ?? ''
  fail('invalid escape sequence', text.slice(at, start + read.length))
}

/** A class in brackets at a place. Throws GoError with Go's words. */
export function parseClass(text: string, start: number, fold: boolean): ReadSet {
  const negated = text[start + 1] === '^'
  const sets: CharacterSet[] = []
  let at = start + (negated ? 2 : 1)
  for (let first = true; first || text[at] !== ']'; first = false) {
    const named = parsePosix(text, at, fold) ?? parseNamedEscape(text, at, fold)
    if (named !== undefined) {
      sets.push(named.set)
      at = named.end
      continue
    }
    const low = parseCharacter(text, at, start)
    let high = low
    if (text[low.end] === '-' && low.end + 1 < text.length && text[low.end + 1] !== ']') {
      high = parseCharacter(text, low.end + 1, start)
      if (high.code < low.code) fail('invalid character class range', text.slice(at, high.end))
    }
    sets.push(rangeSet(low.code, high.code, fold))
    at = high.end
  }
  const any: CharacterSet = sets.length === 1 ? (sets[0] as CharacterSet) : (code) => sets.some((set) => set(code))
  return { set: negated ? not(any) : any, end: at + 1 }
}

function parseCharacter(text: string, at: number, start: number): { readonly code: number; readonly end: number } {
  if (at >= text.length) fail('missing closing ]', text.slice(start))
  if (text[at] === '\\') return parseEscape(text, at)
  const code = text.codePointAt(at) as number
  return { code, end: at + (code > 0xffff ? 2 : 1) }
}

/** `[:alnum:]` or `[:^alnum:]` within brackets. */
function parsePosix(text: string, at: number, fold: boolean): ReadSet | undefined {
  if (!text.startsWith('[:', at) || at + 2 >= text.length) return undefined
  const close = text.indexOf(':]', at + 2)
  if (close < 0) return undefined
  const name = text.slice(at + 2, close)
  const set = name.length > 1 || name === '' ? namedSet(name.replace(/^\^/, '')) : undefined
  if (set === undefined || name.replace(/^\^/, '').length < 4) {
    fail('invalid character class range', text.slice(at, close + 2))
  }
  const whole = foldedIf(fold, set)
  return { set: name.startsWith('^') ? not(whole) : whole, end: close + 2 }
}
