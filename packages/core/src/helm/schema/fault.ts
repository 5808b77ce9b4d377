// What is wrong with a value, in the words and the order of lines of Helm's schema library.
import { quoted } from '../template/quote.ts'
import { isList, isObject, type Json } from './json.ts'

/** One thing that is wrong, and what it follows from. */
export interface Fault {
  /** The place in the value: names and numbers of items. */
  readonly at: readonly string[]
  readonly text: string
  readonly below: readonly Fault[]
  /** Set on what only stands for several others, or for what a reference leads to. */
  readonly stands?: 'group' | 'reference'
}

/** Faults of one schema as one: the only one, or a group. Undefined where there is none. */
export function joinFaults(at: readonly string[], faults: readonly Fault[]): Fault | undefined {
  return faults.length < 2 ? faults[0] : { at, text: 'validation failed', below: faults, stands: 'group' }
}

/** What a reference leads to has this fault. */
export function referenceFault(at: readonly string[], fault: Fault): Fault {
  const below = fault.stands === 'group' ? fault.below : [fault]
  return { at, text: 'validation failed', below, stands: 'reference' }
}

/** The lines that Helm prints for the fault of a whole value. */
export function faultLines(fault: Fault): readonly string[] {
  return (fault.stands === 'group' ? fault.below : [fault]).flatMap((one) => linesOf(one, 0))
}

function linesOf({ at, text, below, stands }: Fault, depth: number): readonly string[] {
  if (stands === 'reference' && below.length === 1) return below.flatMap((fault) => linesOf(fault, depth))
  const pointer = at.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  const line = `${'  '.repeat(depth)}- at ${quote(pointer)}: ${text}`
  return [line, ...below.flatMap((fault) => linesOf(fault, depth + 1))]
}

/** A text in single quotes, escaped as Go's `%q` does. */
export function quote(text: string): string {
  const inside = (quoted(text) as string).slice(1, -1)
  return `'${inside.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** Texts in single quotes, one behind the other. */
export function quoteAll(texts: readonly string[]): string {
  return texts.map(quote).join(', ')
}

/** A value that is no list and no object, as Go's `%v` prints it. */
export function spell(value: Json): string {
  if (value === null) return '<nil>'
  if (typeof value === 'string') return quote(value)
  return isList(value) || isObject(value) ? 'value' : String(value)
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'
const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 20 })

/** A whole number as Go's English printer writes it: 65,536. */
export function count(value: number): string {
  return grouped.format(value)
}

/** A number as Go's English printer writes a double: 65,536, 0.5, 1.5×10⁰⁶. */
export function number(value: number | bigint): string {
  const double = Number(value)
  const [digits = '', power = '0'] = double.toExponential().split('e')
  const exponent = Number(power)
  if (double === 0 || (exponent >= -4 && exponent < 6)) return grouped.format(double)
  const raised = String(Math.abs(exponent))
    .padStart(2, '0')
    .replaceAll(/\d/g, (digit) => superscripts.charAt(Number(digit)))
  return `${digits}×10${exponent < 0 ? '⁻' : ''}${raised}`
}
