// An upstream that is a chart repository over HTTP.
import {
  bodyPieces,
  ChartferryError,
  type ChartVersion,
  type Credential,
  discardBody,
  type HttpClient,
  type HttpResponse,
  indexFileUrl,
  isChartferryError,
  type Limits,
  provenanceUrl,
  readBody,
  redactUrl,
  resolveChartUrl,
  splitCredential,
  statusError,
} from '@chartferry/core'
import type { Upstream, UpstreamOptions, Validators } from './upstream.ts'

export interface HttpUpstreamOptions {
  readonly url: string
  readonly client: HttpClient
  readonly limits: Limits
  /** Sent to the repository's own origin only. Default: the user and password of the URL. */
  readonly credential?: Credential | undefined
}

/** Opens nothing until it is asked. */
export function httpUpstream({ url, client, limits, credential }: HttpUpstreamOptions): Upstream {
  const repository = splitCredential(new URL(url))
  const home = repository.url.origin
  const base = repository.url.href
  const own = credential ?? repository.credential
  const get = (
    from: string,
    headers: Readonly<Record<string, string>>,
    { attempts, signal }: UpstreamOptions,
  ): Promise<HttpResponse> =>
    client.request(from, { headers, credential: own, home, signal, ...(attempts === undefined ? {} : { attempts }) })

  /** Asks the URLs in turn: the next one when a server is down or does not have the file. */
  async function first<Value>(version: ChartVersion, ask: (from: string) => Promise<Value>): Promise<Value> {
    let failure: unknown = new ChartferryError(
      'INDEX_INVALID',
      `${version.name} ${version.version}: no URL that can be fetched`,
    )
    for (const from of fetchableUrls(base, version)) {
      try {
        return await ask(from)
      } catch (thrown) {
        if (
          !isChartferryError(thrown, 'CHART_NOT_FOUND', 'UPSTREAM_UNREACHABLE', 'UPSTREAM_TIMEOUT', 'UPSTREAM_DENIED')
        )
          throw thrown
        failure = thrown
      }
    }
    throw failure
  }

  return {
    source: redactUrl(url).replace(/\/$/, ''),
    index: async (known, options = {}) => {
      const from = indexFileUrl(base)
      const response = await get(from, { 'accept-encoding': 'gzip', ...conditions(known) }, options)
      if (response.status === 304) {
        discardBody(response)
        return { bytes: undefined, validators: known }
      }
      if (response.status !== 200) throw failed(response, 'REPOSITORY_NOT_FOUND')
      const bytes = await readBody(response, {
        maxBytes: limits.indexBytes,
        tooLarge: 'INDEX_TOO_LARGE',
        signal: options.signal,
      })
      return { bytes, validators: validatorsOf(response) }
    },
    archiveUrl: (version) => fetchableUrls(base, version)[0],
    archive: (version, options = {}) =>
      first(version, async (from) => {
        const response = await get(from, { accept: 'application/gzip, application/octet-stream' }, options)
        if (response.status !== 200) throw failed(response, 'CHART_NOT_FOUND')
        return bodyPieces(response, {
          maxBytes: limits.archiveBytes,
          tooLarge: 'ARCHIVE_TOO_LARGE',
          signal: options.signal,
        })
      }),
    provenance: (version, options = {}) =>
      first(version, async (from) => {
        const response = await get(provenanceUrl(from), {}, options)
        if (response.status === 200) {
          return readBody(response, {
            maxBytes: limits.provenanceBytes,
            tooLarge: 'ARCHIVE_TOO_LARGE',
            signal: options.signal,
          })
        }
        // Buckets answer 403 for what is not there.
        if (![403, 404, 410].includes(response.status)) throw failed(response, 'CHART_NOT_FOUND')
        discardBody(response)
        return undefined
      }),
  }
}

function failed(response: HttpResponse, notFound: 'REPOSITORY_NOT_FOUND' | 'CHART_NOT_FOUND'): ChartferryError {
  discardBody(response)
  return statusError(response.status, response.url, notFound)
}

function fetchableUrls(repository: string, version: ChartVersion): string[] {
  return version.urls.flatMap((url) => {
    try {
      const resolved = resolveChartUrl(repository, url)
      return /^https?:/i.test(resolved) ? [resolved] : []
    } catch (thrown) {
      if (isChartferryError(thrown, 'INDEX_INVALID')) return []
      throw thrown
    }
  })
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
