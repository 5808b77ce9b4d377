// What a person asks of a bundle: how large each thing is, and on which platforms it runs.
import type { Digest } from '../../digest.ts'
import { type Descriptor, isIndexType, isManifestType, isRecord } from '../../oci/content/descriptor.ts'
import { formatPlatform } from '../../oci/content/platforms.ts'
import { readContent, readManifest } from '../../oci/content/read-content.ts'
import type { ProofStatus } from '../../relocation/verify/proof.ts'
import { chartTypes } from '../chart-artifact.ts'
import type { ChartEntry, FileEntry, ImageEntry } from './contents.ts'
import { imageName, usedImages } from './image-names.ts'
import type { Bundle } from './read-bundle.ts'

export interface DescribedChart extends Pick<ChartEntry, 'name' | 'version' | 'digest'> {
  /** Bytes of the archive. */
  readonly size: number
  readonly hasProvenance: boolean
  /** Whether it carries the values that it was planned and proven with. */
  readonly hasValues: boolean
  /** The status of the proof carried, and what rendered it. Default: nothing was proven. */
  readonly proof?: { readonly status: ProofStatus; readonly renderer?: string }
}

export interface DescribedImage extends Pick<ImageEntry, 'name'> {
  readonly digest: Digest
  /** `os/architecture[/variant]`. */
  readonly platforms: readonly string[]
  /** Bytes of its manifests and blobs, each once; what another image has too counts here as well. */
  readonly size: number
  /** Signatures, attestations and whatever else refers to it. */
  readonly attached: number
}

/** What a bundle holds. */
export interface BundleDescription {
  readonly format: string
  /** Bytes of the file, or of all its parts. */
  readonly size: number
  readonly digest: Digest
  readonly signed: boolean
  /** What it was made on top of. Default: nothing. */
  readonly base?: Digest
  readonly charts: readonly DescribedChart[]
  readonly images: readonly DescribedImage[]
  readonly files: readonly Pick<FileEntry, 'name' | 'digest' | 'size'>[]
  /** Images that its charts use and that are not inside. */
  readonly missing: readonly MissingImage[]
}

/** An image of a chart that is not inside. */
export interface MissingImage {
  readonly chart: string
  readonly image: string
  /** Whether a rendering printed it: then the chart can run it. */
  readonly rendered: boolean
}

const configBytes = 4 << 20

/** Describes a bundle from its manifests. Throws MANIFEST_INVALID, DIGEST_MISMATCH, BUNDLE_BASE_MISSING. */
export async function describeBundle(bundle: Bundle): Promise<BundleDescription> {
  const { contents, structure, size } = bundle
  const charts: DescribedChart[] = []
  for (const entry of contents.charts) charts.push(await describeChart(bundle, entry))
  const images: DescribedImage[] = []
  for (const image of contents.images) images.push(await describeImage(bundle, image))
  return {
    format: contents.format,
    size,
    digest: structure.contentsDigest,
    signed: structure.signature !== undefined,
    ...(contents.base === undefined ? {} : { base: contents.base.digest }),
    charts,
    images,
    files: contents.files.map(({ name, digest, size: bytes }) => ({ name, digest, size: bytes })),
    missing: await missingImages(bundle),
  }
}

/** The images that plans name and that are not inside. Throws PLAN_INVALID. */
export async function missingImages(bundle: Bundle): Promise<readonly MissingImage[]> {
  const held = new Set(bundle.contents.images.map(({ name }) => name))
  const missing: MissingImage[] = []
  for (const { name, version } of bundle.contents.charts) {
    const plan = await bundle.plan({ name, version })
    for (const { image, rendered } of plan === undefined ? [] : usedImages(plan)) {
      const canonical = imageName(image)
      if (canonical !== undefined && !held.has(canonical))
        missing.push({ chart: `${name}-${version}`, image, rendered })
    }
  }
  return missing
}

async function describeChart(bundle: Bundle, { name, version, digest, manifest }: ChartEntry): Promise<DescribedChart> {
  const [proof, renderedWith, { manifest: parsed }] = await Promise.all([
    bundle.proof({ name, version }),
    bundle.renderedWith({ name, version }),
    readManifest(bundle.source, manifest),
  ])
  const archive = parsed.blobs.find((blob) => blob.digest === digest)
  return {
    name,
    version,
    digest,
    size: archive?.size ?? 0,
    hasProvenance: parsed.blobs.some(({ mediaType }) => mediaType === chartTypes.provenance),
    hasValues: renderedWith !== undefined,
    ...(proof === undefined
      ? {}
      : { proof: { status: proof.status, ...(proof.renderer === undefined ? {} : { renderer: proof.renderer }) } }),
  }
}

async function describeImage(bundle: Bundle, { name, manifest }: ImageEntry): Promise<DescribedImage> {
  const sizes = new Map<Digest, number>()
  const platforms = new Set<string>()
  const visit = async (descriptor: Descriptor): Promise<void> => {
    if (sizes.has(descriptor.digest)) return
    sizes.set(descriptor.digest, descriptor.size)
    const { manifest: parsed } = await readManifest(bundle.source, descriptor)
    for (const { digest, size } of parsed.blobs) sizes.set(digest, size)
    if (!isIndexType(descriptor.mediaType) && descriptor.digest === manifest.digest && parsed.config !== undefined)
      for (const platform of await platformOf(bundle, parsed.config)) platforms.add(platform)
    for (const child of parsed.manifests) {
      if (child.platform !== undefined && child.platform.os !== 'unknown') platforms.add(formatPlatform(child.platform))
      if (isManifestType(child.mediaType)) await visit(child)
    }
  }
  await visit(manifest)
  const size = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0)
  return {
    name,
    digest: manifest.digest,
    platforms: [...platforms],
    size,
    attached: countAttached(bundle, manifest, [...sizes.keys()]),
  }
}

/** What the config of an image says of itself; nothing for artifacts. */
async function platformOf({ source }: Bundle, config: Descriptor): Promise<readonly string[]> {
  if (!config.mediaType.includes('image.config') && !config.mediaType.includes('container.image')) return []
  if (!(await source.has(config))) return []
  const document: unknown = JSON.parse(
    new TextDecoder().decode(await readContent(source, config, { maxBytes: configBytes })),
  )
  if (!isRecord(document)) return []
  const { os, architecture, variant } = document
  if (typeof os !== 'string' || typeof architecture !== 'string') return []
  return [formatPlatform({ os, architecture, ...(typeof variant === 'string' ? { variant } : {}) })]
}

/** Referrers of the image, of its manifests, and of what refers to them; and cosign's tags. */
function countAttached({ contents, blobs }: Bundle, top: Descriptor, held: readonly Digest[]): number {
  const found = new Set<Digest>()
  const follow = (digest: Digest): void => {
    const tagged = contents.attached.filter(({ tag }) => tag?.startsWith(`${digest.replace(':', '-')}.`))
    for (const next of [
      ...blobs.referring(digest).map((entry) => entry.digest),
      ...tagged.map(({ manifest }) => manifest.digest),
    ]) {
      if (found.has(next) || next === top.digest) continue
      found.add(next)
      follow(next)
    }
  }
  for (const digest of held) follow(digest)
  return found.size
}
