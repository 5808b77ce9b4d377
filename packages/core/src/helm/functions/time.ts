// An instant in a zone, and how Go prints it.
import { second } from './duration.ts'
import { days, layoutParts, months } from './layout.ts'
import { type ZoneAt, type ZoneName, zoneAt } from './zone.ts'

/** An instant with the zone it is shown in. */
export interface GoTime {
  /** Nanoseconds since 1970. */
  readonly nanoseconds: bigint
  /** A name, or an offset that was read. */
  readonly zone: ZoneName | ZoneAt
}

/** Go's zero time: the start of the year 1. */
export const zeroTime: GoTime = { nanoseconds: -62_135_596_800n * second, zone: 'UTC' }

/** The calendar's view of an instant. */
export interface Clock {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  /** 0 is Sunday. */
  readonly weekday: number
  readonly yearDay: number
  readonly zone: ZoneAt
}

/** Whole seconds since 1970, rounded down. */
export function unixSeconds({ nanoseconds }: GoTime): bigint {
  const seconds = nanoseconds / second
  return nanoseconds % second < 0n ? seconds - 1n : seconds
}

/** Year, month, day and so on, in the zone of the time. */
export function clockOf(time: GoTime): Clock {
  const seconds = unixSeconds(time)
  const milliseconds = Number(seconds) * 1000
  const zone = typeof time.zone === 'string' ? zoneAt(time.zone, milliseconds) : time.zone
  const date = new Date(milliseconds + zone.offset * 1000)
  const start = new Date(0)
  start.setUTCFullYear(date.getUTCFullYear(), 0, 1)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    nanosecond: Number(time.nanoseconds - seconds * second),
    weekday: date.getUTCDay(),
    yearDay: Math.floor((date.getTime() - start.getTime()) / 86_400_000) + 1,
    zone,
  }
}

/** The instant of a date and time of day; months and days beyond their bounds move on. */
export function instant(year: number, month: number, day: number, seconds: number, nanosecond: number): bigint {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return BigInt(date.getTime() / 1000 + seconds) * second + BigInt(nanosecond)
}

function pad(value: number, width: number, fill = '0'): string {
  return value < 0 ? `-${pad(-value, width, fill)}` : String(value).padStart(width, fill)
}

/** time.Time's Format. */
export function formatTime(time: GoTime, layout: string): string {
  const clock = clockOf(time)
  return layoutParts(layout)
    .map(({ kind, text }) => (kind === 'text' ? text : formatElement(clock, text)))
    .join('')
}

function formatElement(clock: Clock, element: string): string {
  const hour12 = clock.hour % 12 === 0 ? 12 : clock.hour % 12
  switch (element) {
    case 'January':
      return months[clock.month - 1] ?? ''
    case 'Jan':
      return (months[clock.month - 1] ?? '').slice(0, 3)
    case '1':
      return String(clock.month)
    case '01':
      return pad(clock.month, 2)
    case 'Monday':
      return days[clock.weekday] ?? ''
    case 'Mon':
      return (days[clock.weekday] ?? '').slice(0, 3)
    case '2':
      return String(clock.day)
    case '_2':
      return pad(clock.day, 2, ' ')
    case '02':
      return pad(clock.day, 2)
    case '__2':
      return pad(clock.yearDay, 3, ' ')
    case '002':
      return pad(clock.yearDay, 3)
    case '15':
      return pad(clock.hour, 2)
    case '3':
      return String(hour12)
    case '03':
      return pad(hour12, 2)
    case '4':
      return String(clock.minute)
    case '04':
      return pad(clock.minute, 2)
    case '5':
      return String(clock.second)
    case '05':
      return pad(clock.second, 2)
    case '06':
      return pad(Math.abs(clock.year) % 100, 2)
    case '2006':
      return pad(clock.year, 4)
    case 'PM':
      return clock.hour >= 12 ? 'PM' : 'AM'
    case 'pm':
      return clock.hour >= 12 ? 'pm' : 'am'
    case 'MST':
      return clock.zone.name === '' ? formatOffset(clock.zone.offset, '-0700') : clock.zone.name
  }
  return /^[.,]/.test(element) ? formatFraction(clock.nanosecond, element) : formatOffset(clock.zone.offset, element)
}

function formatFraction(nanosecond: number, element: string): string {
  const digits = pad(nanosecond, 9)
    .padEnd(element.length - 1, '0')
    .slice(0, element.length - 1)
  const shown = element[1] === '9' ? digits.replace(/0+$/, '') : digits
  return shown === '' ? '' : element.charAt(0) + shown
}

/** `-0700`, `Z07:00` and the like. */
function formatOffset(offset: number, element: string): string {
  if (element.startsWith('Z') && offset === 0) return 'Z'
  const size = Math.abs(offset)
  const parts = [Math.trunc(size / 3600), Math.trunc(size / 60) % 60, size % 60].map((part) => pad(part, 2))
  const shown = element.slice(1).replaceAll(':', '').length / 2
  return (offset < 0 ? '-' : '+') + parts.slice(0, shown).join(element.includes(':') ? ':' : '')
}
