// Reading dates by a layout (Go's time.ParseInLocation).
import { quoted } from '../template/quote.ts'
import { bare } from '../template/text.ts'
import { GoError } from '../template/value.ts'
import { second } from './duration.ts'
import { days, layoutParts, months } from './layout.ts'
import { type GoTime, instant } from './time.ts'
import { type ZoneAt, type ZoneName, zoneAt } from './zone.ts'

/** What was read so far. */
interface Fields {
  year: number
  month: number
  day: number
  yearDay: number
  hour: number
  minute: number
  second: number
  nanosecond: number
  afternoon: boolean | undefined
  zone: ZoneAt | undefined
}

const patterns: Readonly<Record<string, RegExp>> = {
  January: new RegExp(`^(?:${months.join('|')})`, 'i'),
  Jan: new RegExp(`^(?:${months.map((name) => name.slice(0, 3)).join('|')})`, 'i'),
  Monday: new RegExp(`^(?:${days.join('|')})`, 'i'),
  Mon: new RegExp(`^(?:${days.map((name) => name.slice(0, 3)).join('|')})`, 'i'),
  '2006': /^\d{4}/,
  '06': /^\d{2}/,
  '01': /^\d{2}/,
  '02': /^\d{2}/,
  '03': /^\d{2}/,
  '04': /^\d{2}/,
  '05': /^\d{2}/,
  '15': /^\d{2}/,
  '002': /^\d{3}/,
  __2: /^ {0,2}\d{1,3}/,
  _2: /^ ?\d{1,2}/,
  PM: /^(?:AM|PM)/,
  pm: /^(?:am|pm)/,
  MST: /^(?:UTC|[A-Z]{3,5}(?:[+-]\d{1,2})?|[+-]\d{2})/,
}

/**
 * The time that the text tells in the layout. Throws GoError:
 * `parsing time "x" as "2006-01-02": cannot parse "x" as "2006"`.
 */
export function parseTime(layout: string, text: string, zone: ZoneName): GoTime {
  const show = (value: string): string => bare(quoted(value))
  const fail = (rest: string, element: string): never => {
    throw new GoError(`parsing time ${show(text)} as ${show(layout)}: cannot parse ${show(rest)} as ${show(element)}`)
  }
  const wrong = (problem: string): never => {
    throw new GoError(`parsing time ${show(text)}: ${problem}`)
  }
  const range = (what: string): never => wrong(`${what} out of range`)
  const fields: Fields = {
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    afternoon: undefined,
    zone: undefined,
  }
  let rest = text
  for (const part of layoutParts(layout)) {
    if (part.kind === 'text') {
      rest = skipText(rest, part.text) ?? fail(rest, part.text)
      continue
    }
    const found = patternOf(part.text).exec(rest)?.[0]
    if (found === undefined) fail(rest, part.text)
    const held = rest
    const value = found as string
    rest = rest.slice(value.length)
    const problem = setField(fields, part.text, value)
    if (problem === 'syntax') fail(held, part.text)
    else if (problem !== undefined) range(problem)
    // A fraction of the second may follow though the layout does not have it.
    const fraction = part.text.endsWith('5') ? /^[.,]\d+/.exec(rest)?.[0] : undefined
    if (fraction !== undefined && !/5[.,][09]/.test(layout)) {
      fields.nanosecond = Number(fraction.slice(1, 10).padEnd(9, '0'))
      rest = rest.slice(fraction.length)
    }
  }
  if (rest !== '') throw new GoError(`parsing time ${show(text)}: extra text: ${show(rest)}`)
  return assemble(fields, zone, wrong)
}

/** The text behind what the layout has between elements; spaces stand for any number of them. */
function skipText(text: string, expected: string): string | undefined {
  let rest = text
  let wanted = expected
  while (wanted !== '') {
    if (wanted.startsWith(' ')) {
      if (rest !== '' && !rest.startsWith(' ')) return undefined
      wanted = wanted.replace(/^ +/, '')
      rest = rest.replace(/^ +/, '')
    } else {
      if (rest[0] !== wanted[0]) return undefined
      wanted = wanted.slice(1)
      rest = rest.slice(1)
    }
  }
  return rest
}

