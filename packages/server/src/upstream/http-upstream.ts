// An upstream that is a chart repository over HTTP.

import { ChartferryError, isChartferryError, type Limits } from '@chartferry/core'
import { type ChartVersion, indexFileUrl, provenanceUrl } from '@chartferry/core/helm'
import {
  bodyPieces,
  type Credential,
  discardBody,
  type HttpClient,
  type HttpResponse,
  readBody,
  redactUrl,
  retryAfter,
  splitCredential,
  statusError,
} from '@chartferry/core/internal'
import { fetchableUrls } from './archive-url.ts'
import type { Breaker } from './breaker.ts'
import { withDeadline } from './deadline.ts'
import type { HostLimit } from './host-limit.ts'
import type { Upstream, UpstreamOptions, Validators } from './upstream.ts'

export interface HttpUpstreamOptions {
  readonly url: string
  readonly client: HttpClient
  readonly limits: Limits
  /** Sent to the repository's own origin only. Default: the user and password of the URL. */
  readonly credential?: Credential | undefined
  readonly servers: ServerRules
}

/** What holds for all servers that are asked. */
export interface ServerRules {
  readonly breaker: Breaker
  readonly limit: HostLimit
  /** Milliseconds that one archive or index may take in all. */
  readonly fillTimeout: number
  /** What we call ourselves in Via. */
  readonly pseudonym: string
}

/** Failures after which another URL of the same archive is worth a try. */
const another = [
  'CHART_NOT_FOUND',
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_PAUSED',
  'UPSTREAM_DENIED',
  'UPSTREAM_INVALID',
  'DIGEST_MISMATCH',
  'ARCHIVE_TOO_LARGE',
] as const

/** Opens nothing until it is asked. */
export function httpUpstream({ url, client, limits, credential, servers }: HttpUpstreamOptions): Upstream {
  const repository = splitCredential(new URL(url))
  const home = repository.url.origin
  const base = repository.url.href
  const own = credential ?? repository.credential

  /** Asks a server within its limits, and lets what comes of it count for or against the server. */
  function ask<Value>(
    from: string,
    headers: Readonly<Record<string, string>>,
    { attempts, signal, via }: UpstreamOptions,
    use: (response: HttpResponse, signal: AbortSignal) => Promise<Value>,
    thing?: string,
  ): Promise<Value> {
    const { origin } = new URL(from)
    const call = (): Promise<Value> =>
      withDeadline(servers.fillTimeout, redactUrl(from), signal, async (within) => {
        const response = await client.request(from, {
          headers: { ...headers, via: [...(via ? [via] : []), `1.1 ${servers.pseudonym}`].join(', ') },
          credential: own,
          home,
          signal: within,
          ...(attempts === undefined ? {} : { attempts }),
        })
        return use(response, within)
      })
    return servers.limit(origin, () => servers.breaker.run(origin, call, thing))
  }

  /** Asks the URLs in turn: the next one when a server is down, does not have the file, or sends a wrong one. */
  async function first<Value>(version: ChartVersion, askOne: (from: string) => Promise<Value>): Promise<Value> {
    let failure: unknown = new ChartferryError(
      'INDEX_INVALID',
      `${version.name} ${version.version}: no URL that can be fetched`,
    )
    for (const from of fetchableUrls(base, version)) {
      try {
        return await askOne(from)
      } catch (thrown) {
        if (!isChartferryError(thrown, ...another)) throw thrown
        failure = thrown
      }
    }
    throw failure
  }

  return {
    source: redactUrl(url).replace(/\/$/, ''),
    index: (known, options = {}) =>
      ask(
        indexFileUrl(base),
        { 'accept-encoding': 'gzip', ...conditions(known) },
        options,
        async (response, signal) => {
          if (response.status === 304) {
            discardBody(response)
            return { bytes: undefined, validators: known }
          }
          if (response.status !== 200) throw failed(response, 'REPOSITORY_NOT_FOUND')
          const bytes = await readBody(response, {
            maxBytes: limits.indexBytes,
            maxRatio: limits.compressionRatio,
            tooLarge: 'INDEX_TOO_LARGE',
            signal,
          })
          return { bytes, validators: validatorsOf(response) }
        },
      ),
    urls: { base },
    archive: (version, store, options = {}) =>
      first(version, (from) =>
        ask(
          from,
          { accept: 'application/gzip, application/octet-stream' },
          options,
          async (response, signal) => {
            if (response.status !== 200) throw failed(response, 'CHART_NOT_FOUND')
            return store(bodyPieces(response, { maxBytes: limits.archiveBytes, tooLarge: 'ARCHIVE_TOO_LARGE', signal }))
          },
          redactUrl(from),
        ),
      ),
    provenance: (version, options = {}) =>
      first(version, (from) =>
        ask(
          provenanceUrl(from),
          {},
          options,
          async (response, signal) => {
            if (response.status === 200)
              return readBody(response, { maxBytes: limits.provenanceBytes, tooLarge: 'ARCHIVE_TOO_LARGE', signal })
            // Buckets answer 403 for what is not there.
            if (![403, 404, 410].includes(response.status)) throw failed(response, 'CHART_NOT_FOUND')
            discardBody(response)
            return undefined
          },
          redactUrl(provenanceUrl(from)),
        ),
      ),
  }
}

function failed(response: HttpResponse, notFound: 'REPOSITORY_NOT_FOUND' | 'CHART_NOT_FOUND'): ChartferryError {
  discardBody(response)
  const error = statusError(response.status, response.url, notFound)
  const pause = retryAfter(response.headers['retry-after'], Date.now())
  if (pause === undefined) return error
  return new ChartferryError(error.code, error.message, { details: { ...error.details, retryAfter: pause } })
}

function conditions({ etag, lastModified }: Validators): Record<string, string> {
  return {
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
  }
}

function validatorsOf({ headers }: HttpResponse): Validators {
  const { etag, 'last-modified': lastModified } = headers
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) }
}
