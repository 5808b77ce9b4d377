// URLs as Go's package net/url takes them apart and puts them together.
import { bytesOf, textOfBytes } from '../template/bytes.ts'
import { quoted } from '../template/quote.ts'
import { bare } from '../template/text.ts'
import { GoError } from '../template/value.ts'

/** User and password, decoded. */
export interface UserInfo {
  readonly name: string
  readonly password: string | undefined
}

/** The parts of a URL, decoded where Go decodes them. */
export interface GoUrl {
  readonly scheme: string
  readonly opaque: string
  readonly user: UserInfo | undefined
  readonly host: string
  readonly path: string
  readonly query: string
  readonly fragment: string
}

type Part = 'user' | 'host' | 'zone' | 'path' | 'fragment'

const hostMarks = '!$&\'()*+,;=:[]<>"'
const unescapedMarks: Readonly<Record<Part, string>> = {
  user: '$&+,;=',
  host: hostMarks,
  zone: hostMarks,
  path: '$&+,/:;=@',
  fragment: '$&+,/:;=?@!()*',
}

function mustEscape(byte: number, part: Part): boolean {
  const character = String.fromCharCode(byte)
  return !/[0-9A-Za-z_.~-]/.test(character) && !unescapedMarks[part].includes(character)
}

function encode(text: string, part: Part): string {
  return Array.from(bytesOf(text), (byte) => {
    if (!mustEscape(byte, part)) return String.fromCharCode(byte)
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

const inQuotes = (text: string): string => bare(quoted(text))

function decode(text: string, part: Part): string {
  const bytes = bytesOf(text)
  const out: number[] = []
  const inHost = part === 'host' || part === 'zone'
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte !== 0x25) {
      if (inHost && byte < 0x80 && mustEscape(byte, part)) {
        throw new GoError(`invalid character ${inQuotes(String.fromCharCode(byte))} in host name`)
      }
      out.push(byte)
      continue
    }
    const escaped = textOfBytes(bytes.subarray(at, at + 3))
    const value = /^%[0-9A-Fa-f]{2}$/.test(escaped) ? Number.parseInt(escaped.slice(1), 16) : -1
    const refused =
      value < 0 ||
      (part === 'host' && value < 0x80 && escaped !== '%25') ||
      (part === 'zone' && escaped !== '%25' && value !== 0x20 && mustEscape(value, 'host'))
    if (refused) throw new GoError(`invalid URL escape ${inQuotes(escaped)}`)
    out.push(value)
    at += 2
  }
  return textOfBytes(Uint8Array.from(out))
}

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

/** url.Parse. Throws GoError: `parse "a:b:c": first path segment in URL cannot contain colon`. */
export function parseUrl(text: string): GoUrl {
  const [address, fragment] = cut(text, '#')
  const named = <T>(url: string, read: () => T): T => {
    try {
      return read()
    } catch (error) {
      if (error instanceof GoError) throw new GoError(`parse ${inQuotes(url)}: ${error.message}`)
      throw error
    }
  }
  const url = named(address, () => parseAddress(address))
  return fragment === '' ? url : { ...url, fragment: named(text, () => decode(fragment, 'fragment')) }
}

function parseAddress(text: string): GoUrl {
  const url = { scheme: '', opaque: '', user: undefined, host: '', path: '', query: '', fragment: '' }
  if (/(?=\p{ASCII})\p{Cc}/u.test(text)) throw new GoError('net/url: invalid control character in URL')
  if (text === '*') return { ...url, path: '*' }
  if (text.startsWith(':')) throw new GoError('missing protocol scheme')
  const scheme = /^([A-Za-z][0-9A-Za-z+.-]*):/.exec(text)?.[1] ?? ''
  const known = { ...url, scheme: scheme.toLowerCase() }
  const [rest, query] = cut(scheme === '' ? text : text.slice(scheme.length + 1), '?')
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...known, opaque: rest, query }
    if (cut(rest, '/')[0].includes(':')) throw new GoError('first path segment in URL cannot contain colon')
  }
  if (!rest.startsWith('//') || (scheme === '' && rest.startsWith('///'))) {
    return { ...known, path: decode(rest, 'path'), query }
  }
  const slash = rest.indexOf('/', 2)
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash)
  const at = authority.lastIndexOf('@')
  const host = parseHost(known.scheme, authority.slice(at + 1))
  const user = at < 0 ? undefined : parseUser(authority.slice(0, at))
  return { ...known, user, host, path: decode(slash < 0 ? '' : rest.slice(slash), 'path'), query }
}

function parseUser(text: string): UserInfo {
  if (!/^[A-Za-z0-9._:~!$&'()*+,;=%@-]*$/.test(text)) throw new GoError('net/url: invalid userinfo')
  if (!text.includes(':')) return { name: decode(text, 'user'), password: undefined }
  const [name, password] = cut(text, ':')
  return { name: decode(name, 'user'), password: decode(password, 'user') }
}

function checkPort(port: string): void {
  if (!/^(?::\d*)?$/.test(port)) throw new GoError(`invalid port ${inQuotes(port)} after host`)
}

function parseHost(scheme: string, text: string): string {
  const open = text.lastIndexOf('[')
  if (open > 0) throw new GoError('invalid IP-literal')
  if (open === 0) {
    const close = text.lastIndexOf(']')
    if (close < 0) throw new GoError("missing ']' in host")
    const port = text.slice(close + 1)
    checkPort(port)
    const [address, zone] = cut(text.slice(1, close), '%25')
    const name = decode(address, 'host') + (zone === '' ? '' : decode(`%25${zone}`, 'zone'))
    return `[${name}]${decode(port, 'host')}`
  }
  const first = text.indexOf(':')
  // Of several colons the last begins the port, but not in http, where the whole would be ambiguous.
  const strict = scheme === 'http' || scheme === 'https'
  if (first >= 0) checkPort(text.slice(strict ? first : text.lastIndexOf(':')))
  return decode(text, 'host')
}

/** User and password as they stand in a URL. */
export function formatUser({ name, password }: UserInfo): string {
  return encode(name, 'user') + (password === undefined ? '' : `:${encode(password, 'user')}`)
}

/** The host without its port and without brackets. */
export function hostName(host: string): string {
  return host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')
}

/** url.URL's String, of a URL made from its parts. */
export function formatUrl(url: GoUrl): string {
  const { scheme, opaque, user, host, query, fragment } = url
  let text = scheme === '' ? '' : `${scheme}:`
  if (opaque !== '') text += opaque
  else {
    if (
      (scheme !== '' || host !== '' || user !== undefined) &&
      (host !== '' || url.path !== '' || user !== undefined)
    ) {
      text += `//${user === undefined ? '' : `${formatUser(user)}@`}${encode(host, 'host')}`
    }
    const path = url.path === '*' ? '*' : encode(url.path, 'path')
    if (path !== '' && !path.startsWith('/') && host !== '') text += '/'
    if (text === '' && cut(path, '/')[0].includes(':')) text += './'
    text += path
  }
  if (query !== '') text += `?${query}`
  return fragment === '' ? text : `${text}#${encode(fragment, 'fragment')}`
}
