// Numbers in text as Go's strconv reads them: signs, base prefixes, underscores between digits, hexadecimal floats.

const prefixed = /^(?:0([xX])([0-9a-fA-F_]+)|0([oO])([0-7_]+)|0([bB])([01_]+)|0([0-7_]+)|(0|[1-9][0-9_]*))$/
const decimalFloat = /^[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?$/
const hexFloat = /^([+-]?)0[xX]([0-9a-fA-F_]*)\.?([0-9a-fA-F_]*)[pP]([+-]?\d[\d_]*)$/
const maxInt64 = 2n ** 63n - 1n

/** Why a number was not read, in strconv's words. */
export type NumberProblem = 'invalid syntax' | 'value out of range'

/**
 * strconv.ParseInt with 64 bits. `base` 0 takes the base from the prefix and allows underscores; base 8 and 10 take
 * digits only. A number beyond the range is the problem, not the value.
 */
export function parseGoInt(text: string, base: 0 | 2 | 8 | 10): bigint | NumberProblem {
  const negative = text.startsWith('-')
  const digits = negative || text.startsWith('+') ? text.slice(1) : text
  const size = base === 0 ? parsePrefixed(digits) : parseDigits(digits, base)
  if (size === undefined) return 'invalid syntax'
  if (size > (negative ? maxInt64 + 1n : maxInt64)) return 'value out of range'
  return negative ? -size : size
}

function parseDigits(digits: string, base: 2 | 8 | 10): bigint | undefined {
  if (base === 2) return /^[01]+$/.test(digits) ? BigInt(`0b${digits}`) : undefined
  if (base === 8) return /^[0-7]+$/.test(digits) ? BigInt(`0o${digits}`) : undefined
  return /^[0-9]+$/.test(digits) ? BigInt(digits) : undefined
}

function parsePrefixed(text: string): bigint | undefined {
  const match = prefixed.exec(text)
  if (match === null || !separatesDigits(text)) return undefined
  const [, x, hex = '', o, octal = '', b, binary = '', old = '', decimal = ''] = match
  const plain = (digits: string): string => digits.replaceAll('_', '')
  if (x !== undefined) return BigInt(`0x${plain(hex)}`)
  if (o !== undefined) return BigInt(`0o${plain(octal)}`)
  if (b !== undefined) return BigInt(`0b${plain(binary)}`)
  return old === '' ? BigInt(plain(decimal)) : BigInt(`0o${plain(old)}`)
}

/** Underscores stand between digits, or between a base prefix and a digit. */
function separatesDigits(text: string): boolean {
  if (!text.includes('_')) return true
  const bare = text.replace(/^[+-]/, '')
  const hex = /^0[xX]/.test(bare)
  const proper = bare.replace(/^0[xXoObB]/, '0')
  const digit = hex ? '[0-9a-fA-F]' : '[0-9]'
  return !new RegExp(`(?<!${digit})_|_(?!${digit})`).test(proper)
}

/** strconv.ParseFloat with 64 bits; words for infinity and NaN count. */
export function parseGoFloat(text: string): number | NumberProblem {
  if (!separatesDigits(text)) return 'invalid syntax'
  if (decimalFloat.test(text)) return ranged(Number(text.replaceAll('_', '')))
  const word = /^([+-]?)(?:inf|infinity)$/i.exec(text)
  if (word !== null) return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (/^nan$/i.test(text)) return Number.NaN
  const match = hexFloat.exec(text)
  if (match === null) return 'invalid syntax'
  const [, sign = '', whole = '', part = '', exponent = '0'] = match
  const [high, low] = [whole.replaceAll('_', ''), part.replaceAll('_', '')]
  if (high + low === '') return 'invalid syntax'
  const size = Number(BigInt(`0x${high}${low}`)) * 2 ** (Number(exponent.replaceAll('_', '')) - 4 * low.length)
  return ranged(sign === '-' ? -size : size)
}

function ranged(value: number): number | NumberProblem {
  return Number.isFinite(value) ? value : 'value out of range'
}
