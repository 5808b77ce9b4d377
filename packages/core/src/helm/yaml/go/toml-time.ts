// Dates of TOML. They are kept as values that print, and are written, as their text.

import { defineMethod } from '../../template/function.ts'
import { GoBytes, GoStruct, type GoType, type Value } from '../../template/value.ts'

const forms =
  /^(?:(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)?)?|(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?)$/

const timeType: GoType = {
  name: 'time.Time',
  methods: new Map([
    ['MarshalText', defineMethod('MarshalText', [], (self: GoStruct) => new GoBytes(Buffer.from(timeOf(self).shown)))],
  ]),
  toText: (self) => timeOf(self as GoStruct).shown,
}

/** A time as it is printed, and as TOML has it: local ones without date, time or zone. */
interface TomlTime {
  readonly shown: string
  readonly written: string
}

function timeOf(value: GoStruct): TomlTime {
  return value.inner as TomlTime
}

/** How a time that was read from TOML is written there; undefined for any other value. */
export function writtenTime(value: Value): string | undefined {
  return value instanceof GoStruct && value.type === timeType ? timeOf(value).written : undefined
}

/** The date, time or both that a text tells; undefined where it is none. Local ones are those of UTC. */
export function parseTomlTime(text: string): Value | undefined {
  const match = forms.exec(text)
  if (match === null) return undefined
  const [, year = '0000', month = '01', day = '01', hour, minute, second, part = '', zone = 'Z', ...clock] = match
  const [clockHour, clockMinute, clockSecond, clockPart = ''] = clock
  const time = [hour ?? clockHour ?? '00', minute ?? clockMinute ?? '00', second ?? clockSecond ?? '00']
  const lastDay = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate()
  const sound = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= lastDay && isClock(time)
  if (!sound) return undefined
  const fraction = (part + clockPart).replace(/0+$/, '').replace(/^\.$/, '')
  const date = `${year}-${month}-${day}`
  const timeOfDay = time.join(':') + fraction
  const shown = `${date}T${timeOfDay}${zone.toUpperCase()}`
  const local = clockHour !== undefined ? timeOfDay : hour === undefined ? date : `${date}T${timeOfDay}`
  return new GoStruct(timeType, [], { inner: { shown, written: match[8] === undefined ? local : shown } })
}

function isClock([hour, minute, second]: readonly string[]): boolean {
  return Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
}
