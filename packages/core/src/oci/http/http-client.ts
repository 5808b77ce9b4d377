// The client for other servers: connections, proxies of the environment, TLS; every request goes through `request`.
import { getCACertificates } from 'node:tls'
import type { Dispatcher } from 'undici'
import type { HttpRequestOptions, HttpResponse } from './http-message.ts'
import { guardedLookup, isLinkLocal, isPrivate } from './link-local.ts'
import { proxySettings } from './proxy-settings.ts'
import { type Connections, sendRequest } from './send-request.ts'
import { userAgent } from './user-agent.ts'

export interface HttpClientOptions {
  /** Default: `chartferry/VERSION`. */
  readonly userAgent?: string
  /**
   * Where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` (or in small letters) are read. Default: the process's
   * environment.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Milliseconds to connect. Default: 10,000. */
  readonly connectTimeout?: number
  /** Milliseconds until the head of the answer is there, and between two pieces of its body. Default: 30,000. */
  readonly timeout?: number
  /** How often a request that may be repeated is sent in all. Default: 3. */
  readonly attempts?: number
  /** Whether it is sent again after 408, 429 and 500, too: where somebody waits who has the time. Default: false. */
  readonly patient?: boolean
  /** Milliseconds before the second attempt, doubled each time. Default: 250. */
  readonly retryDelay?: number
  /** Certificates (PEM) to trust beside the system's. Default: none. */
  readonly ca?: string
  /** Our own certificate and key (PEM). Default: none. */
  readonly cert?: string
  readonly key?: string
  /** Believe any certificate. Default: false. */
  readonly insecureSkipTlsVerify?: boolean
  /** Keep other origins than the home one from leading into private networks. Default: false, link-local ones only. */
  readonly guardPrivate?: boolean
}

export interface HttpClient {
  /**
   * Sends a request. GET and HEAD follow up to five redirects; GET, HEAD, PUT and DELETE are sent again after a failed
   * connection and after 502, 503 and 504, as Retry-After has it. Throws UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT,
   * UPSTREAM_INVALID (redirects), CANCELLED.
   */
  request(url: string | URL, options?: HttpRequestOptions): Promise<HttpResponse>
  /** Closes all connections. */
  close(): Promise<void>
}

/** Opens a client; nothing is connected before the first request. */
export function openHttpClient(options: HttpClientOptions = {}): HttpClient {
  const { environment = process.env, connectTimeout = 10_000, ca, cert, key, insecureSkipTlsVerify = false } = options
  const tls = {
    rejectUnauthorized: !insecureSkipTlsVerify,
    ...(ca ? { ca: [...getCACertificates('default'), ca] } : {}),
    ...(cert ? { cert } : {}),
    ...(key ? { key } : {}),
  }
  const proxy = proxySettings(environment)
  const isBlocked = options.guardPrivate === true ? isPrivate : isLinkLocal
  let opened: Promise<Connections> | undefined

  /** What speaks HTTP is large, and many programs that could reach a server never do. */
  async function open(): Promise<Connections> {
    const { Agent, EnvHttpProxyAgent, request } = await import('./undici.ts')
    const dispatcher = (connect: object): Dispatcher =>
      proxy === undefined ? new Agent({ connect }) : new EnvHttpProxyAgent({ connect, requestTls: tls, ...proxy.agent })
    const direct = proxy === undefined ? undefined : new Agent({ connect: { ...tls, timeout: connectTimeout } })
    return {
      send: request,
      direct,
      isDirect: (host) => proxy?.isExcluded(host) === true,
      isBlocked,
      userAgent: options.userAgent ?? userAgent,
      attempts: options.attempts ?? 3,
      passing: options.patient === true ? [408, 429, 500, 502, 503, 504] : [502, 503, 504],
      retryDelay: options.retryDelay ?? 250,
      timeout: options.timeout ?? 30_000,
      trusted: dispatcher({ ...tls, timeout: connectTimeout }),
      guarded: dispatcher({ ...tls, timeout: connectTimeout, lookup: guardedLookup(isBlocked) }),
    }
  }

  return {
    request: async (url, requestOptions = {}) => {
      const target = new URL(url)
      opened ??= open()
      return sendRequest(await opened, target, requestOptions)
    },
    close: async () => {
      const connections = await opened?.catch(() => undefined)
      await Promise.all([
        connections?.trusted.destroy(),
        connections?.guarded.destroy(),
        connections?.direct?.destroy(),
      ])
    },
  }
}
