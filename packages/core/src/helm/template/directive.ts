// One directive of a printf format: flags, width, precision, argument index, verb.
import { Int, plain, type Value } from './value.ts'

/** The flags, width and precision of a directive. */
export interface Flags {
  readonly sharp: boolean
  readonly zero: boolean
  readonly plus: boolean
  readonly minus: boolean
  readonly space: boolean
  readonly width: number | undefined
  readonly precision: number | undefined
}

/** A directive as read, with what reading it changed. */
export interface Directive {
  readonly flags: Flags
  /** One character; empty when the format ends before it. */
  readonly verb: string
  /** Where the format goes on. */
  readonly end: number
  /** The index of the argument to print. */
  readonly next: number
  readonly reordered: boolean
  readonly goodIndex: boolean
  /** `%!(BADWIDTH)` and `%!(BADPREC)`, printed before the argument. */
  readonly complaints: readonly string[]
}

const tooLarge = 1_000_000

/** Reads the directive whose `%` stands at `start`; `next` is the argument due. */
export function parseDirective(format: string, start: number, values: readonly Value[], next: number): Directive {
  const flags = { sharp: false, zero: false, plus: false, minus: false, space: false }
  const names = { '#': 'sharp', '0': 'zero', '+': 'plus', '-': 'minus', ' ': 'space' } as const
  const complaints: string[] = []
  let at = start + 1
  let argument = next
  let reordered = false
  let goodIndex = true
  let afterIndex = false
  for (; (format[at] ?? '') in names; at++) flags[names[format[at] as keyof typeof names]] = true

  const readIndex = (): void => {
    afterIndex = false
    if (format[at] !== '[') return
    reordered = true
    const close = format.indexOf(']', at)
    const digits = close < 0 ? '' : format.slice(at + 1, close)
    at = close < 0 ? at + 1 : close + 1
    const index = /^\d{1,7}$/.test(digits) ? Number(digits) - 1 : -1
    afterIndex = index >= 0
    if (index >= 0 && index < values.length) argument = index
    else goodIndex = false
  }
  const readNumber = (): number | undefined => {
    const digits = /^\d+/.exec(format.slice(at, at + 8))?.[0] ?? ''
    at += digits.length
    return digits === '' || Number(digits) > tooLarge ? undefined : Number(digits)
  }
  const readStar = (complaint: string): number | undefined => {
    at++
    const given = plain(values[argument])
    if (argument < values.length) argument++
    afterIndex = false
    const value = given instanceof Int ? Number(given.value) : Number.NaN
    if (Math.abs(value) <= tooLarge) return value
    complaints.push(complaint)
    return undefined
  }

  readIndex()
  let width: number | undefined
  if (format[at] === '*') {
    width = readStar('%!(BADWIDTH)')
    if (width !== undefined && width < 0) {
      width = -width
      flags.minus = true
      flags.zero = false
    }
  } else {
    width = readNumber()
    if (afterIndex && width !== undefined) goodIndex = false
  }
  let precision: number | undefined
  if (format[at] === '.' && at + 1 < format.length) {
    at++
    if (afterIndex) goodIndex = false
    readIndex()
    if (format[at] === '*') {
      precision = readStar('%!(BADPREC)')
      if (precision !== undefined && precision < 0) {
        precision = undefined
        complaints.push('%!(BADPREC)')
      }
    } else precision = readNumber() ?? 0
  }
  if (!afterIndex) readIndex()
  const code = format.codePointAt(at)
  const verb = code === undefined ? '' : String.fromCodePoint(code)
  return {
    flags: { ...flags, width, precision },
    verb,
    end: at + verb.length,
    next: argument,
    reordered,
    goodIndex,
    complaints,
  }
}
