// Functions on URLs (sprig's url.go).
import { define } from '../template/function.ts'
import { kindOf } from '../template/kind.ts'
import { GoError, type GoFunction, GoMap, plain } from '../template/value.ts'
import { nilPointer } from './panic.ts'
import { formatUrl, formatUser, hostName, parseUrl } from './url.ts'

/** What `read` gives; an error is said to be of `what`. */
function parsing<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof GoError) throw new GoError(`unable to parse ${what}: ${error.message}`)
    throw error
  }
}

function take(text: string): GoMap {
  const url = parsing('url', () => parseUrl(text))
  return new GoMap([
    ['scheme', url.scheme],
    ['host', url.host],
    ['hostname', hostName(url.host)],
    ['path', url.path],
    ['query', url.query],
    ['opaque', url.opaque],
    ['fragment', url.fragment],
    ['userinfo', url.user === undefined ? '' : formatUser(url.user)],
  ])
}

function put(map: GoMap): string {
  const part = (key: string): string => {
    const value = plain(map.entries.get(key))
    if (value === undefined) return ''
    if (value === null) throw nilPointer()
    if (typeof value === 'string') return value
    throw new GoError(`unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`)
  }
  const userinfo = part('userinfo')
  const user =
    userinfo === '' ? undefined : parsing('userinfo in dict', () => parseUrl(`proto://${userinfo}@host`).user)
  return formatUrl({
    scheme: part('scheme'),
    host: part('host'),
    path: part('path'),
    query: part('query'),
    opaque: part('opaque'),
    fragment: part('fragment'),
    user,
  })
}

/** The functions of this family. */
export const urlFunctions: readonly GoFunction[] = [
  define('urlParse', ['string'], take),
  define('urlJoin', ['map'], put),
]
