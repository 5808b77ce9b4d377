// Charts from a Helm chart repository over HTTP.

import { checkDigest, type Digest } from '../../digest.ts'
import { ChartferryError, isChartferryError } from '../../errors.ts'
import type { ChartArchive, ChartId } from '../../helm/chart/chart.ts'
import { readChartArchive } from '../../helm/chart/chart-archive.ts'
import { fileNameOf, indexFileUrl, provenanceUrl, resolveChartUrl } from '../../helm/repository/chart-url.ts'
import type { ChartVersion, IndexFile } from '../../helm/repository/index-file.ts'
import { parseIndexFile } from '../../helm/repository/parse-index-file.ts'
import { selectVersion } from '../../helm/repository/select-version.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import type { ContentSource } from '../../oci/content/content.ts'
import type { Credential } from '../../oci/http/credentials.ts'
import type { HttpClient } from '../../oci/http/http-client.ts'
import { redactUrl } from '../../oci/http/redact-url.ts'
import { statusError } from '../../oci/http/request-error.ts'
import { readBody } from '../../oci/http/response-body.ts'
import { discardBody } from '../../oci/http/send-request.ts'
import { pullChart, tagOf } from '../chart-artifact.ts'
import { parseChartReference, settlePin } from '../chart-reference.ts'
import type { ChartSource } from './chart-source.ts'
import { singleChart } from './single-chart.ts'

export interface HttpRepositoryOptions {
  readonly client: HttpClient
  /** Sent to the repository's own origin only. Default: the user and password of the URL. */
  readonly credential?: Credential | undefined
  /** Whether other origins that the index file names get the credential too. Default: false. */
  readonly passCredentials?: boolean
  /** Opens the repository of a registry that a URL of the index file names. Default: such a URL is refused. */
  readonly openRegistry?: ((name: string) => ContentSource) | undefined
  readonly limits?: Limits
}

/**
 * The charts of a repository. The index file is fetched once, when it is first needed; and again, once for all that
 * wait, when an archive has other bytes than it says: the version may have been released again meanwhile.
 */
export function httpRepository(url: string, options: HttpRepositoryOptions): ChartSource {
  const limits = options.limits ?? defaultLimits
  let index: Promise<IndexFile> | undefined
  const readIndex = (): Promise<IndexFile> => {
    index ??= fetchIndex(url, options, limits)
    return index
  }
  /** One that was read after the one given; the same for all that doubt that one. */
  const readIndexAfter = (doubted: Promise<IndexFile> | undefined): Promise<IndexFile> => {
    if (index === doubted) index = fetchIndex(url, options, limits, { 'cache-control': 'no-cache' })
    return readIndex()
  }
  return {
    async *list() {
      for (const [name, versions] of (await readIndex()).entries)
        for (const { version } of versions) yield { name, version }
    },
    async resolve({ name, version }) {
      return { name, version: selectVersion(await readIndex(), name, version).version }
    },
    async fetch(id, { signal } = {}) {
      const fetching = { ...options, limits, signal }
      const promised = selectVersion(await readIndex(), id.name, id.version)
      const believed = index
      try {
        return await fetchVersion(url, promised, id, fetching)
      } catch (thrown) {
        if (!isChartferryError(thrown, 'DIGEST_MISMATCH')) throw thrown
        // An index that cannot be read again does not tell more than the bytes did.
        const now = await readIndexAfter(believed).then(
          (read) => selectVersion(read, id.name, id.version),
          () => undefined,
        )
        if (now === undefined || now.digest === promised.digest) throw mismatch(id, thrown)
        return fetchVersion(url, now, id, fetching).catch((again: unknown) => {
          throw isChartferryError(again, 'DIGEST_MISMATCH') ? mismatch(id, again) : again
        })
      }
    },
  }
}

function mismatch({ name, version }: ChartId, cause: ChartferryError): ChartferryError {
  return new ChartferryError(
    'DIGEST_MISMATCH',
    `chart ${name} ${version}: the archive is not the one that the index file names: ${cause.message}`,
    { details: cause.details, cause },
  )
}

