// Where files are copied to: what kOps calls a fileRepository, as a folder, a bucket, or a web server that others fill.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ChartferryError } from '../../errors.ts'
import { redactUrl } from '../../oci/http/redact-url.ts'

/** A bucket of an S3 service, and where in it files go. */
export interface BucketPlace {
  readonly kind: 'bucket'
  /** As it was written, without a slash at its end. */
  readonly url: string
  readonly bucket: string
  /** Empty, or with a slash at its end. */
  readonly prefix: string
  readonly region?: string
  /** The service, where it is not AWS. */
  readonly endpoint?: string
  /** Whether clusters read the files over plain HTTP, without credentials. */
  readonly isPublic: boolean
}

export type FilePlace =
  | { readonly kind: 'folder'; readonly path: string }
  | BucketPlace
  | { readonly kind: 'web'; readonly url: string }

export interface FilePlaceOptions {
  /**
   * The URL of an S3 service that is not AWS; what lies below it is read as `ENDPOINT/BUCKET/PREFIX`. Default: none.
   */
  readonly endpoint?: string | undefined
}

const google = 'https://storage.googleapis.com'

/**
 * Reads a path, `file:`, `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX`, or the https form of a bucket: of S3 with the
 * bucket in the path or in the host name, of Google's storage, or of the endpoint. Any other http URL is a web server.
 * Throws USAGE for what is none of these.
 */
export function parseFilePlace(text: string, { endpoint }: FilePlaceOptions = {}): FilePlace {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(text)) return { kind: 'folder', path: resolve(text) }
  const url = URL.parse(text)
  const unknown = (why: string): ChartferryError =>
    new ChartferryError('USAGE', `file repository ${redactUrl(text)}: ${why}`, {
      hint: 'Write it as a folder, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, or the https URL of a bucket.',
    })
  if (url === null) throw unknown('not a URL')
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    throw unknown('a query, a fragment or credentials have no place in it')
  if (url.protocol === 'file:') return { kind: 'folder', path: fileURLToPath(url) }
  if (url.protocol === 's3:')
    return bucketPlace(text, url.host, url.pathname, endpoint === undefined ? {} : { endpoint }, false)
  if (url.protocol === 'gs:')
    return bucketPlace(text, url.host, url.pathname, { endpoint: google, region: 'auto' }, false)
  if (!/^https?:$/.test(url.protocol)) throw unknown(`nothing is known of ${url.protocol}`)
  return httpPlace(text, url, endpoint) ?? { kind: 'web', url: withoutSlash(text) }
}

type Service = Pick<BucketPlace, 'region' | 'endpoint'>

function httpPlace(text: string, url: URL, endpoint: string | undefined): BucketPlace | undefined {
  const inPath = (service: Service, path = url.pathname): BucketPlace => {
    const [, bucket = '', prefix = ''] = /^\/([^/]*)(.*)$/.exec(path) ?? []
    return bucketPlace(text, bucket, prefix, service, true)
  }
  const service = endpoint === undefined ? undefined : URL.parse(endpoint)
  if (service?.origin === url.origin) {
    const base = withoutSlash(service.pathname)
    if (`${url.pathname}/`.startsWith(`${base}/`))
      return inPath({ endpoint: endpoint ?? '' }, url.pathname.slice(base.length))
  }
  if (url.protocol !== 'https:') return undefined
  const { hostname } = url
  if (hostname === 'storage.googleapis.com') return inPath({ endpoint: google, region: 'auto' })
  const atGoogle = /^(.+)\.storage\.googleapis\.com$/.exec(hostname)?.[1]
  if (atGoogle !== undefined)
    return bucketPlace(text, atGoogle, url.pathname, { endpoint: google, region: 'auto' }, true)
  // Amazon S3, virtual hosting of buckets: regional hosts, the older ones with a dash, dual-stack ones, and the global
  // one.
  const [whole, bucket, region] =
    /^(?:(.+)\.)?s3(?:[.-](?:dualstack\.)?([a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?$/.exec(hostname) ?? []
  if (whole === undefined) return undefined
  const aws: Service = { region: region ?? 'us-east-1' }
  return bucket === undefined ? inPath(aws) : bucketPlace(text, bucket, url.pathname, aws, true)
}

function bucketPlace(text: string, bucket: string, path: string, service: Service, isPublic: boolean): BucketPlace {
  if (bucket === '') {
    throw new ChartferryError('USAGE', `file repository ${redactUrl(text)}: names no bucket`, {
      hint: 'Write it as s3://BUCKET/PREFIX, or https://s3.REGION.amazonaws.com/BUCKET/PREFIX',
    })
  }
  const prefix = decodeURIComponent(path).replace(/^\/+|\/+$/g, '')
  return {
    kind: 'bucket',
    url: withoutSlash(text),
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    ...service,
    isPublic,
  }
}

const withoutSlash = (text: string): string => text.replace(/\/+$/, '')
