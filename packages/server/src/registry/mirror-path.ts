// Which registry a client means: by the first part of the path, by containerd's `ns`, or because it takes us for Docker
// Hub.

export interface MirrorPathOptions {
  /** The registries that are pulled through, by their hosts: the first part of their paths. */
  readonly registries: ReadonlyMap<string, string>
  /** Whether the first part of a path is that of something else here. */
  readonly isOwn: (name: string) => boolean
  /** Whether what has no registry at all is Docker Hub's. */
  readonly dockerHub: boolean
}

const hub = 'docker.io'
const hubNames = ['index.docker.io', 'registry-1.docker.io']

/**
 * Takes the parts of a path, decoded, and the value of `ns`; gives the parts with the registry in front where the client
 * left it out. `library/` is put before Docker Hub's own images.
 */
export function mirrorPath(
  segments: readonly string[],
  namespace: string | undefined,
  { registries, isOwn, dockerHub }: MirrorPathOptions,
): readonly string[] {
  const [version, first = ''] = segments
  if (version !== 'v2' || segments.length < 4) return segments
  const hubKey = registries.get(hub)
  const named = (key: string, rest: readonly string[]): readonly string[] => {
    const isShort = key === hubKey && /^(?:manifests|blobs|tags|referrers)$/.test(rest[1] ?? '') && rest.length === 3
    return ['v2', key, ...(isShort ? ['library'] : []), ...rest]
  }
  const keys = new Set(registries.values())
  if (namespace !== undefined) {
    const key = registries.get(canonicalHost(namespace))
    if (key !== undefined) return named(key, first === key ? segments.slice(2) : segments.slice(1))
    return segments
  }
  if (keys.has(first)) return named(first, segments.slice(2))
  if (dockerHub && hubKey !== undefined && !isOwn(first)) return named(hubKey, segments.slice(1))
  return segments
}

/** A host without the port that https has anyway, Docker Hub under its first name. */
export function canonicalHost(host: string): string {
  const plain = host.toLowerCase().replace(/:443$/, '')
  return hubNames.includes(plain) ? hub : plain
}
