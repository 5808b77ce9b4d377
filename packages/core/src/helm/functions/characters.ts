// Classes and cases of characters as Go's package unicode has them.

const space = /^[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/
const upper = /^\p{Lu}$/u
const lower = /^\p{Ll}$/u
const titleCase = /^\p{Lt}$/u
const letter = /^\p{L}$/u
const number = /^\p{N}$/u
const digit = /^\p{Nd}$/u
const punctuation = /^\p{P}$/u

/** unicode.IsSpace. */
export const isSpace = (character: string): boolean => space.test(character)
/** unicode.IsUpper. */
export const isUpper = (character: string): boolean => upper.test(character)
/** unicode.IsLower. */
export const isLower = (character: string): boolean => lower.test(character)
/** unicode.IsTitle. */
export const isTitle = (character: string): boolean => titleCase.test(character)
/** unicode.IsLetter. */
export const isLetter = (character: string): boolean => letter.test(character)
/** unicode.IsNumber. */
export const isNumber = (character: string): boolean => number.test(character)
/** unicode.IsDigit. */
export const isDigit = (character: string): boolean => digit.test(character)
/** unicode.IsPunct. */
export const isPunctuation = (character: string): boolean => punctuation.test(character)

/** unicode.ToUpper: one character for one, so `ß` stays. */
export function toUpper(character: string): string {
  return single(character, character.toUpperCase())
}

/** unicode.ToLower. */
export function toLower(character: string): string {
  // The one character whose lower case JavaScript writes with a mark of its own.
  return character === '\u0130' ? 'i' : single(character, character.toLowerCase())
}

function single(character: string, changed: string): string {
  return Array.from(changed).length === 1 ? changed : character
}

/** strings.ToUpper. */
export function upperCase(text: string): string {
  return isAscii(text) ? text.toUpperCase() : Array.from(text, toUpper).join('')
}

/** strings.ToLower. */
export function lowerCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : Array.from(text, toLower).join('')
}

/** Whether a text is ASCII alone. */
export function isAscii(text: string): boolean {
  return !/[^\p{ASCII}]/u.test(text)
}

/** The bytes of a text as characters of Latin-1: how goutils looks at strings. */
export function latin1Characters(bytes: Uint8Array): string[] {
  return Array.from(bytes, (byte) => String.fromCharCode(byte))
}
