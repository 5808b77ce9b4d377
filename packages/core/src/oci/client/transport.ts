// Requests to one registry: who we are, how many at once, when to wait, and how to say what went wrong.
import { ChartferryError, isChartferryError, throwIfCancelled } from '../../errors.ts'
import type { Credential, IdentityToken } from '../http/credentials.ts'
import type { HttpClient } from '../http/http-client.ts'
import type { HttpRequestOptions, HttpResponse } from '../http/http-message.ts'
import { isRepeatable, retryAfter } from '../http/send-request.ts'
import { type Challenge, parseChallenges } from './challenge.ts'
import { openCoolDown, openSlots, type Quota, readQuota } from './host-gate.ts'
import { asRegistryError, drain, speaksNoTls } from './registry-error.ts'
import { openTokens, type TokenSource } from './token.ts'

export interface TransportOptions {
  readonly client: HttpClient
  /** As references name it: `docker.io`, `registry.corp:5000`. */
  readonly host: string
  /** Whether http is spoken. Default: https, and http with a host that is this machine and does not speak https. */
  readonly plainHttp?: boolean | undefined
  readonly credential: (repository: string) => Promise<Credential | IdentityToken | undefined>
  readonly trustedRealms: readonly string[]
  /** Requests at once whose answer has not begun. */
  readonly concurrency: number
  /** Milliseconds that a pause may last. */
  readonly longestPause: number
  readonly onQuota: (quota: Quota) => void
}

export interface RegistryRequest {
  readonly method?: HttpRequestOptions['method']
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: HttpRequestOptions['body']
  readonly headTimeout?: number
  /** The repository that is asked about, and what is done with it. */
  readonly repository: string
  readonly actions: 'pull' | 'pull,push'
  /** Another repository that is read meanwhile. */
  readonly also?: string
  readonly signal?: AbortSignal | undefined
}

export interface Transport {
  readonly host: string
  /**
   * The answer, whatever its status but 401 with credentials that help and 429. Throws REGISTRY_DENIED,
   * REGISTRY_UNREACHABLE, RATE_LIMITED.
   */
  send(path: string, request: RegistryRequest): Promise<HttpResponse>
  /** Makes an address that the registry gave (a Location) absolute, on the registry's own terms. */
  locate(location: string): Promise<string>
  /** Facts about the registry that one repository learned and all can use. */
  readonly known: { referrersApi?: boolean; chunkBytes?: number }
}

const rateLimitAttempts = 6
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/

