// Reads `registries:`, the same in chartferry.yaml and in the server's configuration.
import { ChartferryError } from '../../errors.ts'
import type { RegistryMirror, RegistrySetting } from '../../oci/client/registry-setting.ts'
import { canonicalReference, parseReference } from '../../reference/reference.ts'
import { isMap, type Part } from '../document-part.ts'

const accessKeys = [
  'plainHttp',
  'caFile',
  'certFile',
  'keyFile',
  'insecureSkipTlsVerify',
  'username',
  'password',
  'passwordFile',
  'token',
  'tokenFile',
  'trustRealms',
]

/** Reads a file that a setting names, seen from the folder of the document. Throws FILE_NOT_FOUND. */
export type ReadNamedFile = (name: string) => string

/** The settings of a mapping by prefix; what is wrong with it is told to the part. */
export function parseRegistries(part: Part | undefined, readNamed: ReadNamedFile): readonly RegistrySetting[] {
  if (part === undefined) return []
  if (!isMap(part.value)) {
    part.fault('must be a mapping from registries to how they are reached')
    return []
  }
  return Object.keys(part.value).flatMap((prefix) => {
    const entry = part.at(prefix)
    return entry === undefined ? [] : readSetting(prefix, entry, readNamed)
  })
}

function readSetting(prefix: string, part: Part, readNamed: ReadNamedFile): readonly RegistrySetting[] {
  if (!part.onlyKeys('mirrors', 'location', 'blocked', 'pushTo', ...accessKeys)) return []
  if (!prefix.startsWith('*.') && !isPlace(prefix)) {
    part.fault('is no registry: write host[:port], host/path, or *.domain')
    return []
  }
  const mirrors = (part.at('mirrors')?.items() ?? []).flatMap((item) => readMirror(item, readNamed))
  const location = part.at('location')?.parsed(placeName)
  const pushTo = part.at('pushTo')?.parsed(placeName)
  return [
    {
      prefix: prefix.replace(/\/+$/, ''),
      ...(mirrors.length === 0 ? {} : { mirrors }),
      ...(location === undefined ? {} : { location }),
      ...(pushTo === undefined ? {} : { pushTo }),
      ...flag(part, 'blocked'),
      ...readAccess(part, readNamed),
    },
  ]
}

function readMirror(part: Part, readNamed: ReadNamedFile): readonly RegistryMirror[] {
  if (typeof part.value === 'string') {
    const location = part.parsed(placeName)
    return location === undefined ? [] : [{ location }]
  }
  if (!part.onlyKeys('location', 'pulls', ...accessKeys)) return []
  const location = part.at('location')?.parsed(placeName)
  if (location === undefined) {
    if (part.at('location') === undefined) part.fault('has no `location`')
    return []
  }
  const pulls = part.at('pulls')?.parsed((text) => {
    if (text === 'digest' || text === 'tag') return text
    throw new ChartferryError('USAGE', 'must be digest or tag')
  })
  return [{ location, ...(pulls === undefined ? {} : { pulls }), ...readAccess(part, readNamed) }]
}

function readAccess(part: Part, readNamed: ReadNamedFile): Omit<RegistryMirror, 'location' | 'pulls'> {
  const file = (key: string): string | undefined => part.at(key)?.parsed(readNamed)
  const [ca, cert, key] = [file('caFile'), file('certFile'), file('keyFile')]
  const username = part.at('username')?.text()
  const secret = (key: 'password' | 'token'): string | undefined =>
    file(`${key}File`)?.replace(/\r?\n$/, '') ?? part.at(key)?.text()
  const [password, token] = [secret('password'), secret('token')]
  if (username === undefined && password !== undefined) part.fault('has a password, and no `username`')
  if (username !== undefined && token !== undefined) part.fault('has a `username` and a token; give one of the two')
  const trustedRealms = (part.at('trustRealms')?.items() ?? []).flatMap((item) => item.text() ?? [])
  return {
    ...flag(part, 'plainHttp'),
    ...flag(part, 'insecureSkipTlsVerify'),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(token === undefined ? {} : { credential: { kind: 'bearer', token } as const }),
    ...(username === undefined ? {} : { credential: { kind: 'basic', username, password: password ?? '' } as const }),
    ...(trustedRealms.length === 0 ? {} : { trustedRealms }),
  }
}

function flag<Key extends string>(part: Part, key: Key): { readonly [K in Key]?: boolean } {
  const found = part.at(key)
  if (found === undefined) return {}
  if (typeof found.value === 'boolean') return { [key]: found.value } as { readonly [K in Key]?: boolean }
  found.fault('must be true or false')
  return {}
}

/** A registry, and a path below it where there is one. */
function isPlace(text: string): boolean {
  try {
    placeName(text)
    return true
  } catch {
    return false
  }
}

/** `host[:port][/path]`, without scheme, tag and slash at the end. Throws REFERENCE_INVALID. */
export function placeName(text: string): string {
  const bare = text.replace(/\/+$/, '')
  const { host, tag, digest } = canonicalReference(parseReference(`${bare}/x`))
  if (tag !== undefined || digest !== undefined || !`${bare}/`.startsWith(`${host}/`))
    throw new ChartferryError('REFERENCE_INVALID', `${text}: no host[:port], with a path or without`)
  return bare
}
