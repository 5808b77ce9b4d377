// Dates and spans of time (sprig's date.go, and Helm 4's functions on durations).

import { formatFloat } from '../template/float.ts'
import { define } from '../template/function.ts'
import { typeName } from '../template/kind.ts'
import { quoted } from '../template/quote.ts'
import { bare } from '../template/text.ts'
import {
  type CallContext,
  GoError,
  type GoFunction,
  GoStruct,
  Int,
  int64,
  plain,
  type Value,
} from '../template/value.ts'
import { parseGoFloat } from '../yaml/go/go-number.ts'
import { parseDecimal, truncated } from './cast.ts'
import { formatDuration, hour, minute, parseDuration, roundDuration, second } from './duration.ts'
import { formatTime, type GoTime, unixSeconds, zeroTime } from './time.ts'
import { parseTime } from './time-parse.ts'
import { durationValue, inUnits, timeOf, timeValue } from './time-type.ts'
import { isZone } from './zone.ts'

const volatile = { volatile: true }

function now(context: CallContext): GoTime {
  return { nanoseconds: BigInt(context.now().getTime()) * 1_000_000n, zone: 'Local' }
}

/** The time in a value, or of a number of seconds since 1970; of anything else the present. */
function timeFrom(value: Value, kinds: readonly string[], context: CallContext): GoTime {
  const given = plain(value)
  if (given instanceof GoStruct && given.type.name === 'time.Time') return timeOf(given)
  if (given instanceof Int && given.type === undefined && kinds.includes(given.kind)) {
    return { nanoseconds: given.value * second, zone: 'Local' }
  }
  return now(context)
}

function dateIn(layout: string, value: Value, zone: string, context: CallContext): string {
  const time = timeFrom(value, ['int64', 'int', 'int32'], context)
  return formatTime({ ...time, zone: isZone(zone) ? zone : 'UTC' }, layout)
}

/** The result, or the fallback for a GoError. */
function orElse<T>(compute: () => T, fallback: T): T {
  try {
    return compute()
  } catch (error) {
    if (error instanceof GoError) return fallback
    throw error
  }
}

function moved(text: string, time: GoStruct): GoStruct {
  const at = timeOf(time)
  return timeValue({ ...at, nanoseconds: at.nanoseconds + parseDuration(text) })
}

function ago(value: Value, context: CallContext): string {
  const time = timeFrom(value, ['int64', 'int'], context)
  return formatDuration(roundDuration(now(context).nanoseconds - time.nanoseconds, second))
}

function duration(value: Value): string {
  const given = plain(value)
  const seconds =
    typeof given === 'string' ? parseDecimal(given) : given instanceof Int && isInt64(given) ? given.value : 0n
  return formatDuration(BigInt.asIntN(64, seconds * second))
}

function isInt64(value: Int): boolean {
  return value.kind === 'int64' && value.type === undefined
}

const largeUnits: readonly (readonly [bigint, string])[] = [
  [hour * 24n * 365n, 'y'],
  [hour * 24n * 30n, 'mo'],
  [hour * 24n, 'd'],
  [hour, 'h'],
  [minute, 'm'],
  [second, 's'],
]

function durationRound(value: Value, context: CallContext): string {
  const given = plain(value)
  let span = 0n
  if (typeof given === 'string') span = orElse(() => parseDuration(given), 0n)
  else if (given instanceof Int && isInt64(given)) span = given.value
  else if (given instanceof GoStruct && given.type.name === 'time.Time') {
    span = now(context).nanoseconds - timeOf(given).nanoseconds
  }
  const size = span < 0n ? -span : span
  const unit = largeUnits.find(([length]) => size > length)
  return unit === undefined ? '0s' : `${size / unit[0]}${unit[1]}`
}

