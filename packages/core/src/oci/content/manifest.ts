// What a manifest or an index names: its blobs, its manifests, its subject (OCI image specification, manifest.md and
// image-index.md).
import { ChartferryError } from '../../errors.ts'
import {
  type Descriptor,
  isIndexType,
  isManifestType,
  isRecord,
  mediaTypes,
  parseDescriptor,
  textsOf,
} from './descriptor.ts'

/** A manifest, read as far as copying needs it; its bytes are what counts. */
export interface Manifest {
  readonly mediaType: string
  /** Config and layers; empty for an index. */
  readonly blobs: readonly Descriptor[]
  /** The config alone, where there is one. */
  readonly config?: Descriptor
  /** What an index lists; empty for a manifest. */
  readonly manifests: readonly Descriptor[]
  readonly subject?: Descriptor
  /** As the referrers API reports it: the artifact type, else the config's type. */
  readonly artifactType?: string
  readonly annotations: Readonly<Record<string, string>>
}

/**
 * Reads a manifest. The media type given counts; where it says nothing, that of the document. Throws MANIFEST_INVALID,
 * with words for Docker's schema 1.
 */
export function parseManifest(bytes: Uint8Array, given: string | undefined, where: string): Manifest {
  const refuse = (why: string): ChartferryError => new ChartferryError('MANIFEST_INVALID', `${where}: ${why}`)
  let document: unknown
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ChartferryError('MANIFEST_INVALID', `${where}: not JSON`, { cause })
  }
  if (!isRecord(document)) throw refuse('not a JSON object')
  const mediaType = manifestType(document, given)
  if (document.schemaVersion === 1 || mediaType.includes('manifest.v1+prettyjws'))
    throw refuse('it is of Docker schema 1, which has no digest of its own and cannot be copied unchanged')
  if (!isManifestType(mediaType)) throw refuse(`${JSON.stringify(mediaType)} is no type of manifests`)
  const list = (value: unknown): readonly Descriptor[] => {
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) throw refuse('a list of descriptors is no list')
    return value.map((entry) => parseDescriptor(entry, where))
  }
  const isIndex = isIndexType(mediaType)
  if (isIndex === Array.isArray(document.layers)) throw refuse(`it does not have the form of its type ${mediaType}`)
  const config = isIndex || document.config === undefined ? undefined : parseDescriptor(document.config, where)
  const subject = isRecord(document.subject) ? parseDescriptor(document.subject, where) : undefined
  const artifactType = typeof document.artifactType === 'string' ? document.artifactType : config?.mediaType
  return {
    mediaType,
    blobs: isIndex ? [] : [...(config ? [config] : []), ...list(document.layers ?? document.blobs)],
    manifests: isIndex ? list(document.manifests) : [],
    ...(config ? { config } : {}),
    ...(subject ? { subject } : {}),
    ...(artifactType === undefined ? {} : { artifactType }),
    annotations: isRecord(document.annotations) ? textsOf(document.annotations) : {},
  }
}

/** Some registries send manifests as `text/plain` or as plain JSON: then the document speaks for itself. */
function manifestType(document: Readonly<Record<string, unknown>>, given: string | undefined): string {
  if (given !== undefined && (isManifestType(given) || given.includes('prettyjws'))) return given
  if (typeof document.mediaType === 'string') return document.mediaType
  if (Array.isArray(document.manifests)) return mediaTypes.index
  return Array.isArray(document.layers) ? mediaTypes.manifest : (given ?? '')
}
