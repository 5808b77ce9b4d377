// time.Time and time.Duration as values of templates, with their methods.
import { defineMethod } from '../template/function.ts'
import { GoBytes, type GoFunction, GoStruct, type GoType, Int, int, int64, type PlainValue } from '../template/value.ts'
import { formatDuration, hour, minute, second } from './duration.ts'
import { days, months } from './layout.ts'
import { clockOf, formatTime, type GoTime, instant, unixSeconds, zeroTime } from './time.ts'

/** The time in a value. */
export function timeOf(self: PlainValue): GoTime {
  return (self as GoStruct).inner as GoTime
}

/** A time as a value. */
export function timeValue(time: GoTime): GoStruct {
  return new GoStruct(timeType, [], { inner: time })
}

/** A duration in nanoseconds as a value. */
export function durationValue(nanoseconds: bigint): Int {
  return new Int(BigInt.asIntN(64, nanoseconds), 'int64', durationType)
}

function methodMap(methods: readonly GoFunction[]): ReadonlyMap<string, GoFunction> {
  return new Map(methods.map((method) => [method.name, method]))
}

const durationMethods: readonly GoFunction[] = [
  defineMethod('String', [], (self: Int) => formatDuration(self.value)),
  defineMethod('Nanoseconds', [], (self: Int) => int64(self.value)),
  defineMethod('Microseconds', [], (self: Int) => int64(self.value / 1000n)),
  defineMethod('Milliseconds', [], (self: Int) => int64(self.value / 1_000_000n)),
  defineMethod('Seconds', [], (self: Int) => inUnits(self.value, second)),
  defineMethod('Minutes', [], (self: Int) => inUnits(self.value, minute)),
  defineMethod('Hours', [], (self: Int) => inUnits(self.value, hour)),
  defineMethod('Abs', [], (self: Int) => durationValue(self.value < 0n ? -self.value : self.value)),
]

/** Nanoseconds in larger units, as Go computes them: the whole and the rest apart. */
export function inUnits(nanoseconds: bigint, unit: bigint): number {
  return Number(nanoseconds / unit) + Number(nanoseconds % unit) / Number(unit)
}

const durationType: GoType = {
  name: 'time.Duration',
  methods: methodMap(durationMethods),
  toText: (self) => formatDuration((self as Int).value),
}

function named(name: string, words: readonly string[], first: number): GoType {
  return { name, toText: (self) => words[Number((self as Int).value) - first] ?? '' }
}

const monthType = named('time.Month', months, 1)
const weekdayType = named('time.Weekday', days, 0)

/** `2006-01-02 15:04:05.999999999 -0700 MST`. */
function textOf(time: GoTime): string {
  return formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST')
}

const timeMethods: readonly GoFunction[] = [
  defineMethod('Format', ['string'], (self: GoStruct, layout) => formatTime(timeOf(self), layout)),
  defineMethod('String', [], (self: GoStruct) => textOf(timeOf(self))),
  defineMethod('MarshalText', [], (self: GoStruct) => {
    return new GoBytes(Buffer.from(formatTime(timeOf(self), '2006-01-02T15:04:05.999999999Z07:00')))
  }),
  defineMethod('Unix', [], (self: GoStruct) => int64(unixSeconds(timeOf(self)))),
  defineMethod('UnixMilli', [], (self: GoStruct) => int64(timeOf(self).nanoseconds / 1_000_000n)),
  defineMethod('UnixNano', [], (self: GoStruct) => int64(timeOf(self).nanoseconds)),
  defineMethod('UTC', [], (self: GoStruct) => timeValue({ ...timeOf(self), zone: 'UTC' })),
  defineMethod('Local', [], (self: GoStruct) => timeValue({ ...timeOf(self), zone: 'Local' })),
  defineMethod('Year', [], (self: GoStruct) => int(clockOf(timeOf(self)).year)),
  defineMethod('Month', [], (self: GoStruct) => new Int(BigInt(clockOf(timeOf(self)).month), 'int', monthType)),
  defineMethod('Day', [], (self: GoStruct) => int(clockOf(timeOf(self)).day)),
  defineMethod('Hour', [], (self: GoStruct) => int(clockOf(timeOf(self)).hour)),
  defineMethod('Minute', [], (self: GoStruct) => int(clockOf(timeOf(self)).minute)),
  defineMethod('Second', [], (self: GoStruct) => int(clockOf(timeOf(self)).second)),
  defineMethod('Nanosecond', [], (self: GoStruct) => int(clockOf(timeOf(self)).nanosecond)),
  defineMethod('YearDay', [], (self: GoStruct) => int(clockOf(timeOf(self)).yearDay)),
  defineMethod('Weekday', [], (self: GoStruct) => new Int(BigInt(clockOf(timeOf(self)).weekday), 'int', weekdayType)),
  defineMethod('IsZero', [], (self: GoStruct) => timeOf(self).nanoseconds === zeroTime.nanoseconds),
  defineMethod('Before', ['time'], (self: GoStruct, other) => timeOf(self).nanoseconds < timeOf(other).nanoseconds),
  defineMethod('After', ['time'], (self: GoStruct, other) => timeOf(self).nanoseconds > timeOf(other).nanoseconds),
  defineMethod('Equal', ['time'], (self: GoStruct, other) => timeOf(self).nanoseconds === timeOf(other).nanoseconds),
  defineMethod('Sub', ['time'], (self: GoStruct, other) => {
    return durationValue(timeOf(self).nanoseconds - timeOf(other).nanoseconds)
  }),
  defineMethod('AddDate', ['int', 'int', 'int'], (self: GoStruct, years, monthCount, dayCount) => {
    return timeValue(addDate(timeOf(self), years, monthCount, dayCount))
  }),
]

function addDate(time: GoTime, years: number, monthCount: number, dayCount: number): GoTime {
  const clock = clockOf(time)
  const seconds = clock.hour * 3600 + clock.minute * 60 + clock.second - clock.zone.offset
  const at = instant(clock.year + years, clock.month + monthCount, clock.day + dayCount, seconds, clock.nanosecond)
  return { ...time, nanoseconds: at }
}

const timeType: GoType = {
  name: 'time.Time',
  methods: methodMap(timeMethods),
  toText: (self) => textOf(timeOf(self)),
}
