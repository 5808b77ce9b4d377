// A file that lies at a URL, by what its bytes are: what kOps calls a file asset.
import { type Digest, parseIndexDigest } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import { redactUrl } from '../../oci/http/redact-url.ts'

/** A file that is asked for. */
export interface FileRequest {
  /** http or https. */
  readonly url: string
  /** Default: what the checksum file beside it says. */
  readonly digest?: Digest | undefined
}

/** A file whose bytes are known. */
export interface FileAsset extends FileRequest {
  readonly digest: Digest
}

/** Reads `URL` or `URL@sha256:DIGITS`. Throws USAGE for what is no http URL, and for a digest that is none. */
export function parseFileRequest(text: string): FileRequest {
  const [, address = text, written] = /^(.*?)(?:@(sha256:.*))?$/s.exec(text) ?? []
  const url = checkFileUrl(address)
  if (written === undefined) return { url }
  const digest = parseIndexDigest(written)
  if (digest === undefined)
    throw new ChartferryError('USAGE', `file ${redactUrl(url)}: ${JSON.stringify(written)} is no sha256 digest`)
  return { url, digest }
}

/** The URL in its normal form. Throws USAGE unless it is one of http or https that ends in a file's name. */
export function checkFileUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new ChartferryError('USAGE', `file ${redactUrl(text)}: not a URL of http or https`)
  url.hash = ''
  if (url.pathname.endsWith('/'))
    throw new ChartferryError('USAGE', `file ${redactUrl(url)}: the URL ends in no file name`)
  return url.href
}
