// What people want to know of an image: its platforms, and how many bytes each takes.

/** One image for one platform. */
export interface PlatformImage {
  /** `linux/arm64/v8`; empty where nothing says it. */
  readonly platform: string
  readonly digest: string
  /** Bytes of its configuration and layers; absent where its manifest is not here. */
  readonly size?: number
}

/** Reads a content that is small; undefined where it is not here. */
export type ReadSmall = (digest: string) => Promise<Uint8Array | undefined>

interface PlatformDocument {
  readonly os?: unknown
  readonly architecture?: unknown
  readonly variant?: unknown
}

interface DescriptorDocument {
  readonly digest?: unknown
  readonly size?: unknown
  readonly platform?: PlatformDocument
  readonly annotations?: Readonly<Record<string, unknown>>
}

interface ManifestDocument {
  readonly manifests?: readonly DescriptorDocument[]
  readonly config?: DescriptorDocument
  readonly layers?: readonly DescriptorDocument[]
}

/** Manifests of an index that are looked at, and bytes of a configuration. */
const most = { manifests: 64, config: 256 * 1024 }

/**
 * The platforms of a manifest or an index (OCI image specification). Attestations are no platform. Empty where it is not
 * here or says nothing.
 */
export async function describeManifest(digest: string, read: ReadSmall): Promise<readonly PlatformImage[]> {
  const document = await documentOf<ManifestDocument>(digest, read)
  if (document === undefined) return []
  if (!Array.isArray(document.manifests)) return [await describeOne(digest, document, undefined, read)]
  const children = (document.manifests as readonly (DescriptorDocument | null)[])
    .filter((one) => one !== null)
    .filter(
      ({ platform, annotations }) =>
        platform?.os !== 'unknown' && annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest',
    )
  return Promise.all(
    children.slice(0, most.manifests).flatMap(({ digest: child, platform }) => {
      if (typeof child !== 'string') return []
      const told = platform === undefined ? '' : platformText(platform)
      return [
        documentOf<ManifestDocument>(child, read).then((found) =>
          found === undefined ? { platform: told, digest: child } : describeOne(child, found, told, read),
        ),
      ]
    }),
  )
}

async function describeOne(
  digest: string,
  { config, layers = [] }: ManifestDocument,
  told: string | undefined,
  read: ReadSmall,
): Promise<PlatformImage> {
  const parts = [config, ...(Array.isArray(layers) ? (layers as readonly DescriptorDocument[]) : [])]
  const size = parts.reduce((sum, part) => sum + (typeof part?.size === 'number' ? part.size : 0), 0)
  if (told !== undefined && told !== '') return { platform: told, digest, size }
  const isSmall = typeof config?.digest === 'string' && Number(config.size) <= most.config
  const found = isSmall ? await documentOf<PlatformDocument>(String(config.digest), read) : undefined
  return { platform: found === undefined ? '' : platformText(found), digest, size }
}

function platformText({ os, architecture, variant }: PlatformDocument): string {
  return [os, architecture, variant].filter((part) => typeof part === 'string' && part !== '').join('/')
}

/** Undefined for what is not here, and for what is no mapping of JSON. */
async function documentOf<Document extends object>(digest: string, read: ReadSmall): Promise<Document | undefined> {
  const bytes = await read(digest)
  if (bytes === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes).toString())
    return typeof parsed === 'object' && parsed !== null ? (parsed as Document) : undefined
  } catch {
    return undefined
  }
}
