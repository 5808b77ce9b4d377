// Spelling of words: snake, kebab and camel case, titles, initials (huandu/xstrings and Masterminds/goutils).
import { bytesOf } from '../template/bytes.ts'
import { define } from '../template/function.ts'
import { respell } from '../template/text.ts'
import type { GoFunction } from '../template/value.ts'
import {
  isDigit,
  isLetter,
  isLower,
  isNumber,
  isPunctuation,
  isSpace,
  isTitle,
  isUpper,
  latin1Characters,
  toLower,
  toUpper,
} from './characters.ts'

type WordKind = 'none' | 'number' | 'upper' | 'letters' | 'connector' | 'punctuation' | 'other'

interface Word {
  readonly kind: WordKind
  readonly characters: readonly string[]
}

const isConnector = (character: string): boolean => character === '-' || character === '_' || isSpace(character)

/** A letter, but none of Chinese. */
function isAlphabetic(character: string): boolean {
  return isLetter(character) && !/^[\u3400-\u4d85\u4e00-\u9fcc\u{20000}-\u{2b81d}]$/u.test(character)
}

/** The words of a text: runs of one kind, where a capital begins a word and several capitals are one. */
function* wordsOf(text: string): Generator<Word> {
  const all = Array.from(text)
  for (let at = 0; at < all.length; ) {
    const [kind, end] = wordAt(all, at)
    yield { kind, characters: all.slice(at, end) }
    at = end
  }
  // The end is a word too.
  while (true) yield { kind: 'none', characters: [] }
}

function wordAt(all: readonly string[], at: number): [WordKind, number] {
  const first = all[at] as string
  const run = (from: number, belongs: (character: string) => boolean): number => {
    let end = from
    while (end < all.length && belongs(all[end] as string)) end++
    return end
  }
  const isSmall = (character: string): boolean => isAlphabetic(character) && !isUpper(character)
  if (isConnector(first)) return ['connector', run(at + 1, isConnector)]
  if (isPunctuation(first)) return ['punctuation', run(at + 1, isPunctuation)]
  if (isUpper(first)) {
    const capitals = run(at + 1, isUpper)
    if (capitals === at + 1) return ['upper', run(at + 1, isSmall)]
    // In HTTPStatus the S belongs to the word behind.
    return ['upper', capitals < all.length && isAlphabetic(all[capitals] as string) ? capitals - 1 : capitals]
  }
  if (isAlphabetic(first)) return ['letters', run(at + 1, isSmall)]
  if (isNumber(first)) return ['number', run(at + 1, isNumber)]
  const isOther = (character: string): boolean =>
    !isConnector(character) && !isAlphabetic(character) && !isNumber(character) && !isPunctuation(character)
  return ['other', run(at + 1, isOther)]
}

/** xstrings.ToSnakeCase and ToKebabCase: words in lower case, joined by the connector. */
function joinWords(text: string, connector: string): string {
  const words = wordsOf(text)
  const next = (): Word => words.next().value as Word
  let left = Array.from(text).length
  const take = (): Word => {
    const word = next()
    left -= word.characters.length
    return word
  }
  let out = ''
  const add = ({ kind, characters }: Word): void => {
    if (kind !== 'upper' && kind !== 'connector') out += characters.join('')
    else out += characters.map((character) => (isConnector(character) ? connector : toLower(character))).join('')
  }
  const addRun = (word: Word): Word => {
    let current = word
    for (; current.kind === 'letters' || current.kind === 'number'; current = take()) add(current)
    return current
  }
  const separates = (kind: WordKind): boolean => kind !== 'connector' && kind !== 'punctuation'
  let word = take()
  while (left > 0) {
    if (word.kind !== 'connector') add(word)
    const previous = word
    word = take()
    if (previous.kind === 'number') {
      word = addRun(word)
      if (word.kind !== 'none' && separates(word.kind)) out += connector
    } else if (previous.kind === 'connector') add(previous)
    else if (previous.kind !== 'punctuation') {
      if (word.kind !== 'number') {
        if (separates(word.kind)) out += connector
      } else if (left > 0) {
        const digits = word
        word = take()
        if (word.kind !== 'letters') {
          // The number is part of the word before it.
          add(digits)
          if (separates(word.kind)) out += connector
        } else {
          out += connector
          add(digits)
          word = addRun(word)
          if (word.kind !== 'none' && separates(word.kind)) out += connector
        }
      }
    }
  }
  add(word)
  return out
}

/** xstrings.ToPascalCase. */
function pascalCase(text: string): string {
  const all = Array.from(text)
  let at = 0
  let out = ''
  while (at < all.length && isConnector(all[at] as string)) out += all[at++]
  // The last of nothing but connectors is written twice: a fault of the library that shows.
  if (at >= all.length) return out + (all.at(-1) ?? '')
  const first = all[at++] as string
  let afterCapital = isUpper(first)
  let current = toUpper(first)
  for (; at < all.length; at++) {
    const previous = current
    current = all[at] as string
    if (isConnector(current) && isConnector(previous)) {
      out += previous
      continue
    }
    if (isConnector(previous)) {
      afterCapital = isUpper(current)
      current = toUpper(current)
    } else {
      if (afterCapital) {
        if (isUpper(current)) current = toLower(current)
        else afterCapital = false
      }
      out += previous
    }
  }
  return out + current
}

/** goutils.Uncapitalize: the first letter of each word in lower case. */
function untitled(text: string): string {
  let first = true
  return Array.from(text, (character) => {
    const changed = first && !isSpace(character) ? toLower(character) : character
    first = isSpace(character)
    return changed
  }).join('')
}

/** What ends a word for strings.Title. */
function endsTitleWord(character: string): boolean {
  if (character <= '\u007f') return !/[0-9A-Za-z_]/.test(character)
  return !isLetter(character) && !isDigit(character) && isSpace(character)
}

function swapCase(text: string): string {
  return Array.from(text, (character) => {
    if (isUpper(character) || isTitle(character)) return toLower(character)
    return isLower(character) ? toUpper(character) : character
  }).join('')
}

/** strings.Title changes each character that follows the end of a word, be it the end of another. */
function titled(text: string): string {
  let previous = ' '
  return Array.from(text, (character) => {
    const changed = endsTitleWord(previous) ? toUpper(character) : character
    previous = character
    return changed
  }).join('')
}

/** The first byte of each word, as a character of its own. */
function initials(text: string): string {
  let afterGap = true
  let out = ''
  for (const character of latin1Characters(bytesOf(text))) {
    if (!isSpace(character) && afterGap) out += character
    afterGap = isSpace(character)
  }
  return out
}

/** The functions of this family. */
export const caseFunctions: readonly GoFunction[] = [
  define('snakecase', ['text'], (text) => respell(text, (subject) => joinWords(subject, '_'))),
  define('kebabcase', ['text'], (text) => respell(text, (subject) => joinWords(subject, '-'))),
  define('camelcase', ['text'], (text) => respell(text, pascalCase)),
  define('swapcase', ['text'], (text) => respell(text, swapCase)),
  define('title', ['text'], (text) => respell(text, titled)),
  define('untitle', ['text'], (text) => respell(text, untitled)),
  define('initials', ['string'], initials),
]
