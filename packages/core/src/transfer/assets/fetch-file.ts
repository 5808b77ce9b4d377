// The bytes of a file at a URL, as they come; a body that breaks off is gone on with where it broke.
import { ChartferryError, isChartferryError, throwIfCancelled } from '../../errors.ts'
import { defaultLimits, type Limits } from '../../limits.ts'
import type { HttpClient } from '../../oci/http/http-client.ts'
import type { HttpResponse } from '../../oci/http/http-message.ts'
import { redactUrl } from '../../oci/http/redact-url.ts'
import { statusError } from '../../oci/http/request-error.ts'
import { bodyPieces } from '../../oci/http/response-body.ts'
import { discardBody } from '../../oci/http/send-request.ts'

export interface FetchFileOptions {
  readonly client: HttpClient
  readonly limits?: Limits
  readonly signal?: AbortSignal | undefined
  /** Is told how many bytes the file has, where its server says so. */
  readonly onSize?: (bytes: number) => void
}

const attempts = 3

/**
 * The bytes of a file. They are believed by nobody before their digest was compared. Throws ASSET_NOT_FOUND,
 * ASSET_TOO_LARGE, UPSTREAM_DENIED, UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, UPSTREAM_INVALID, CANCELLED.
 */
export async function* fetchFile(url: string, options: FetchFileOptions): AsyncGenerator<Uint8Array> {
  const { client, limits = defaultLimits, signal } = options
  let done = 0
  for (let attempt = 1; ; attempt++) {
    throwIfCancelled(signal)
    const response = await client.request(url, {
      signal,
      headers: { 'accept-encoding': 'identity', ...(done === 0 ? {} : { range: `bytes=${done}-` }) },
    })
    try {
      for await (const piece of piecesFrom(response, url, done, options, limits)) {
        done += piece.length
        yield piece
      }
      return
    } catch (thrown) {
      if (attempt === attempts || !isChartferryError(thrown, 'UPSTREAM_UNREACHABLE')) throw thrown
    }
  }
}

/** The pieces behind an offset, whether the server knows ranges or sends all again. */
async function* piecesFrom(
  response: HttpResponse,
  url: string,
  offset: number,
  { onSize, signal }: FetchFileOptions,
  limits: Limits,
): AsyncGenerator<Uint8Array> {
  const begin = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1]
  const isRest = response.status === 206 && Number(begin) === offset
  if (response.status !== 200 && !isRest) {
    discardBody(response)
    if (response.status === 206)
      throw new ChartferryError('UPSTREAM_INVALID', `${redactUrl(url)}: answered with another range than asked for`)
    throw statusError(response.status, url, 'ASSET_NOT_FOUND')
  }
  const length = Number(response.headers['content-length'] ?? Number.NaN)
  if (offset === 0 && Number.isSafeInteger(length)) onSize?.(length)
  let skip = isRest ? 0 : offset
  for await (const piece of bodyPieces(response, {
    maxBytes: limits.assetBytes,
    tooLarge: 'ASSET_TOO_LARGE',
    signal,
  })) {
    const kept = piece.subarray(Math.min(skip, piece.length))
    skip -= piece.length - kept.length
    if (kept.length > 0) yield kept
  }
}

/** A small text at a URL, undefined where there is none; buckets answer 403 for that. Throws as `fetchFile` does. */
export async function fetchSmallText(url: string, options: FetchFileOptions): Promise<string | undefined> {
  const { client, limits = defaultLimits, signal } = options
  const response = await client.request(url, { signal })
  if ([403, 404, 410].includes(response.status)) {
    discardBody(response)
    return undefined
  }
  if (response.status !== 200) {
    discardBody(response)
    throw statusError(response.status, url)
  }
  const pieces: Uint8Array[] = []
  for await (const piece of bodyPieces(response, { maxBytes: limits.checksumBytes, signal })) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}
