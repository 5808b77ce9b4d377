// Go's fmt for integers and floating-point numbers, with all flags.
import type { Flags } from './directive.ts'
import { formatExponent, formatFixed, formatFloat } from './float.ts'
import { formatBinary, formatHex } from './float-binary.ts'
import { quoted } from './quote.ts'
import { bare } from './text.ts'
import type { Int } from './value.ts'

/** Padded to the width in characters, with spaces or zeros; zeros only before it. */
export function padText(text: string, flags: Flags): string {
  const missing = (flags.width ?? 0) - Array.from(text).length
  if (missing <= 0) return text
  return flags.minus ? text + ' '.repeat(missing) : (flags.zero ? '0' : ' ').repeat(missing) + text
}

const radixes: Readonly<Record<string, number>> = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }

/** An integer by a verb; undefined where the verb does not fit. */
export function formatInteger(value: Int, verb: string, flags: Flags): string | undefined {
  const { value: number } = value
  const isCharacter = number >= 0n && number <= 0x10ffffn && !(number >= 0xd800n && number <= 0xdfffn)
  const character = isCharacter ? String.fromCodePoint(Number(number)) : '\ufffd'
  if (verb === 'c') return padText(character, flags)
  if (verb === 'q') return padText(bare(quoted(character, { mark: "'", ascii: flags.plus })), flags)
  if (verb === 'U') return formatUnicode(number, isCharacter ? character : undefined, flags)
  const radix = radixes[verb]
  if (radix === undefined) return undefined
  const plain = { ...flags, zero: false }
  if (flags.precision === 0 && number === 0n) return padText('', plain)
  const negative = number < 0n
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  const filled = flags.zero && !flags.minus && flags.width !== undefined ? flags.width - sign.length : 0
  const digits = (negative ? -number : number).toString(radix).padStart(flags.precision ?? filled, '0')
  const prefix = verb === 'O' ? '0o' : flags.sharp ? prefixOf(verb, digits) : ''
  return padText(sign + prefix + (verb === 'X' ? digits.toUpperCase() : digits), plain)
}

function prefixOf(verb: string, digits: string): string {
  if (verb === 'o') return digits.startsWith('0') ? '' : '0'
  return { b: '0b', x: '0x', X: '0X' }[verb] ?? ''
}

/** `U+0041`, with `#` also the character. */
function formatUnicode(number: bigint, character: string | undefined, flags: Flags): string {
  const digits = BigInt.asUintN(64, number).toString(16).toUpperCase()
  const shown = flags.sharp && character !== undefined && isPrintable(character) ? ` '${character}'` : ''
  return padText(`U+${digits.padStart(Math.max(4, flags.precision ?? 0), '0')}${shown}`, { ...flags, zero: false })
}

function isPrintable(character: string): boolean {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)
}

/** A float64 by a verb; undefined where the verb does not fit. */
export function formatFloatVerb(value: number, verb: string, flags: Flags): string | undefined {
  const spelled = spell(value, verb, flags.precision)
  if (spelled === undefined) return undefined
  const unsigned = spelled.replace(/^[+-]/, '')
  const negative = spelled.startsWith('-')
  if (!Number.isFinite(value)) {
    const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : Number.isNaN(value) ? '' : '+'
    return padText(sign + unsigned, { ...flags, zero: false })
  }
  const digits = flags.sharp && verb !== 'b' ? withPoint(unsigned, verb, flags.precision) : unsigned
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  if (sign !== '' && flags.zero && !flags.minus && flags.width !== undefined) {
    return sign + digits.padStart(flags.width - 1, '0')
  }
  return padText(sign + digits, flags)
}

function spell(value: number, verb: string, precision: number | undefined): string | undefined {
  switch (verb) {
    case 'v':
    case 'g':
      return formatFloat(value, precision)
    case 'G':
      return formatFloat(value, precision).replace('e', 'E')
    case 'f':
    case 'F':
      return formatFixed(value, precision)
    case 'e':
      return formatExponent(value, precision)
    case 'E':
      return formatExponent(value, precision).replace('e', 'E')
    case 'b':
      return formatBinary(value)
    case 'x':
      return formatHex(value, precision)
    case 'X':
      return Number.isFinite(value) ? formatHex(value, precision).toUpperCase() : formatHex(value, precision)
    default:
      return undefined
  }
}

/** The flag `#`: a decimal point always, and for `g` the zeros at the end. */
function withPoint(text: string, verb: string, precision: number | undefined): string {
  const tailAt = text.search(verb === 'x' || verb === 'X' ? /[pP]/ : /[eEpP]/)
  const number = tailAt < 0 ? text : text.slice(0, tailAt)
  const tail = tailAt < 0 ? '' : text.slice(tailAt)
  const counts = verb === 'v' || verb === 'g' || verb === 'G' || verb === 'x'
  const significant = number.replace('.', '').replace(/^0+/, '').length
  let missing = counts ? (precision ?? 6) - significant : 0
  let pointed = number
  if (!number.includes('.')) {
    // The digit of zero itself counts.
    if (number === '0') missing--
    pointed += '.'
  }
  return pointed + '0'.repeat(Math.max(0, missing)) + tail
}
