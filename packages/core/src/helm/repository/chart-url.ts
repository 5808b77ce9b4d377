// Where a chart archive is, seen from its repository: relative URLs resolved as Helm does it (ResolveReferenceURL in
// Helm pkg/repo/chartrepo.go).
import { ChartferryError } from '../../errors.ts'

/**
 * Takes the repository's URL as configured and a URL of an index file. An absolute URL stays as it is. A relative one
 * is resolved against the repository's URL as a folder; its own query is lost and the repository's query is kept.
 * Throws INDEX_INVALID.
 */
export function resolveChartUrl(repositoryUrl: string, url: string): string {
  if (/^[a-z][a-z0-9+.-]*:/i.test(url)) {
    if (!URL.canParse(url)) throw new ChartferryError('INDEX_INVALID', 'index file: an absolute URL is malformed')
    return url
  }
  const base = URL.parse(repositoryUrl)
  if (base === null) throw new ChartferryError('USAGE', 'the URL of the repository is malformed')
  const { search } = base
  base.search = ''
  base.hash = ''
  base.pathname = `${base.pathname.replace(/\/$/, '')}/`
  const resolved = URL.parse(url, base.href)
  if (resolved === null) throw new ChartferryError('INDEX_INVALID', `index file: the URL "${url}" is malformed`)
  resolved.search = search
  return resolved.href
}

/** The URL of a repository's index file: `index.yaml` below its URL, the query kept. Throws USAGE. */
export function indexFileUrl(repositoryUrl: string): string {
  return resolveChartUrl(repositoryUrl, 'index.yaml')
}

/** The URL of the provenance beside an archive. The query, which Helm would put it after, stays at the end. */
export function provenanceUrl(archiveUrl: string): string {
  const url = new URL(archiveUrl)
  url.pathname += '.prov'
  return url.href
}

/**
 * The last segment of a URL's path, decoded: the file name that `helm pull` writes and that a provenance file names.
 * Undefined when it is none that is safe as a file name.
 */
export function fileNameOf(url: string): string | undefined {
  const path = URL.parse(url, 'http://localhost/')?.pathname ?? ''
  const segment = path.slice(path.lastIndexOf('/') + 1)
  let name: string
  try {
    name = decodeURIComponent(segment)
  } catch {
    return undefined
  }
  return name === '' || name.startsWith('.') || /[/\\\p{Cc}]/u.test(name) || name.length > 250 ? undefined : name
}
