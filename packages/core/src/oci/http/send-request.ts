// One request with all that surrounds it: attempts, redirects, and the rule about who gets the credential.

import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import type { Dispatcher, request } from 'undici'
import { ChartferryError, throwIfCancelled } from '../../errors.ts'
import { authorizationOf, type Credential, splitCredential } from './credentials.ts'
import type { HttpRequestOptions, HttpResponse } from './http-message.ts'
import { blockedCode } from './link-local.ts'
import { redactUrl } from './redact-url.ts'
import { requestError } from './request-error.ts'

/** What `sendRequest` needs of its client. */
export interface Connections {
  /** undici's. */
  readonly send: typeof request
  readonly userAgent: string
  readonly attempts: number
  /** Statuses after which a request that may be repeated is. */
  readonly passing: readonly number[]
  readonly retryDelay: number
  readonly timeout: number
  /** For the home origin, and for all others. */
  readonly trusted: Dispatcher
  readonly guarded: Dispatcher
  /** Past the proxy, where there is one. */
  readonly direct: Dispatcher | undefined
  /** Whether a host of the home origin is reached past the proxy. */
  readonly isDirect: (host: string) => boolean
  /** Whether an address is nothing that other origins may lead to. */
  readonly isBlocked: (host: string) => boolean
}

const maxRedirects = 5
/** Milliseconds. A server that wants us to wait longer gets no second request now. */
const maxWait = 10_000

/** See `HttpClient.request`. */
export async function sendRequest(
  connections: Connections,
  from: URL,
  options: HttpRequestOptions,
): Promise<HttpResponse> {
  const { url: start, credential } = splitCredential(from)
  const home = options.home ?? start.origin
  const known = { ...options, credential: options.credential ?? credential, home }
  const follows = ['GET', 'HEAD'].includes(options.method ?? 'GET')
  let url = start
  for (let redirects = 0; ; redirects++) {
    const response = await sendWithRetries(connections, url, known)
    const location = response.headers.location
    if (!follows || ![301, 302, 303, 307, 308].includes(response.status) || location === undefined) return response
    discardBody(response)
    if (redirects === maxRedirects) throw invalidRedirect(start, `more than ${maxRedirects} redirects`)
    const next = URL.parse(location, url.href)
    if (next === null || !/^https?:$/.test(next.protocol))
      throw invalidRedirect(start, 'a redirect to something that is no HTTP URL')
    url = splitCredential(next).url
  }
}

function invalidRedirect(url: URL, what: string): ChartferryError {
  return new ChartferryError('UPSTREAM_INVALID', `${redactUrl(url)}: ${what}`)
}

/** Lets go of an answer whose body nobody wants. */
export function discardBody(response: Pick<HttpResponse, 'body'>): void {
  // Ending a body early is an error to it, which nobody else would hear.
  const body: unknown = response.body
  if (body instanceof Readable) body.on('error', () => {})
  response.body.destroy()
}

interface KnownOptions extends HttpRequestOptions {
  readonly credential: Credential | undefined
  readonly home: string
}

async function sendWithRetries(connections: Connections, url: URL, options: KnownOptions): Promise<HttpResponse> {
  const { method = 'GET', signal } = options
  const repeats = ['GET', 'HEAD', 'PUT', 'DELETE'].includes(method) && isRepeatable(options.body)
  const attempts = repeats ? (options.attempts ?? connections.attempts) : 1
  for (let attempt = 1; ; attempt++) {
    throwIfCancelled(signal)
    // A little apart, so that many clients do not march in step.
    let pause = connections.retryDelay * 2 ** (attempt - 1) * (0.75 + Math.random() / 2)
    try {
      const response = await sendOnce(connections, url, options)
      if (attempt >= attempts || !connections.passing.includes(response.status)) return response
      pause = retryAfter(response.headers['retry-after'], Date.now()) ?? pause
      if (pause > maxWait) return response
      discardBody(response)
    } catch (thrown) {
      const error = requestError(thrown, url, signal)
      // A server that was reached and stays silent will not be quicker the next time.
      const final =
        error.code !== 'UPSTREAM_UNREACHABLE' ||
        ['certificate', 'address not allowed'].includes(String(error.details.reason))
      if (attempt >= attempts || final) throw error
    }
    await wait(pause, undefined, signal === undefined ? {} : { signal }).catch((thrown: unknown) => {
      throw requestError(thrown, url, signal)
    })
  }
}

/** Whether a body can be sent again. */
export function isRepeatable(body: HttpRequestOptions['body']): boolean {
  return body === undefined || typeof body === 'string' || body instanceof Uint8Array
}

async function sendOnce(connections: Connections, url: URL, options: KnownOptions): Promise<HttpResponse> {
  const { method = 'GET', headers = {}, body, credential, home, signal } = options
  const atHome = url.origin === home
  const isGuarded = !atHome || options.guarded === true
  if (isGuarded && connections.isBlocked(url.hostname)) {
    throw Object.assign(new Error(`${url.hostname} is an address that is not allowed`), { code: blockedCode })
  }
  const { authorization, cookie, ...harmless } = { authorization: undefined, cookie: undefined, ...headers }
  const secret = {
    ...(authorization === undefined ? {} : { authorization }),
    ...(cookie === undefined ? {} : { cookie }),
    ...(credential === undefined ? {} : { authorization: authorizationOf(credential) }),
  }
  const response = await connections.send(url, {
    dispatcher: isGuarded
      ? connections.guarded
      : connections.direct !== undefined && connections.isDirect(url.hostname)
        ? connections.direct
        : connections.trusted,
    method,
    headers: { 'user-agent': connections.userAgent, ...harmless, ...(atHome ? secret : {}) },
    headersTimeout: options.headTimeout ?? connections.timeout,
    bodyTimeout: connections.timeout,
    // undici sends any iterable; its types know streams alone.
    ...(body === undefined ? {} : { body: body as Uint8Array | string | Readable }),
    ...(signal === undefined ? {} : { signal }),
  })
  return { status: response.statusCode, headers: flatHeaders(response.headers), url: url.href, body: response.body }
}

function flatHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ')
  }
  return flat
}

/** Milliseconds to wait by a Retry-After header (RFC 9110, 10.2.3): seconds or a date; undefined when it is neither. */
export function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