/** The chart of one URL that ends in an archive. */
export function httpArchive(url: string, options: HttpRepositoryOptions): ChartSource {
  const limits = options.limits ?? defaultLimits
  return singleChart(redactUrl(url), () =>
    fetchArchive(url, new URL(url).origin, { ...options, limits, signal: undefined }),
  )
}

interface FetchOptions extends HttpRepositoryOptions {
  readonly limits: Limits
  readonly signal: AbortSignal | undefined
  /** What the bytes must have. Default: nothing was promised. */
  readonly digest?: Digest | undefined
}

async function fetchIndex(
  url: string,
  { client, credential }: HttpRepositoryOptions,
  limits: Limits,
  headers: Readonly<Record<string, string>> = {},
): Promise<IndexFile> {
  const from = indexFileUrl(url)
  const response = await client.request(from, { credential, headers })
  if (response.status !== 200) {
    discardBody(response)
    throw statusError(response.status, from, 'REPOSITORY_NOT_FOUND')
  }
  return parseIndexFile(await readBody(response, { maxBytes: limits.indexBytes, tooLarge: 'INDEX_TOO_LARGE' }), {
    where: redactUrl(from),
    limits,
  })
}

async function fetchVersion(
  repository: string,
  version: ChartVersion,
  id: ChartId,
  options: FetchOptions,
): Promise<ChartArchive> {
  const [first] = version.urls
  if (first === undefined)
    throw new ChartferryError('INDEX_INVALID', `${id.name} ${id.version}: the index file names no URL`)
  const { openRegistry } = options
  if (first.startsWith('oci://') && openRegistry !== undefined)
    return fromRegistry(first, version, openRegistry, options)
  const url = resolveChartUrl(repository, first)
  if (!/^https?:/.test(url)) {
    throw new ChartferryError(
      'UPSTREAM_INVALID',
      `${id.name} ${id.version}: ${redactUrl(url)} is neither http nor https`,
    )
  }
  const home = options.passCredentials === true ? new URL(url).origin : new URL(repository).origin
  return fetchArchive(url, home, { ...options, digest: version.digest })
}

/** `oci://host/path[:tag][@digest]`; without a tag it is that of the version. */
async function fromRegistry(
  url: string,
  { version, digest }: ChartVersion,
  open: (name: string) => ContentSource,
  { limits, signal }: FetchOptions,
): Promise<ChartArchive> {
  const { name, ...pin } = parseChartReference(url)
  const source = open(name)
  const isOpen = pin.tag === undefined && pin.digest === undefined
  const asked = isOpen ? tagOf(version) : await settlePin(source, pin, { signal })
  const archive = await pullChart(source, asked, { limits, signal })
  if (digest !== undefined) checkDigest(url, archive.bytes, digest)
  return archive
}

async function fetchArchive(url: string, home: string, options: FetchOptions): Promise<ChartArchive> {
  const { limits, signal } = options
  const bytes = await fetchBytes(url, home, options, limits.archiveBytes)
  if (bytes === undefined) throw statusError(404, url, 'CHART_NOT_FOUND')
  if (options.digest !== undefined) checkDigest(redactUrl(url), bytes, options.digest)
  const provenance = await fetchBytes(provenanceUrl(url), home, options, limits.provenanceBytes)
  const fileName = fileNameOf(url)
  return readChartArchive(bytes, {
    limits,
    ...(fileName ? { fileName } : {}),
    ...(provenance ? { provenance } : {}),
    ...(signal ? { signal } : {}),
  })
}

async function fetchBytes(
  url: string,
  home: string,
  { client, credential, signal }: FetchOptions,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const response = await client.request(url, { credential, home, signal })
  if (response.status === 200) return readBody(response, { maxBytes, tooLarge: 'ARCHIVE_TOO_LARGE', signal })
  discardBody(response)
  // Buckets answer 403 for what is not there.
  if (response.status === 404 || (response.status === 403 && url.endsWith('.prov'))) return undefined
  throw statusError(response.status, url)
}
