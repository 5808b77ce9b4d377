// PORT: who sends a request, told by its headers.
import type { IncomingHttpHeaders } from 'node:http'
import { ChartferryError } from '@chartferry/core'
import { hasCredentials } from './authorization.ts'

/** Somebody whose credentials were right. */
export interface Principal {
  /** What rules and the audit log call them. */
  readonly name: string
  readonly groups: readonly string[]
  /** What their token says, where they came with one that says something. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** What their credentials are good for, where that is less than what they may do. */
  readonly grants?: readonly { readonly name: string; readonly actions: readonly string[] }[]
  /** Whether the credentials say nothing of who they are: a token that anybody can have. */
  readonly isAnybody?: boolean
}

export interface Authenticator {
  /**
   * Undefined when the headers hold nothing that this authenticator judges. Throws UNAUTHENTICATED for credentials
   * that are wrong, AUTH_UNAVAILABLE when that cannot be told now, TOO_MANY_REQUESTS when too many wait for it.
   * `client` names who asks, so that one does not take the turns of all. Default: all are one.
   */
  authenticate(headers: IncomingHttpHeaders, client?: string): Promise<Principal | undefined>
}

/** The first that knows the credentials judges them; credentials that nobody knows are wrong. */
export function firstOf(authenticators: readonly Authenticator[]): Authenticator {
  return {
    authenticate: async (headers, client) => {
      for (const authenticator of authenticators) {
        const principal = await authenticator.authenticate(headers, client)
        if (principal !== undefined) return principal
      }
      if (!hasCredentials(headers)) return undefined
      throw unauthenticated('the credentials are not right')
    },
  }
}

/** The words tell the client nothing about which part was wrong; `reason` is for the log. */
export function unauthenticated(message: string, reason?: string): ChartferryError {
  return new ChartferryError('UNAUTHENTICATED', message, reason === undefined ? {} : { details: { reason } })
}
