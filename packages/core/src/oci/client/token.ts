// Tokens of a registry: asked for once a scope, kept until shortly before they end (distribution: docs/spec/auth).
import { ChartferryError } from '../../errors.ts'
import { isRecord } from '../content/descriptor.ts'
import type { Credential, IdentityToken } from '../http/credentials.ts'
import type { HttpClient } from '../http/http-client.ts'
import { redactUrl } from '../http/redact-url.ts'
import { readBody } from '../http/response-body.ts'
import { type Challenge, realmRefusal } from './challenge.ts'

export interface TokenOptions {
  readonly client: HttpClient
  /** The registry's own address. */
  readonly origin: URL
  /** Who we are to the registry; undefined for nobody. */
  readonly credential: Credential | IdentityToken | undefined
  /** Hosts of token services that may see the credentials although they are not the registry's. */
  readonly trustedRealms: readonly string[]
  readonly now: () => number
}

/** Gives the token for scopes, and forgets it when the registry does not take it any more. */
export interface TokenSource {
  token(challenge: Challenge, scopes: readonly string[], signal?: AbortSignal): Promise<string>
  forget(scopes: readonly string[]): void
}

interface KeptToken {
  readonly value: string
  /** Milliseconds since 1970. */
  readonly until: number
}

const clientId = 'chartferry'
const maxAnswer = 1 << 20
/** What the specification assumes where a service says nothing; a token is renewed before its last fifth. */
const defaultSeconds = 60

/** Opens the tokens of one registry. */
export function openTokens(options: TokenOptions): TokenSource {
  const kept = new Map<string, Promise<KeptToken>>()
  const keyOf = (scopes: readonly string[]): string => [...scopes].sort().join(' ')
  return {
    async token(challenge, scopes, signal) {
      const key = keyOf(scopes)
      for (let entry = kept.get(key); entry !== undefined; ) {
        const found = await entry.catch(() => undefined)
        if (found !== undefined && found.until > options.now()) return found.value
        // Of several that wait here the first asks anew; the others wait for its answer.
        const newer = kept.get(key)
        entry = newer === entry ? undefined : newer
      }
      const pending = fetchToken(challenge, scopes, options, signal)
      kept.set(key, pending)
      return (await pending).value
    },
    forget: (scopes) => void kept.delete(keyOf(scopes)),
  }
}

async function fetchToken(
  { parameters }: Challenge,
  scopes: readonly string[],
  options: TokenOptions,
  signal: AbortSignal | undefined,
): Promise<KeptToken> {
  const { client, origin, credential, trustedRealms, now } = options
  const realm = URL.parse(parameters.realm ?? '', origin.href)
  if (realm === null) throw new ChartferryError('REGISTRY_INVALID', `${origin.host}: its token service has no address`)
  const refusal = realmRefusal(origin, realm, trustedRealms)
  if (refusal !== undefined && (credential !== undefined || realm.protocol === 'http:')) {
    throw new ChartferryError(
      'REGISTRY_DENIED',
      `${origin.host} wants its credentials sent to ${redactUrl(realm)}: ${refusal}`,
      {
        hint: `If you trust that host with the credentials, add: --trust-realm ${realm.host}`,
      },
    )
  }
  const started = now()
  const form = new URLSearchParams({
    ...(parameters.service ? { service: parameters.service } : {}),
    client_id: clientId,
  })
  const isIdentity = credential?.kind === 'identity'
  if (isIdentity) {
    form.set('grant_type', 'refresh_token')
    form.set('refresh_token', credential.token)
    if (scopes.length > 0) form.set('scope', scopes.join(' '))
  } else {
    for (const scope of scopes) form.append('scope', scope)
    if (credential?.kind === 'basic') form.set('account', credential.username)
    for (const [name, value] of form) realm.searchParams.append(name, value)
  }
  const response = await client.request(realm, {
    // An anonymous request to a foreign host may not reach what only this machine can see.
    home: refusal === undefined ? realm.origin : origin.origin,
    signal,
    ...(isIdentity
      ? { method: 'POST', body: form.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } }
      : { credential: credential as Credential | undefined }),
  })
  const body = await readBody(response, { maxBytes: maxAnswer, signal })
  if (response.status !== 200) {
    const code =
      response.status >= 500 ? 'REGISTRY_UNREACHABLE' : response.status === 429 ? 'RATE_LIMITED' : 'REGISTRY_DENIED'
    const who = credential === undefined ? 'without credentials' : 'with the credentials at hand'
    throw new ChartferryError(code, `${origin.host}: ${redactUrl(realm)} gives no token ${who} (${response.status})`, {
      details: { status: response.status },
      ...(code === 'REGISTRY_DENIED' ? { hint: `Log in: chartferry login ${origin.host}` } : {}),
    })
  }
  const answer = parseAnswer(body)
  const value = answer.token ?? answer.access_token
  if (typeof value !== 'string' || value === '')
    throw new ChartferryError('REGISTRY_INVALID', `${origin.host}: ${redactUrl(realm)} answered without a token`)
  const seconds = typeof answer.expires_in === 'number' && answer.expires_in > 0 ? answer.expires_in : defaultSeconds
  return { value, until: started + seconds * 800 }
}

function parseAnswer(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(body.toString())
    return isRecord(answer) ? answer : {}
  } catch {
    return {}
  }
}
