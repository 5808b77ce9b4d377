// What a manifest that is pushed names (OCI image specification, manifest.md and image-index.md), whatever type it has.
import { ChartferryError } from '@chartferry/core'
import { type ContentDigest, isContentDigest } from './content-digest.ts'

/** A descriptor as a manifest has it. */
export interface NamedContent {
  readonly digest: ContentDigest
  /** Bytes, as the manifest says. */
  readonly size: number
  readonly mediaType: string
  readonly platform?: string
}

export interface ManifestForm {
  readonly mediaType: string
  /** What must be there: config and layers, or the manifests of an index; layers that nobody may distribute are left out. */
  readonly named: readonly NamedContent[]
  readonly isIndex: boolean
  readonly config?: NamedContent
  readonly subject?: ContentDigest
  /** As the referrers of its subject are shown. */
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

type Json = Readonly<Record<string, unknown>>

/**
 * Reads a manifest. Throws MANIFEST_INVALID for what is not a JSON object of schema 2, contradicts its own type, or has a
 * descriptor without digest or size.
 */
export function readManifestForm(bytes: Uint8Array, contentType: string): ManifestForm {
  const document = parsed(bytes)
  if (document.schemaVersion !== 2) throw invalid('schemaVersion is not 2')
  const given = contentType.split(';')[0]?.trim() ?? ''
  const own = textOf(document.mediaType)
  if (own !== undefined && given !== '' && own !== given)
    throw invalid(`it is sent as ${given}, and says that it is ${own}`)
  const isIndex = Array.isArray(document.manifests)
  const mediaType = own ?? given
  if (mediaType === '') throw invalid('nothing says which type it has')
  if (isIndex && Array.isArray(document.layers)) throw invalid('it has layers and manifests')
  const config = document.config === undefined ? undefined : descriptor(document.config)
  const listed = isIndex ? listOf(document.manifests) : listOf(document.layers ?? document.blobs)
  const artifactType = textOf(document.artifactType) ?? config?.mediaType
  const annotations = annotationsOf(document.annotations)
  return {
    mediaType,
    isIndex,
    named: [...(config === undefined ? [] : [config]), ...listed.filter(isDistributed)],
    ...(config === undefined ? {} : { config }),
    ...(isRecord(document.subject) ? { subject: descriptor(document.subject).digest } : {}),
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

function parsed(bytes: Uint8Array): Json {
  try {
    const document: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (isRecord(document)) return document
  } catch (cause) {
    throw new ChartferryError('MANIFEST_INVALID', 'the manifest is not JSON', { cause })
  }
  throw invalid('it is not a JSON object')
}

function listOf(value: unknown): readonly NamedContent[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw invalid('a list of descriptors is no list')
  return value.map(descriptor)
}

function descriptor(value: unknown): NamedContent {
  if (!isRecord(value)) throw invalid('a descriptor is no object')
  const { digest, size, platform } = value
  if (typeof digest !== 'string' || !isContentDigest(digest))
    throw invalid(`${JSON.stringify(digest)?.slice(0, 200)} is no sha256 or sha512 digest`)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid(`${digest} has the size ${JSON.stringify(size)?.slice(0, 40)}`)
  const runs = isRecord(platform) ? platformOf(platform) : undefined
  return { digest, size, mediaType: textOf(value.mediaType) ?? '', ...(runs === undefined ? {} : { platform: runs }) }
}

function platformOf({ os, architecture, variant }: Json): string | undefined {
  const parts = [os, architecture, variant].filter((part) => typeof part === 'string' && part !== '')
  return parts.length < 2 ? undefined : parts.join('/')
}

/** Layers that stay where they are, and are named only. */
function isDistributed({ mediaType }: NamedContent): boolean {
  return !mediaType.includes('nondistributable') && !mediaType.includes('rootfs.foreign')
}

function annotationsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isRecord(value)) return undefined
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(why: string): ChartferryError {
  return new ChartferryError('MANIFEST_INVALID', `the manifest cannot be kept: ${why}`)
}
