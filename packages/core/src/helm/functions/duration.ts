// Spans of time as Go's package time reads and prints them, in nanoseconds.
import { quoted } from '../template/quote.ts'
import { bare } from '../template/text.ts'
import { GoError } from '../template/value.ts'

/** Nanoseconds of a second, minute and hour. */
export const second = 1_000_000_000n
export const minute: bigint = 60n * second
export const hour: bigint = 60n * minute

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  '\u00b5s': 1000n,
  '\u03bcs': 1000n,
  ms: 1_000_000n,
  s: second,
  m: minute,
  h: hour,
}
const maxDuration = 2n ** 63n - 1n

/** time.ParseDuration: `1h2m3.5s`. Throws GoError with Go's words. */
export function parseDuration(text: string): bigint {
  const shown = bare(quoted(text))
  const invalid = (): GoError => new GoError(`time: invalid duration ${shown}`)
  const negative = text.startsWith('-')
  let rest = text.replace(/^[+-]/, '')
  if (rest === '0') return 0n
  if (rest === '') throw invalid()
  let total = 0n
  while (rest !== '') {
    const [number = ''] = /^(?:\d+(?:\.\d*)?|\.\d+)/.exec(rest) ?? []
    if (number === '') throw invalid()
    rest = rest.slice(number.length)
    const [unit = ''] = /^[^.\d]*/.exec(rest) ?? []
    if (unit === '') throw new GoError(`time: missing unit in duration ${shown}`)
    const size = Object.hasOwn(units, unit) ? units[unit] : undefined
    if (size === undefined) throw new GoError(`time: unknown unit ${bare(quoted(unit))} in duration ${shown}`)
    rest = rest.slice(unit.length)
    const [whole = '', part = ''] = number.split('.')
    total += BigInt(whole || '0') * size + (BigInt(part || '0') * size) / 10n ** BigInt(part.length)
    if (total > maxDuration + (negative ? 1n : 0n)) throw invalid()
  }
  return negative ? -total : total
}

/** time.Duration's String: `1h2m3.5s`, `1.5ms`, `0s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  const sign = nanoseconds < 0n ? '-' : ''
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds
  if (size < 1000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}\u00b5s`
  if (size < second) return `${sign}${decimal(size, 6)}ms`
  const hours = size / hour
  const minutes = (size % hour) / minute
  const seconds = `${decimal(size % minute, 9)}s`
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`
  return minutes > 0n ? `${sign}${minutes}m${seconds}` : sign + seconds
}

/** A number with so many decimals, those at the end that are zero left out. */
function decimal(value: bigint, places: number): string {
  const scale = 10n ** BigInt(places)
  const part = (value % scale).toString().padStart(places, '0').replace(/0+$/, '')
  return `${value / scale}${part === '' ? '' : `.${part}`}`
}

/** time.Duration's Round: to a multiple, halves away from zero. A multiple of zero or less changes nothing. */
export function roundDuration(value: bigint, multiple: bigint): bigint {
  if (multiple <= 0n) return value
  const size = value < 0n ? -value : value
  const rest = size % multiple
  const rounded = rest * 2n < multiple ? size - rest : size - rest + multiple
  if (rounded > maxDuration) return value < 0n ? -maxDuration - 1n : maxDuration
  return value < 0n ? -rounded : rounded
}
