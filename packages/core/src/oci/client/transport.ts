// Requests to one registry: who we are, how many at once, when to wait, and how to say what went wrong.
import { ChartferryError, isChartferryError, throwIfCancelled } from '../../errors.ts'
import type { Credential, IdentityToken } from '../http/credentials.ts'
import type { HttpClient } from '../http/http-client.ts'
import type { HttpRequestOptions, HttpResponse } from '../http/http-message.ts'
import { isRepeatable, retryAfter } from '../http/send-request.ts'
import type { Challenge } from './challenge.ts'
import { openCoolDown, openSlots, type Quota, readQuota } from './host-gate.ts'
import { pickChallenge, ping } from './ping.ts'
import { asRegistryError, drain } from './registry-error.ts'
import { isPassingError, isPassingStatus, openRepetition, type Patience, pauseFor, type Repeat } from './repetition.ts'
import { openTokens, type TokenSource } from './token.ts'

export interface TransportOptions {
  readonly client: HttpClient
  /** As references name it: `docker.io`, `registry.corp:5000`. */
  readonly host: string
  /** Whether http is spoken. Default: https, and http with a host that is this machine and does not speak https. */
  readonly plainHttp?: boolean | undefined
  /** Whether http is tried with any host that does not speak https. */
  readonly httpAllowed: boolean
  readonly credential: (repository: string) => Promise<Credential | IdentityToken | undefined>
  readonly trustedRealms: readonly string[]
  /** Requests at once whose answer has not begun. */
  readonly concurrency: number
  /** Milliseconds that a pause may last. */
  readonly longestPause: number
  readonly onQuota: (quota: Quota) => void
  /** How often and how long what fails is asked again. */
  readonly patience: Patience
  readonly onRepeat: (repeat: Repeat) => void
  /** Whether what is refused to us is asked for once as nobody. */
  readonly anonymousFallback: boolean
}

export interface RegistryRequest {
  readonly method?: HttpRequestOptions['method']
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: HttpRequestOptions['body']
  readonly headTimeout?: number
  /** Whether it is sent once, although it could be sent again: where the server may have taken a part. Default: false. */
  readonly once?: boolean
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
   * The answer, whatever its status but 401 with credentials that help and 429. A failure that may pass is asked again
   * where the body can be sent again. Throws REGISTRY_DENIED, REGISTRY_UNREACHABLE, RATE_LIMITED.
   */
  send(path: string, request: RegistryRequest): Promise<HttpResponse>
  /**
   * Makes an address that the registry gave (a Location, RFC 9110, 10.2.2) absolute, on the registry's own terms; one
   * that is relative is so to `base`, the address that was asked, or to the registry. Throws REGISTRY_INVALID.
   */
  locate(location: string, base?: string): Promise<string>
  /** How often and how long what fails is asked again. */
  readonly patience: Patience
  /** Tells that something was sent again, and why. */
  repeated(why: string): void
  /** Whether there are credentials for a repository. */
  isKnown(repository: string): Promise<boolean>
  /** Facts about the registry that one repository learned and all can use. */
  readonly known: {
    referrersApi?: boolean
    chunkBytes?: number
    /** Whether the token service has given a token to our credentials. */
    hasToken?: boolean
    /** Whether HEAD has told the truth about a manifest by its tag, and by its digest. */
    readonly headTells: Set<'tag' | 'digest'>
    /** Things that were said once and need not be again. */
    readonly told: Set<string>
  }
}

