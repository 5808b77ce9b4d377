// The name of a repository in a path below `/v2/`, before any route is looked for.

/** The whole name; undefined where the path is not that of something in a repository. */
export function registryName(path: string): string | undefined {
  return /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\/[^/]+(?:\/[^/]*)?$/.exec(path)?.[1]
}