function patternOf(element: string): RegExp {
  const known = Object.hasOwn(patterns, element) ? patterns[element] : undefined
  if (known !== undefined) return known
  if (/^[.,]/.test(element)) return element[1] === '9' ? /^(?:[.,]\d+)?/ : new RegExp(`^[.,]\\d{${element.length - 1}}`)
  if (!/^[-Z]/.test(element)) return /^\d{1,2}/
  const digits = element.slice(1).replaceAll('0', '\\d').replace('7', '\\d')
  return new RegExp(`^(?:${element.startsWith('Z') ? 'Z|' : ''}[+-]${digits})`)
}

function nameIndex(names: readonly string[], value: string): number {
  return names.findIndex((name) => name.slice(0, 3).toLowerCase() === value.slice(0, 3).toLowerCase())
}

function setField(fields: Fields, element: string, value: string): string | undefined {
  const number = Number(value)
  switch (element) {
    case '2006':
      fields.year = number
      return undefined
    case '06':
      fields.year = number + (number >= 69 ? 1900 : 2000)
      return undefined
    case 'January':
    case 'Jan':
      fields.month = nameIndex(months, value) + 1
      return undefined
    case '01':
    case '1':
      fields.month = number
      return number < 1 || number > 12 ? 'month' : undefined
    case '02':
    case '_2':
    case '2':
      fields.day = number
      return undefined
    case '002':
    case '__2':
      fields.yearDay = number
      return undefined
    case '15':
      fields.hour = number
      return number > 23 ? 'hour' : undefined
    case '03':
    case '3':
      fields.hour = number
      return number > 12 ? 'hour' : undefined
    case '04':
    case '4':
      fields.minute = number
      return number > 59 ? 'minute' : undefined
    case '05':
    case '5':
      fields.second = number
      return number > 59 ? 'second' : undefined
    case 'PM':
    case 'pm':
      fields.afternoon = value.toUpperCase() === 'PM'
      return undefined
    case 'Monday':
    case 'Mon':
      return undefined
    case 'MST':
      fields.zone = { name: value, offset: 0 }
      return undefined
  }
  if (/^[.,]/.test(element)) fields.nanosecond = Number(value.slice(1, 10).padEnd(9, '0'))
  else fields.zone = readOffset(value)
  return undefined
}

function readOffset(value: string): ZoneAt {
  if (value === 'Z') return { name: 'UTC', offset: 0 }
  const [hours = '0', minutes = '0', seconds = '0'] = value.slice(1).replaceAll(':', '').match(/\d\d/g) ?? []
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return { name: '', offset: value.startsWith('-') ? -size : size }
}

function assemble(fields: Fields, zone: ZoneName, wrong: (problem: string) => never): GoTime {
  const { year, minute, second: seconds, nanosecond, afternoon } = fields
  let { month, day, hour } = fields
  if (afternoon === true && hour < 12) hour += 12
  else if (afternoon === false && hour === 12) hour = 0
  if (fields.yearDay >= 0) {
    const date = new Date(0)
    date.setUTCFullYear(year, 0, fields.yearDay)
    if (fields.yearDay < 1 || date.getUTCFullYear() !== year) wrong('day-of-year out of range')
    if (month >= 0 && month !== date.getUTCMonth() + 1) wrong('day-of-year does not match month')
    if (day >= 0 && day !== date.getUTCDate()) wrong('day-of-year does not match day')
    month = date.getUTCMonth() + 1
    day = date.getUTCDate()
  }
  if (month < 0) month = 1
  if (day < 0) day = 1
  const last = new Date(0)
  last.setUTCFullYear(year, month, 0)
  if (day < 1 || day > last.getUTCDate()) wrong('day out of range')
  const wall = instant(year, month, day, hour * 3600 + minute * 60 + seconds, nanosecond)
  const milliseconds = Number(wall / 1_000_000n)
  if (fields.zone !== undefined) {
    const { name, offset } = fields.zone
    const at = wall - BigInt(offset) * second
    // An offset that the given zone has at this instant is that zone.
    const same = name === '' && zoneAt(zone, Number(at / 1_000_000n)).offset === offset
    return { nanoseconds: at, zone: name === 'UTC' ? 'UTC' : same ? zone : fields.zone }
  }
  const guess = zoneAt(zone, milliseconds).offset
  const { offset } = zoneAt(zone, milliseconds - guess * 1000)
  return { nanoseconds: wall - BigInt(offset) * second, zone }
}
