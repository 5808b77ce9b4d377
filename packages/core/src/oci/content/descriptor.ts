// Descriptors: what content is, how large, and by which digest it is known (OCI image specification, descriptor.md).
import { type Digest, isDigest } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'

/** What a manifest of an index runs on. */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly 'os.version'?: string
}

/** Names content. Fields of a descriptor that are not listed here are kept where its bytes are kept. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: Platform
  /** Places outside the registry, for layers that may not be distributed. */
  readonly urls?: readonly string[]
}

/** Media types of manifests and indexes; the Docker ones have the same form. */
export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  artifact: 'application/vnd.oci.artifact.manifest.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  empty: 'application/vnd.oci.empty.v1+json',
} as const

const indexes: readonly string[] = [mediaTypes.index, mediaTypes.dockerIndex]
const manifests: readonly string[] = [mediaTypes.manifest, mediaTypes.artifact, mediaTypes.dockerManifest]

/** All types of manifests that are asked for. */
export const manifestTypes: readonly string[] = [...indexes, ...manifests]

/** Whether content of the type lists other manifests. */
export function isIndexType(mediaType: string): boolean {
  return indexes.includes(mediaType)
}

/** Whether content of the type is a manifest or an index, which registries keep apart from blobs. */
export function isManifestType(mediaType: string): boolean {
  return manifestTypes.includes(mediaType)
}

/** Whether a layer may only be fetched from the places that its descriptor names. */
export function isForeign({ mediaType }: Descriptor): boolean {
  return mediaType.includes('nondistributable') || mediaType.includes('rootfs.foreign')
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads a descriptor from JSON. Throws MANIFEST_INVALID; `where` names the manifest it stands in. */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  const refuse = (why: string): ChartferryError => new ChartferryError('MANIFEST_INVALID', `${where}: ${why}`)
  if (!isRecord(value)) throw refuse('a descriptor is no object')
  const { mediaType, digest, size, artifactType, annotations, platform, urls } = value
  if (typeof mediaType !== 'string') throw refuse('a descriptor has no media type')
  if (typeof digest !== 'string' || !isDigest(digest))
    throw refuse(`${JSON.stringify(digest)} is no sha256 digest, and others are not supported`)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw refuse(`${digest} has the size ${JSON.stringify(size)}`)
  return {
    mediaType,
    digest,
    size,
    ...(typeof artifactType === 'string' ? { artifactType } : {}),
    ...(isRecord(annotations) ? { annotations: textsOf(annotations) } : {}),
    ...(isRecord(platform) ? { platform: parsePlatform(platform) } : {}),
    ...(Array.isArray(urls) ? { urls: urls.filter((url) => typeof url === 'string') } : {}),
  }
}

/** The entries of an object that are texts. */
export function textsOf(record: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function parsePlatform(record: Readonly<Record<string, unknown>>): Platform {
  const texts = textsOf(record)
  const { variant, 'os.version': osVersion } = texts
  return {
    os: texts.os ?? '',
    architecture: texts.architecture ?? '',
    ...(variant === undefined ? {} : { variant }),
    ...(osVersion === undefined ? {} : { 'os.version': osVersion }),
  }
}
