// Who has signed in on a page: a cookie that holds the credentials, sealed. They are judged anew at every request, so a
// user who is taken away, or a token that expires, is out at once.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { BlobStore } from '@chartferry/core/transfer'
import { hasCredentials } from './authorization.ts'
import { sharedKey } from './shared-key.ts'

export interface Sessions {
  /** The value of a cookie for credentials as the header has them. Throws STORE_UNAVAILABLE. */
  seal(authorization: string): Promise<string>
  /**
   * The headers with the credentials of the cookie, where the request has such a cookie and no credentials of its own;
   * undefined for any other request, and for a cookie that is too old or not ours. Throws STORE_UNAVAILABLE.
   */
  headersOf(headers: IncomingHttpHeaders): Promise<IncomingHttpHeaders | undefined>
}

/** Of the cookie. */
export const sessionCookie = 'chartferry-session'
/** Seconds for which somebody stays signed in. */
export const sessionSeconds: number = 12 * 3600

const algorithm = 'aes-256-gcm'
const bytes = { nonce: 12, tag: 16 }
/** A cookie that is longer is none of ours. */
const longest = 4000

interface Sealed {
  readonly authorization: string
  /** Milliseconds since 1970. */
  readonly until: number
}

/** Sessions of all servers on a store: they share the key. */
export function openSessions(store: BlobStore, now: () => number): Sessions {
  const key = sharedKey(store, 'auth/session-key')

  async function open(value: string): Promise<Sealed | undefined> {
    const sealed = Buffer.from(value, 'base64url')
    if (value.length > longest || sealed.length <= bytes.nonce + bytes.tag) return undefined
    const nonce = sealed.subarray(0, bytes.nonce)
    const decipher = createDecipheriv(algorithm, await key(), nonce, { authTagLength: bytes.tag })
    decipher.setAuthTag(sealed.subarray(bytes.nonce, bytes.nonce + bytes.tag))
    try {
      const text = Buffer.concat([decipher.update(sealed.subarray(bytes.nonce + bytes.tag)), decipher.final()])
      return JSON.parse(text.toString()) as Sealed
    } catch {
      // Changed on its way, or sealed with another key.
      return undefined
    }
  }

  return {
    seal: async (authorization) => {
      const nonce = randomBytes(bytes.nonce)
      const cipher = createCipheriv(algorithm, await key(), nonce, { authTagLength: bytes.tag })
      const content: Sealed = { authorization, until: now() + sessionSeconds * 1000 }
      const text = Buffer.concat([cipher.update(JSON.stringify(content)), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url')
    },
    headersOf: async (headers) => {
      if (hasCredentials(headers)) return undefined
      const value = cookieOf(headers)
      const session = value === undefined ? undefined : await open(value)
      if (session === undefined || session.until <= now()) return undefined
      return { ...headers, authorization: session.authorization }
    },
  }
}

/** The value of our cookie (RFC 6265, 4.2.1); undefined where the request has none. */
function cookieOf({ cookie = '' }: IncomingHttpHeaders): string | undefined {
  for (const pair of cookie.split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === sessionCookie) return pair.slice(at + 1).trim()
  }
  return undefined
}