/** Opens the way to a registry; nothing is sent before the first request. */
export function openTransport(options: TransportOptions): Transport {
  const { client, host } = options
  const slots = openSlots(options.concurrency)
  const known: Transport['known'] = { headTells: new Set(), told: new Set() }
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
    asNobody: boolean,
  ): Promise<TokenSource & { readonly credential: Credential | IdentityToken | undefined }> => {
    const key = `${asNobody ? 'nobody' : 'us'} ${repository}`
    const pending =
      tokens.get(key) ??
      (asNobody ? Promise.resolve(undefined) : options.credential(repository)).then((credential) => ({
        ...openTokens({ client, origin, credential, trustedRealms: options.trustedRealms, now: Date.now }),
        credential,
      }))
    tokens.set(key, pending)
    return pending
  }

  const authorize = async (
    request: RegistryRequest,
    scopes: readonly string[],
    origin: URL,
    challenge: Challenge | undefined,
    asNobody: boolean,
  ): Promise<Credential | undefined> => {
    if (challenge === undefined) return undefined
    const source = await tokensFor(origin, request.repository, asNobody)
    const { credential } = source
    if (credential?.kind === 'bearer') return credential
    if (challenge.scheme === 'basic') return credential?.kind === 'basic' ? credential : undefined
    const token = await source.token(challenge, scopes, request.signal)
    known.hasToken ||= credential !== undefined
    return { kind: 'bearer', token }
  }

  /** Sends it once, and once more where the registry wants other proof of who we are. */
  const sendOnce = async (path: string, request: RegistryRequest, asNobody: boolean): Promise<HttpResponse> => {
    const { signal } = request
    const opened = await open(signal)
    let scopes = scopesOf(request)
    for (let renewed = false; ; renewed = true) {
      throwIfCancelled(signal)
      const { challenge } = opened
      const credential = await authorize(request, scopes, opened.origin, challenge, asNobody)
      const response = await slots.run(() =>
        client.request(new URL(path, opened.origin), {
          ...(request.method === undefined ? {} : { method: request.method }),
          ...(request.headers === undefined ? {} : { headers: request.headers }),
          ...(request.body === undefined ? {} : { body: request.body }),
          ...(request.headTimeout === undefined ? {} : { headTimeout: request.headTimeout }),
          credential,
          attempts: 1,
          home: opened.origin.origin,
          signal,
        }),
      )
      const quota = readQuota(host, response.headers)
      if (quota !== undefined) options.onQuota(quota)
      if (response.status !== 401 || renewed) return response
      const wanted = pickChallenge(response.headers['www-authenticate'])
      if (wanted === undefined) return response
      opened.challenge = wanted
      const source = await tokensFor(opened.origin, request.repository, asNobody)
      // A Basic challenge to somebody who showed his password, or has none, is the last word.
      const isLast = source.credential?.kind !== 'basic' || credential?.kind === 'basic'
      if (wanted.scheme === 'basic' && isLast) return response
      source.forget(scopes)
      const named = (wanted.parameters.scope ?? '').split(' ').filter((scope) => scope !== '')
      // Some registries want other words for the same thing, or more than we asked for.
      scopes = [...new Set([...scopes, ...named])]
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

  /** Sends it until it is answered with something that will stay so. */
  const send = async (path: string, request: RegistryRequest, asNobody: boolean): Promise<HttpResponse> => {
    const { signal } = request
    const repetition = openRepetition(options.patience)
    const repeats = request.once !== true && isRepeatable(request.body)
    for (;;) {
      await coolDown.over(signal)
      const outcome = await sendOnce(path, request, asNobody).catch((thrown: unknown) => {
        // A host that has answered before will be back; one that never has may not exist.
        if (isPassingError(thrown, opening !== undefined)) return thrown
        throw thrown
      })
      const isError = outcome instanceof ChartferryError
      const isForeign = !isError && isPage(path, request, outcome)
      if (!isError && !isForeign && !isPassingStatus(outcome.status)) return outcome
      const header = isError ? undefined : outcome.headers['retry-after']
      const pause = repeats ? repetition.next(header) : undefined
      if (!isError && outcome.status === 429) {
        await drain(outcome)
        // Everybody waits, and whoever does not repeat says so.
        coolDown.begin(pause ?? retryAfter(header, Date.now()) ?? 0)
        if (pause === undefined)
          throw new ChartferryError('RATE_LIMITED', `${host}: too many requests`, { details: { host, status: 429 } })
      }
      if (pause === undefined) {
        if (isError) throw outcome
        if (!isForeign) return outcome
        await drain(outcome)
        throw new ChartferryError(
          request.once === true ? 'REGISTRY_UNREACHABLE' : 'REGISTRY_INVALID',
          pageWords(host),
          {
            hint: 'Something before the registry answers in its place: a proxy, or a page to log in.',
          },
        )
      }
      if (!isError && outcome.status !== 429) await drain(outcome)
      options.onRepeat({
        host,
        why: isError
          ? typeof outcome.details.reason === 'string'
            ? outcome.details.reason
            : outcome.code
          : isForeign
            ? 'a page of HTML'
            : `status ${outcome.status}`,
      })
      await pauseFor(pause, signal)
    }
  }

  /** Whoever may read without being anybody is let in although what he shows is out of date. */
  const sendAs = async (path: string, request: RegistryRequest): Promise<HttpResponse> => {
    const credential = options.anonymousFallback ? await options.credential(request.repository) : undefined
    if (credential === undefined || request.actions !== 'pull') return send(path, request, false)
    const refused = await send(path, request, false).catch((thrown: unknown) => {
      if (isChartferryError(thrown, 'REGISTRY_DENIED')) return thrown
      throw thrown
    })
    if (!(refused instanceof ChartferryError) && ![401, 403].includes(refused.status)) return refused
    if (!(refused instanceof ChartferryError)) await drain(refused)
    return send(path, request, true)
  }

  return {
    host,
    known,
    patience: options.patience,
    repeated: (why) => options.onRepeat({ host, why }),
    send: (path, request) =>
      sendAs(path, request).catch((thrown: unknown) => {
        throw asRegistryError(thrown, host, request.signal)
      }),
    isKnown: async (repository) => (await options.credential(repository)) !== undefined,
    locate: async (location, base) => {
      const { origin } = await open(undefined)
      const url = URL.parse(location, base ?? origin.href)
      if (url === null || !/^https?:$/.test(url.protocol))
        throw new ChartferryError(
          'REGISTRY_INVALID',
          `${host}: names an address that is none: ${location.slice(0, 200)}`,
        )
      // A registry behind a proxy that ends TLS often names itself by http.
      if (url.hostname === origin.hostname && origin.protocol === 'https:') {
        url.protocol = 'https:'
        url.port = origin.port
      }
      return url.href
    },
  }
}

/** Whether a success is a page of HTML where a registry has none: only the bytes of a blob may be anything. */
function isPage(path: string, { method = 'GET' }: RegistryRequest, { status, headers }: HttpResponse): boolean {
  const isBlob = method === 'GET' && /\/blobs\/[^/]+$/.test(path.split('?')[0] ?? '')
  return status >= 200 && status < 300 && !isBlob && /^text\/html\b/i.test(headers['content-type'] ?? '')
}

function pageWords(host: string): string {
  return `${host}: answers with a page of HTML where a registry has none`
}

function scopesOf({ repository, actions, also }: RegistryRequest): readonly string[] {
  if (repository === '') return []
  const scope = `repository:${repository}:${actions}`
  return also === undefined || also === repository ? [scope] : [scope, `repository:${also}:pull`]
}
