// Tokens that the configuration knows by their SHA-256: long random texts, so that one hash of them says nothing.
import { createHash, timingSafeEqual } from 'node:crypto'
import type { TokenConfig } from '../config/access-config.ts'
import { type Authenticator, unauthenticated } from './authenticator.ts'
import { readAuthorization } from './authorization.ts'

/**
 * Judges bearer tokens that it knows, also as a basic password under the token's own name. Others are left to whoever
 * comes next. Throws UNAUTHENTICATED for one that has expired.
 */
export function tokenAuthenticator(tokens: readonly TokenConfig[], now: () => number): Authenticator {
  return {
    authenticate: async (headers) => {
      const given = readAuthorization(headers)
      if (given === undefined) return undefined
      const hash = createHash('sha256')
        .update(given.kind === 'bearer' ? given.token : given.password)
        .digest()
      // All of them are compared, so that time tells nothing about where one stands.
      const found = tokens.filter(({ sha256 }) => timingSafeEqual(sha256, hash))[0]
      if (found === undefined || (given.kind === 'basic' && given.username !== found.name)) return undefined
      if (found.expires !== undefined && found.expires <= now())
        throw unauthenticated('the credentials are not right', `the token ${found.name} has expired`)
      return { name: found.name, groups: found.groups }
    },
  }
}
