// What the digest of a file is to be: given, or as the checksum file beside it says.
import { ChartferryError } from '../../errors.ts'
import { redactUrl } from '../../oci/http/redact-url.ts'
import { parseChecksum } from './checksum-file.ts'
import { type FetchFileOptions, fetchSmallText } from './fetch-file.ts'
import type { FileAsset, FileRequest } from './file-asset.ts'

const suffixes = ['.sha256', '.sha256sum']

/**
 * The file with its digest. Throws CHECKSUM_NOT_FOUND where neither `URL.sha256` nor `URL.sha256sum` is there,
 * CHECKSUM_INVALID where the first of them says nothing of the file; what the client throws.
 */
export async function findDigest({ url, digest }: FileRequest, options: FetchFileOptions): Promise<FileAsset> {
  if (digest !== undefined) return { url, digest }
  for (const suffix of suffixes) {
    const beside = new URL(url)
    beside.pathname += suffix
    const text = await fetchSmallText(beside.href, options)
    if (text === undefined) continue
    const found = parseChecksum(text, fileNameAt(url))
    if (found !== undefined) return { url, digest: found }
    throw new ChartferryError('CHECKSUM_INVALID', `${redactUrl(beside)}: holds no sha256 of ${fileNameAt(url)}`)
  }
  throw new ChartferryError(
    'CHECKSUM_NOT_FOUND',
    `${redactUrl(url)}: no digest was given, and there is neither ${suffixes.join(' nor ')} beside it`,
  )
}

/** The last component of a URL's path, decoded. */
export function fileNameAt(url: string): string {
  const { pathname } = new URL(url)
  const last = pathname.slice(pathname.lastIndexOf('/') + 1)
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}
