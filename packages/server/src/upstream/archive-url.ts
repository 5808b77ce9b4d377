// Where the archive of an index file's entry is fetched from: data and pure functions, so that a thread can tell, too.
import { type Digest, isChartferryError, isDigest } from '@chartferry/core'
import { type ChartVersion, parseVersion, resolveChartUrl } from '@chartferry/core/helm'
import { isHost, isPath } from '@chartferry/core/oci'
import { versionOf } from '@chartferry/core/transfer'

/** What the URLs of an upstream's index mean. */
export interface ArchiveUrls {
  /** What relative URLs stand below; absent where the index is our own, and its URLs are taken as they are. */
  readonly base?: string
  /** Whether archives of registries can be fetched, too. Default: no. */
  readonly registries?: boolean
}

/** The URL that is asked first; undefined when an entry has none that can be fetched. */
export function archiveUrlOf({ base, registries = false }: ArchiveUrls, version: ChartVersion): string | undefined {
  if (base === undefined) return version.urls[0]
  return fetchableUrls(base, version)[0] ?? (registries ? ociUrlOf(version) : undefined)
}

/** The URLs of an entry that can be asked by HTTP, resolved, in their order. */
export function fetchableUrls(base: string, { urls }: ChartVersion): string[] {
  return urls.flatMap((url) => {
    try {
      const resolved = resolveChartUrl(base, url)
      return /^https?:/i.test(resolved) ? [resolved] : []
    } catch (thrown) {
      if (isChartferryError(thrown, 'INDEX_INVALID')) return []
      throw thrown
    }
  })
}

/** The first URL of an entry that names a version in a registry. */
export function ociUrlOf({ urls }: ChartVersion): string | undefined {
  return urls.find((url) => parseOciUrl(url) !== undefined)
}

/** A chart version in a registry. */
export interface OciPlace {
  readonly host: string
  /** The path of its repository. */
  readonly path: string
  /** Without a digest there is one. */
  readonly tag?: string
  readonly digest?: Digest
}

/**
 * Reads `oci://host/path:tag`, `oci://host/path@digest` and both together, as index files have it; undefined for
 * anything else. A tag that is no version names no version of a chart.
 */
export function parseOciUrl(url: string): OciPlace | undefined {
  const match = /^oci:\/\/([^/]+)\/([^:@]+)(?::(\w[\w.-]{0,127}))?(?:@(.*))?$/i.exec(url)
  const [, host = '', path = '', tag, digest] = match ?? []
  if (!isHost(host) || !isPath(path) || (tag === undefined && digest === undefined)) return undefined
  if (tag !== undefined && parseVersion(versionOf(tag)) === undefined) return undefined
  if (digest !== undefined && !isDigest(digest)) return undefined
  return { host, path, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) }
}
