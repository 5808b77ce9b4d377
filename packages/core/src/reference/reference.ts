// Image references by the distribution grammar (github.com/distribution/reference), and their canonical and familiar
// forms.
import { ChartferryError } from '../errors.ts'

/** `host/path:tag@digest`, in parts, as it was written. */
export interface ImageReference {
  /** Host and port; undefined for the short form of Docker Hub. */
  readonly host?: string
  /** Everything between host and tag. */
  readonly path: string
  readonly tag?: string
  /** With its algorithm: `sha256:…`. */
  readonly digest?: string
}

/** The registry that a reference without a host means. */
export const dockerHub = 'docker.io'

const alphanumeric = '[a-z0-9]+'
const component = `${alphanumeric}(?:(?:\\.|_|__|-+)${alphanumeric})*`
const domainLabel = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const hostPattern = new RegExp(`^(?:${domainLabel}(?:\\.${domainLabel})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const pathPattern = new RegExp(`^${component}(?:/${component})*$`)
const tagPattern = /^\w[\w.-]{0,127}$/
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }
const longestName = 255

/** Whether a first component is a host: it has a dot or a colon, is `localhost`, or has an upper-case letter. */
function isHostComponent(text: string): boolean {
  return /[.:]/.test(text) || text === 'localhost' || text !== text.toLowerCase()
}

/** Whether the text can stand as host and port of a reference. */
export function isHost(text: string): boolean {
  return hostPattern.test(text)
}

/** Whether the text can stand between host and tag. */
export function isPath(text: string): boolean {
  return pathPattern.test(text)
}

/**
 * The parts of a reference, or undefined where the text is none. A name of 64 hexadecimal digits is an identifier, not
 * a reference.
 */
export function tryParseReference(text: string): ImageReference | undefined {
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  const named = at < 0 ? text : text.slice(0, at)
  const lastSlash = named.lastIndexOf('/')
  const colon = named.indexOf(':', lastSlash + 1)
  const tag = colon < 0 ? undefined : named.slice(colon + 1)
  const name = colon < 0 ? named : named.slice(0, colon)
  const firstSlash = name.indexOf('/')
  const first = firstSlash < 0 ? '' : name.slice(0, firstSlash)
  const host = first !== '' && isHostComponent(first) ? first : undefined
  const path = host === undefined ? name : name.slice(firstSlash + 1)
  if (host !== undefined && !isHost(host)) return undefined
  if (
    !isPath(path) ||
    (tag !== undefined && !tagPattern.test(tag)) ||
    (digest !== undefined && !isReferenceDigest(digest))
  )
    return undefined
  // The grammar bounds the path of the canonical name: `library/` counts.
  if (canonicalPath(host, path).length > longestName) return undefined
  if (host === undefined && /^[0-9a-f]{64}$/.test(name)) return undefined
  return {
    ...(host === undefined ? {} : { host }),
    path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

function isReferenceDigest(text: string): boolean {
  if (!digestPattern.test(text)) return false
  const colon = text.indexOf(':')
  const length = digestLengths[text.slice(0, colon)]
  return length === undefined || text.length - colon - 1 === length
}

/** The parts of a reference. Throws REFERENCE_INVALID. */
export function parseReference(text: string): ImageReference {
  const reference = tryParseReference(text)
  if (reference === undefined) {
    throw new ChartferryError(
      'REFERENCE_INVALID',
      `image reference ${JSON.stringify(text)}: not of the form host/path:tag@digest`,
    )
  }
  return reference
}

/** The text of a reference, as it was written. */
export function formatReference(reference: ImageReference): string {
  const { host, path, tag, digest } = reference
  return `${host === undefined ? '' : `${host}/`}${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

function canonicalPath(host: string | undefined, path: string): string {
  const hub = host === undefined || host === dockerHub || host === 'index.docker.io'
  return hub && !path.includes('/') ? `library/${path}` : path
}

/**
 * The reference with its host written out and `library/` in place: what the short form means. Tag and digest are not
 * added.
 */
export function canonicalReference(reference: ImageReference): ImageReference & { readonly host: string } {
  const { host } = reference
  const named = host === undefined || host === 'index.docker.io' ? dockerHub : host
  return { ...reference, host: named, path: canonicalPath(host, reference.path) }
}

/** The short form that people write: without `docker.io/` and `library/`. */
export function familiarName(reference: ImageReference): string {
  const { host, path, ...rest } = canonicalReference(reference)
  if (host !== dockerHub) return formatReference({ host, path, ...rest })
  const short = path.startsWith('library/') && !path.slice(8).includes('/') ? path.slice(8) : path
  // A path such as `library/localhost` would be read as a host if it lost its first component: it keeps the long form.
  return formatReference(
    short.includes('/') && isHostComponent(short.slice(0, short.indexOf('/')))
      ? { host, path, ...rest }
      : { path: short, ...rest },
  )
}
