// Whether a file that was written can be had as clusters will ask for it: over plain HTTP, without credentials.
import { type Digest, digestOfPieces } from '../../digest.ts'
import { ChartferryError, isChartferryError } from '../../errors.ts'
import { redactUrl } from '../../oci/http/redact-url.ts'
import { statusError } from '../../oci/http/request-error.ts'
import { discardBody } from '../../oci/http/send-request.ts'
import { parseChecksum } from './checksum-file.ts'
import { type FetchFileOptions, fetchFile, fetchSmallText } from './fetch-file.ts'
import { checksumSuffix } from './file-sink.ts'
import { fileNameAt } from './find-digest.ts'

/**
 * Reads a file back, and its checksum file. Throws ASSET_NOT_PUBLIC where they are refused or not there,
 * DIGEST_MISMATCH where they are others; what the client throws.
 */
export async function readBack(url: string, digest: Digest, options: FetchFileOptions): Promise<void> {
  const actual = await publicly(url, () => digestOfPieces(fetchFile(url, options)))
  if (actual !== digest)
    throw new ChartferryError('DIGEST_MISMATCH', `${redactUrl(url)}: read back, it has ${actual}, not ${digest}`)
  const beside = url + checksumSuffix
  const text = await fetchSmallText(beside, options)
  if (text === undefined) throw notPublic(beside, 'is refused, or not there')
  if (parseChecksum(text, fileNameAt(url)) !== digest)
    throw new ChartferryError('DIGEST_MISMATCH', `${redactUrl(beside)}: read back, it does not say ${digest}`)
}

/** Asks whether a file that was there before can be had, without its bytes. Throws ASSET_NOT_PUBLIC. */
export async function checkPublic(url: string, { client, signal }: FetchFileOptions): Promise<void> {
  await publicly(url, async () => {
    const response = await client.request(url, { method: 'HEAD', signal })
    discardBody(response)
    if (response.status !== 200) throw statusError(response.status, url, 'ASSET_NOT_FOUND')
  })
}

async function publicly<Result>(url: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (thrown) {
    if (!isChartferryError(thrown, 'UPSTREAM_DENIED', 'ASSET_NOT_FOUND')) throw thrown
    throw notPublic(url, `answered ${String(thrown.details.status)}`, thrown)
  }
}

function notPublic(url: string, what: string, cause?: unknown): ChartferryError {
  return new ChartferryError('ASSET_NOT_PUBLIC', `${redactUrl(url)}: was written, but without credentials it ${what}`, {
    cause,
  })
}
