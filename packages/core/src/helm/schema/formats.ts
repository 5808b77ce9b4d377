// The formats that Helm's schema library holds texts to, for schemas of draft 7 and before.

import { messageOf } from '../../errors.ts'
import { compile } from '../functions/regular-expression.ts'
import { hostName, parseUrl } from '../functions/url.ts'

type Format = (text: string) => string | undefined

/** What is wrong with a text of a format, in a few words; undefined where nothing is, and for formats that nobody knows. */
export function checkFormat(name: string, text: string): string | undefined {
  return Object.hasOwn(formats, name) ? formats[name]?.(text) : undefined
}

const digits = /^\d+$/

function ipv4(text: string): string | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return 'expected four decimals'
  for (const part of parts) {
    if (part.length > 1 && part.startsWith('0')) return 'leading zeros'
    if (!/^[+-]?\d+$/.test(part)) return `strconv.Atoi: parsing ${JSON.stringify(part)}: invalid syntax`
    if (Number(part) < 0 || Number(part) > 255) return 'decimal must be between 0 and 255'
  }
  return undefined
}

function ipv6(text: string): string | undefined {
  if (!text.includes(':')) return 'missing colon'
  const [address = '', zone] = text.split('%')
  if (zone !== undefined && zone !== '') return 'zone id is not a part of ipv6 address'
  const tail = /(?:^|:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)
  const whole =
    tail === null || ipv4(tail[1] as string) !== undefined
      ? address
      : `${address.slice(0, -(tail[1] as string).length)}0:0`
  const halves = whole.split('::')
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const fits = groups.every((group) => /^[\da-f]{1,4}$/i.test(group)) && halves.length <= 2
  const isWhole = halves.length === 2 ? groups.length < 8 : groups.length === 8
  return fits && isWhole && zone === undefined ? undefined : `ParseAddr(${JSON.stringify(text)}): unable to parse IP`
}

function hostname(text: string): string | undefined {
  const name = text.replace(/\.$/, '')
  if (name.length > 253) return 'more than 253 characters long'
  for (const label of name.split('.')) {
    if (label.length < 1 || label.length > 63) return 'label must be 1 to 63 characters long'
    if (label.startsWith('-')) return 'label starts with hyphen'
    if (label.endsWith('-')) return 'label ends with hyphen'
    const odd = /[^A-Za-z\d-]/u.exec(label)
    if (odd !== null) return `invalid character '${odd[0]}'`
  }
  return undefined
}

function email(text: string): string | undefined {
  if (text.length > 254) return 'more than 255 characters long'
  const at = text.lastIndexOf('@')
  if (at < 0) return 'missing @'
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)]
  if (local.length > 64) return 'local part more than 64 characters long'
  const fault = localPart(local)
  if (fault !== undefined) return fault
  const literal = /^\[(IPv6:)?(.*)\]$/s.exec(domain)
  if (literal === null) return prefixed('invalid domain', hostname(domain))
  return literal[1] === undefined
    ? prefixed('invalid ipv4 address', ipv4(literal[2] ?? ''))
    : prefixed('invalid ipv6 address', ipv6(literal[2] ?? ''))
}