/** The functions of this family. */
export const dateFunctions: readonly GoFunction[] = [
  define('now', [], (context) => timeValue(now(context)), volatile),
  define('date', ['string', 'any'], (layout, value, context) => dateIn(layout, value, 'Local', context)),
  ...['dateInZone', 'date_in_zone'].map((name) => define(name, ['string', 'any', 'string'], dateIn)),
  define('htmlDate', ['any'], (value, context) => dateIn('2006-01-02', value, 'Local', context)),
  define('htmlDateInZone', ['any', 'string'], (value, zone, context) => dateIn('2006-01-02', value, zone, context)),
  ...['dateModify', 'date_modify'].map((name) =>
    define(name, ['string', 'time'], (text, time) => orElse(() => moved(text, time), time)),
  ),
  ...['mustDateModify', 'must_date_modify'].map((name) => define(name, ['string', 'time'], moved)),
  define('ago', ['any'], ago, volatile),
  define('duration', ['any'], duration),
  define('durationRound', ['any'], durationRound),
  define('toDate', ['string', 'string'], (layout, text) => {
    return timeValue(orElse(() => parseTime(layout, text, 'Local'), zeroTime))
  }),
  define('mustToDate', ['string', 'string'], (layout, text) => timeValue(parseTime(layout, text, 'Local'))),
  define('unixEpoch', ['time'], (time) => String(unixSeconds(timeOf(time)))),
]

const maxSeconds = (2n ** 63n - 1n) / second

/** A duration from text or a number of seconds, as Helm 4 takes it. Throws GoError. */
function asDuration(value: Value): bigint {
  const given = plain(value)
  if (given === null || given === undefined) throw new GoError('invalid duration')
  if (given instanceof Int) {
    if (given.type?.name === 'time.Duration') return given.value
    const size = given.value < 0n ? -given.value : given.value
    if (size > maxSeconds) throw new GoError(`duration seconds overflow: ${given.value}`)
    return given.value * second
  }
  if (typeof given === 'number') return fromSeconds(given)
  if (typeof given !== 'string') throw new GoError(`unsupported duration type ${typeName(given)}`)
  const text = given.trim()
  if (text === '') throw new GoError('empty duration')
  const parsed = orElse<bigint | undefined>(() => parseDuration(text), undefined)
  if (parsed !== undefined) return parsed
  const seconds = parseGoFloat(text)
  if (typeof seconds === 'number') return fromSeconds(seconds)
  throw new GoError(`could not parse duration ${bare(quoted(given))}`)
}

function fromSeconds(seconds: number): bigint {
  if (!Number.isFinite(seconds)) throw new GoError(`invalid duration seconds: ${formatFloat(seconds)}`)
  if (Math.abs(seconds) > 2 ** 63 / 1e9) throw new GoError(`duration seconds overflow: ${formatFloat(seconds)}`)
  return truncated(seconds * 1e9)
}

function measure(name: string, of: (nanoseconds: bigint) => Value): GoFunction {
  return define(name, ['any'], (value) => of(orElse(() => asDuration(value), 0n)))
}

function fitted(name: string, fit: (value: bigint, multiple: bigint) => bigint): GoFunction {
  return define(name, ['any', 'any'], (value, multiple) => {
    const span = orElse(() => asDuration(value), 0n)
    return durationValue(orElse(() => fit(span, asDuration(multiple)), span))
  })
}

/** What Helm 4 has besides. */
export const dateFunctions4: readonly GoFunction[] = [
  define('mustToDuration', ['any'], (value) => durationValue(asDuration(value))),
  measure('durationSeconds', (span) => inUnits(span, second)),
  measure('durationMilliseconds', (span) => int64(span / 1_000_000n)),
  measure('durationMicroseconds', (span) => int64(span / 1000n)),
  measure('durationNanoseconds', (span) => int64(span)),
  measure('durationMinutes', (span) => inUnits(span, minute)),
  measure('durationHours', (span) => inUnits(span, hour)),
  measure('durationDays', (span) => inUnits(span, hour) / 24),
  measure('durationWeeks', (span) => inUnits(span, hour) / 24 / 7),
  fitted('durationRoundTo', roundDuration),
  fitted('durationTruncateTo', (span, multiple) => (multiple <= 0n ? span : span - (span % multiple))),
]
