// Principals from signed tokens of issuers that the configuration trusts.
import { type Authenticator, type Principal, unauthenticated } from './authenticator.ts'
import { readAuthorization } from './authorization.ts'
import { claimedIssuer, type JwtRules, looksLikeJwt, verifyJwt } from './jwt.ts'

export interface TrustedIssuer extends JwtRules {
  /** The claim that names the principal. */
  readonly nameClaim: string
  /** The claim that lists its groups; undefined: it has none. */
  readonly groupsClaim?: string | undefined
}

export interface BearerOptions {
  readonly now: () => number
  /** Names that a token may not claim: those of users and tokens of the configuration. Default: none. */
  readonly taken?: ReadonlySet<string>
}

/**
 * Judges bearer tokens that have the form of a JWT. Of several issuers the one that the token names counts, otherwise
 * the first that has no name.
 */
export function bearerAuthenticator(
  issuers: readonly TrustedIssuer[],
  { now, taken = new Set() }: BearerOptions,
): Authenticator {
  return {
    authenticate: async (headers) => {
      const given = readAuthorization(headers)
      if (given?.kind !== 'bearer' || !looksLikeJwt(given.token)) return undefined
      const claimed = claimedIssuer(given.token)
      const trusted =
        issuers.find(({ issuer }) => issuer !== undefined && issuer === claimed) ??
        issuers.find(({ issuer }) => issuer === undefined)
      if (trusted === undefined) throw unauthenticated('the token is not right', `the issuer ${claimed} is not trusted`)
      const claims = await verifyJwt(given.token, trusted, now())
      const principal = principalOf(claims, trusted)
      if (taken.has(principal.name))
        throw unauthenticated('the token is not right', `the name ${principal.name} is that of a user here`)
      return principal
    },
  }
}

function principalOf(claims: Readonly<Record<string, unknown>>, { nameClaim, groupsClaim }: TrustedIssuer): Principal {
  const name = claims[nameClaim]
  if (typeof name !== 'string' || name === '')
    throw unauthenticated('the token is not right', `it has no claim ${nameClaim}`)
  const listed = groupsClaim === undefined ? undefined : claims[groupsClaim]
  const groups = Array.isArray(listed) ? listed.filter((group): group is string => typeof group === 'string') : []
  return { name, groups, claims }
}