/** Opens the way to a registry; nothing is sent before the first request. */
export function openTransport(options: TransportOptions): Transport {
  const { client, host } = options
  const slots = openSlots(options.concurrency)
  const coolDown = openCoolDown(host, options.longestPause)
  let opening: Promise<{ readonly origin: URL; challenge: Challenge | undefined }> | undefined
  const open = (signal: AbortSignal | undefined): NonNullable<typeof opening> => {
    opening ??= ping(options, signal).catch((thrown: unknown) => {
      opening = undefined
      throw thrown
    })
    return opening
  }
  const tokens = new Map<
    string,
    Promise<TokenSource & { readonly credential: Credential | IdentityToken | undefined }>
  >()
  const tokensFor = async (
    origin: URL,
    repository: string,
  ): Promise<TokenSource & { readonly credential: Credential | IdentityToken | undefined }> => {
    const pending =
      tokens.get(repository) ??
      options.credential(repository).then((credential) => ({
        ...openTokens({ client, origin, credential, trustedRealms: options.trustedRealms, now: Date.now }),
        credential,
      }))
    tokens.set(repository, pending)
    return pending
  }

  const authorize = async (
    request: RegistryRequest,
    scopes: readonly string[],
    origin: URL,
    challenge: Challenge | undefined,
  ): Promise<Credential | undefined> => {
    if (challenge === undefined) return undefined
    const source = await tokensFor(origin, request.repository)
    const { credential } = source
    if (credential?.kind === 'bearer') return credential
    if (challenge.scheme === 'basic') return credential?.kind === 'basic' ? credential : undefined
    return { kind: 'bearer', token: await source.token(challenge, scopes, request.signal) }
  }

  const send = async (path: string, request: RegistryRequest): Promise<HttpResponse> => {
    const { signal } = request
    const opened = await open(signal)
    let scopes = scopesOf(request)
    let renewed = false
    for (let attempt = 1; ; attempt++) {
      await coolDown.over(signal)
      throwIfCancelled(signal)
      const credential = await authorize(request, scopes, opened.origin, opened.challenge)
      const response = await slots.run(() =>
        client.request(new URL(path, opened.origin), {
          ...(request.method === undefined ? {} : { method: request.method }),
          ...(request.headers === undefined ? {} : { headers: request.headers }),
          ...(request.body === undefined ? {} : { body: request.body }),
          ...(request.headTimeout === undefined ? {} : { headTimeout: request.headTimeout }),
          credential,
          home: opened.origin.origin,
          signal,
        }),
      )
      const quota = readQuota(host, response.headers)
      if (quota !== undefined) options.onQuota(quota)
      if (response.status === 429) {
        await drain(response)
        coolDown.begin(retryAfter(response.headers['retry-after'], Date.now()) ?? 1000 * 2 ** (attempt - 1))
        if (attempt < rateLimitAttempts && isRepeatable(request.body)) continue
        throw new ChartferryError('RATE_LIMITED', `${host}: too many requests`, { details: { host } })
      }
      if (response.status !== 401 || renewed) return response
      const challenge = pickChallenge(response.headers['www-authenticate'])
      if (challenge === undefined) return response
      opened.challenge = challenge
      renewed = true
      const source = await tokensFor(opened.origin, request.repository)
      // A Basic challenge to somebody who showed his password, or has none, is the last word.
      if (challenge.scheme === 'basic' && (credential !== undefined || source.credential?.kind !== 'basic'))
        return response
      source.forget(scopes)
      const wanted = (challenge.parameters.scope ?? '').split(' ').filter((scope) => scope !== '')
      // Some registries want other words for the same thing, or more than we asked for.
      scopes = [...new Set([...scopes, ...wanted])]
      if (!isRepeatable(request.body)) {
        if (credential === undefined) return response
        await drain(response)
        throw new ChartferryError('REGISTRY_UNREACHABLE', `${host}: the token ended during the upload`, {
          details: { reason: 'token' },
        })
      }
      await drain(response)
    }
  }

  return {
    host,
    known: {},
    send: (path, request) =>
      send(path, request).catch((thrown: unknown) => {
        throw asRegistryError(thrown, host, request.signal)
      }),
    locate: async (location) => {
      const { origin } = await open(undefined)
      const url = new URL(location, origin)
      // A registry behind a proxy that ends TLS often names itself by http.
      if (url.hostname === origin.hostname && origin.protocol === 'https:') {
        url.protocol = 'https:'
        url.port = origin.port
      }
      return url.href
    },
  }
}

function scopesOf({ repository, actions, also }: RegistryRequest): readonly string[] {
  if (repository === '') return []
  const scope = `repository:${repository}:${actions}`
  return also === undefined || also === repository ? [scope] : [scope, `repository:${also}:pull`]
}

/** Bearer before Basic: tokens can be had with less than a password. */
function pickChallenge(header: string | undefined): Challenge | undefined {
  const challenges = parseChallenges(header ?? '')
  return challenges.find(({ scheme }) => scheme === 'bearer') ?? challenges.find(({ scheme }) => scheme === 'basic')
}

/** Docker Hub is reached under another name than it is called by. */
function addressOf(host: string): string {
  return host === 'docker.io' || host === 'index.docker.io' ? 'registry-1.docker.io' : host
}

async function ping(
  { client, host, plainHttp }: TransportOptions,
  signal: AbortSignal | undefined,
): Promise<{ readonly origin: URL; challenge: Challenge | undefined }> {
  const isLocal = plainHttp === undefined && loopback.test(host)
  const schemes = plainHttp === true ? ['http'] : isLocal ? ['https', 'http'] : ['https']
  for (const scheme of schemes) {
    const origin = new URL(`${scheme}://${addressOf(host)}`)
    try {
      const attempts = isLocal && scheme === 'https' ? { attempts: 1 } : {}
      const response = await client.request(new URL('/v2/', origin), { ...attempts, signal })
      await drain(response)
      const challenge = response.status === 401 ? pickChallenge(response.headers['www-authenticate']) : undefined
      return { origin, challenge }
    } catch (thrown) {
      // A certificate that is not believed is no reason to speak without one.
      const isPlain =
        isChartferryError(thrown, 'UPSTREAM_UNREACHABLE') &&
        (speaksNoTls(thrown.message) || thrown.details.reason === 'connection')
      if (scheme !== schemes.at(-1) && isPlain) continue
      throw thrown
    }
  }
  throw new ChartferryError('REGISTRY_UNREACHABLE', `${host}: does not answer`)
}
