// Signed tokens (JWT, RFC 7519 and 8725): who they speak of, if they are for us, in time, and signed by whom we trust.
import { isChartferryError } from '@chartferry/core'
import { decodeJwt, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import { type JwtAlgorithm, jwtAlgorithms } from '../config/access-config.ts'
import { unauthenticated } from './authenticator.ts'
import type { KeySource } from './key-source.ts'

export interface JwtRules {
  readonly keys: KeySource
  /** Default: all of `jwtAlgorithms`. */
  readonly algorithms?: readonly JwtAlgorithm[] | undefined
  /** What `iss` must be. Default: anything. */
  readonly issuer?: string | undefined
  /** What `aud` must be or hold. Default: anything. */
  readonly audience?: string | undefined
  /** Whether a token without `exp` is taken. Default: false. */
  readonly mayLastForEver?: boolean
  /** Seconds by which clocks may differ. Default: 30. */
  readonly clockTolerance?: number
}

/**
 * The claims of a token. Throws UNAUTHENTICATED for every token that is not right, with the reason in its details;
 * AUTH_UNAVAILABLE when the keys cannot be had.
 */
export async function verifyJwt(token: string, rules: JwtRules, now: number): Promise<JWTPayload> {
  const { keys, algorithms = jwtAlgorithms, issuer, audience, mayLastForEver = false, clockTolerance = 30 } = rules
  const options: JWTVerifyOptions = {
    algorithms: [...algorithms],
    clockTolerance,
    currentDate: new Date(now),
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
    ...(mayLastForEver ? {} : { requiredClaims: ['exp'] }),
  }
  let failure: unknown
  try {
    const header = headerOf(token)
    for (const key of await keys.keysFor(header, now)) {
      try {
        const { payload } = await jwtVerify(token, key, options)
        return payload
      } catch (thrown) {
        failure = thrown
        // Several keys may fit where the token names none; anything but a wrong signature is final.
        if (!(thrown instanceof errors.JWSSignatureVerificationFailed)) break
      }
    }
  } catch (thrown) {
    if (isChartferryError(thrown)) throw thrown
    failure = thrown
  }
  throw unauthenticated('the token is not right', failure instanceof Error ? failure.message : 'no key fits')
}

/** The issuer that a token claims, without having checked anything; undefined for what is no JWT. */
export function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

/** Whether a text has the form of a JWT: three parts, the first of which is a JSON object. */
export function looksLikeJwt(token: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(token)
}

function headerOf(token: string): { readonly alg?: string; readonly kid?: string } {
  const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
  if (typeof header !== 'object' || header === null) throw new Error('the head of the token is no object')
  const { alg, kid } = header as { alg?: unknown; kid?: unknown }
  return { ...(typeof alg === 'string' ? { alg } : {}), ...(typeof kid === 'string' ? { kid } : {}) }
}