function localPart(local: string): string | undefined {
  if (local.length > 1 && local.startsWith('"') && local.endsWith('"'))
    return /[\\"]/.test(local.slice(1, -1)) ? 'backslash and quote are not allowed within quoted local part' : undefined
  if (local.startsWith('.')) return 'starts with dot'
  if (local.endsWith('.')) return 'ends with dot'
  if (local.includes('..')) return 'consecutive dots'
  const odd = /[^A-Za-z\d.!#$%&'*+\-/=?^_`{|}~]/u.exec(local)
  return odd === null ? undefined : `invalid character '${odd[0]}'`
}

const prefixed = (prefix: string, fault: string | undefined): string | undefined =>
  fault === undefined ? undefined : `${prefix}: ${fault}`

function date(text: string): string | undefined {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? []
  if (year === '') return `parsing time ${JSON.stringify(text)} as "2006-01-02": cannot parse it`
  if (Number(month) < 1 || Number(month) > 12) return `parsing time ${JSON.stringify(text)}: month out of range`
  const last = new Date(0)
  last.setUTCFullYear(Number(year), Number(month), 0)
  const isDay = Number(day) >= 1 && Number(day) <= last.getUTCDate()
  return isDay ? undefined : `parsing time ${JSON.stringify(text)}: day out of range`
}

function time(text: string): string | undefined {
  if (text.length < 9) return 'less than 9 characters long'
  const found = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?([zZ]|[+-]\d\d:\d\d)$/.exec(text)
  if (found === null) return 'not of the form hh:mm:ssZ'
  const [hour = 0, minute = 0, second = 0] = found.slice(1, 4).map(Number)
  if (hour > 23 || minute > 59 || second > 60) return 'hour/min/sec out of range'
  const [, sign = '+', hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)/.exec(found[4] as string) ?? []
  if (Number(hours) > 23 || Number(minutes) > 59) return 'hour/min in offset out of range'
  const offset = (sign === '+' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
  const isLast = (hour * 60 + minute + offset + 1440) % 1440 === 1439
  return second === 60 && !isLast ? 'invalid leap second' : undefined
}

function dateTime(text: string): string | undefined {
  if (text.length < 20) return 'less than 20 characters long'
  if (!/[tT]/.test(text.charAt(10))) return '11th character must be t or T'
  return (
    prefixed('invalid date element', date(text.slice(0, 10))) ?? prefixed('invalid time element', time(text.slice(11)))
  )
}

const hasPoint = (text: string): string | undefined => (/^[^/]/.test(text) ? 'not starting with /' : undefined)

function jsonPointer(text: string): string | undefined {
  return hasPoint(text) ?? (/~(?![01])/.test(text) ? '~ must be followed by 0 or 1' : undefined)
}

function relativePointer(text: string): string | undefined {
  const [start = '', number = ''] = /^(\d*)/.exec(text) ?? []
  if (number === '') return 'must start with non-negative integer'
  if (number.length > 1 && number.startsWith('0')) return 'starts with zero'
  const rest = text.slice(start.length)
  return rest === '#' ? undefined : jsonPointer(rest)
}

function uuid(text: string): string | undefined {
  const groups = text.split('-')
  const lengths = [8, 4, 4, 4, 12]
  if (groups.length !== lengths.length) return `must have ${lengths.length} elements`
  const short = groups.findIndex((group, at) => group.length !== lengths[at])
  if (short >= 0) return `element ${short + 1} must be ${lengths[short]} characters long`
  const odd = /[^\da-f-]/iu.exec(text)
  return odd === null ? undefined : `non-hex character '${odd[0]}'`
}

function duration(text: string): string | undefined {
  if (!text.startsWith('P')) return 'must start with P'
  const body = text.slice(1)
  if (body === '') return 'nothing after P'
  if (body.endsWith('W')) return digits.test(body.slice(0, -1)) ? undefined : 'invalid week'
  return /^(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+S)?)?$/.test(body)
    ? undefined
    : 'invalid duration'
}

function period(text: string): string | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return 'missing slash'
  const [start, end] = [text.slice(0, slash), text.slice(slash + 1)]
  const point = (part: string): string | undefined => (part.startsWith('P') ? duration(part) : dateTime(part))
  return start.startsWith('P') ? (duration(start) ?? dateTime(end)) : (dateTime(start) ?? point(end))
}

function url(text: string, mustBeAbsolute: boolean): string | undefined {
  try {
    const { scheme, host } = parseUrl(text)
    const name = hostName(host)
    if (name.includes(':')) {
      if (!host.includes('[') || !host.includes(']')) return 'ipv6 address not enclosed in brackets'
      const fault = ipv6(name)
      if (fault !== undefined) return `invalid ipv6 address: ${fault}`
    }
    return mustBeAbsolute && scheme === '' ? 'relative url' : undefined
  } catch (error) {
    return messageOf(error)
  }
}

const reference: Format = (text) => (text.includes('\\') ? 'contains \\' : url(text, false))

/** Braces of a path open and close in turn. */
function uriTemplate(text: string): string | undefined {
  const fault = url(text, false)
  if (fault !== undefined) return fault
  for (const part of text.replace(/[?#].*$/s, '').split('/')) {
    const braces = part.replaceAll(/[^{}]/g, '')
    if (/\{\{|\}\}|^\}/.test(braces)) return 'nested curly braces'
    if (braces.endsWith('{')) return 'no matching closing brace'
  }
  return undefined
}

const semver =
  /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*)?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/

const formats: Readonly<Record<string, Format>> = {
  regex: (text) => {
    try {
      compile(text)
      return undefined
    } catch (error) {
      return messageOf(error)
    }
  },
  'json-pointer': jsonPointer,
  'relative-json-pointer': relativePointer,
  uuid,
  duration,
  period,
  ipv4,
  ipv6,
  hostname,
  email,
  date,
  time,
  'date-time': dateTime,
  uri: (text) => url(text, true),
  iri: (text) => url(text, true),
  'uri-reference': reference,
  'iri-reference': reference,
  'uri-template': uriTemplate,
  semver: (text) => (semver.test(text) ? undefined : 'not of the form major.minor.patch'),
}
