// What a registry wants to be convinced by, and whether the place that gives tokens may see our credentials.
import { isIPv4, isIPv6 } from 'node:net'

/** One challenge of a WWW-Authenticate header (RFC 9110, 11.6.1). */
export interface Challenge {
  /** In small letters: `bearer`, `basic`. */
  readonly scheme: string
  /** Names in small letters. */
  readonly parameters: Readonly<Record<string, string>>
}

const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y
const quoted = /"((?:[^"\\]|\\.)*)"/y

/** Reads a header; what cannot be read is left out. Commas inside quotes separate nothing. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(header) ?? undefined
    if (match !== undefined) at = pattern.lastIndex
    return match
  }
  while (at < header.length) {
    const word = take(token)?.[0]
    if (word === undefined) {
      at++
      continue
    }
    if (header[at] !== '=') {
      challenges.push({ scheme: word.toLowerCase(), parameters: {} })
      continue
    }
    at++
    const value = take(quoted)?.[1]?.replace(/\\(.)/g, '$1') ?? take(token)?.[0] ?? ''
    const current = challenges.at(-1)
    if (current !== undefined) current.parameters[word.toLowerCase()] = value
  }
  return challenges
}

/** Domains whose names below belong to different people: what shares one of them shares no owner. */
const shared = [
  'amazonaws.com',
  'azurecr.io',
  'azurewebsites.net',
  'cloudfront.net',
  'github.io',
  'googleapis.com',
  'herokuapp.com',
  'jfrog.io',
  'pkg.dev',
  'run.app',
  'scw.cloud',
  'vercel.app',
  'workers.dev',
]

/**
 * Why credentials for a registry must not go to a token service, or undefined where they may: the realm is a registry's
 * own word, so it must be as safe as the registry (no http behind https) and belong to the same domain, or be listed by
 * the user.
 */
export function realmRefusal(registry: URL, realm: URL, trusted: readonly string[] = []): string | undefined {
  if (!/^https?:$/.test(realm.protocol)) return `${realm.protocol} is no HTTP`
  if (registry.protocol === 'https:' && realm.protocol !== 'https:') return 'it is reached without TLS'
  if (realm.hostname === registry.hostname || trusted.includes(realm.host)) return undefined
  const domain = ownerDomain(registry.hostname)
  if (domain !== undefined && domain === ownerDomain(realm.hostname)) return undefined
  return `it is another host than ${registry.hostname}`
}

/**
 * The part of a host name that somebody registered: two labels, three below `co.uk` and its like; undefined where that
 * is unknown.
 */
function ownerDomain(hostname: string): string | undefined {
  if (isIPv4(hostname) || isIPv6(hostname.replace(/^\[|\]$/g, ''))) return undefined
  if (shared.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`))) return undefined
  const labels = hostname.split('.')
  const [second = '', top = ''] = labels.slice(-2)
  const count = top.length === 2 && second.length <= 3 ? 3 : 2
  return labels.length < count ? undefined : labels.slice(-count).join('.')
}
