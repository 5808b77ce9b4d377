// The Authorization header of a request (RFC 9110, 11.6.2; RFC 7617; RFC 6750).
import type { IncomingHttpHeaders } from 'node:http'

export type Authorization =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }

/** The name under which a token may be sent as a password, for clients that know nothing but names and passwords. */
const tokenUser = 'token'

/** `Basic :`, neither a name nor a password: what skopeo and podman send where they have none. */
const nobodys = /^basic +Og(?:==)? *$/i

/** Whether a request says who sends it, in whatever form. */
export function hasCredentials({ authorization }: IncomingHttpHeaders): boolean {
  return authorization !== undefined && !nobodys.test(authorization)
}

/**
 * Undefined for none, and for what is neither form. A password under the name `token` counts as a bearer token.
 */
export function readAuthorization({ authorization }: IncomingHttpHeaders): Authorization | undefined {
  if (nobodys.test(authorization ?? '')) return undefined
  const match = /^(basic|bearer) +([A-Za-z0-9._~+/=-]+) *$/i.exec(authorization ?? '')
  if (match === null) return undefined
  const [, scheme = '', value = ''] = match
  if (scheme.toLowerCase() === 'bearer') return { kind: 'bearer', token: value }
  const text = Buffer.from(value, 'base64').toString()
  const colon = text.indexOf(':')
  if (colon < 0) return undefined
  const [username, password] = [text.slice(0, colon), text.slice(colon + 1)]
  return username === tokenUser ? { kind: 'bearer', token: password } : { kind: 'basic', username, password }
}
