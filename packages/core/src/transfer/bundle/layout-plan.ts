// What a bundle will hold, and in which order: decided before its first blob is fetched, from content alone. Pure.

import type { Digest } from '../../digest.ts'
import { ChartferryError } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import { type Descriptor, isManifestType } from '../../oci/content/descriptor.ts'
import { parseManifest } from '../../oci/content/manifest.ts'
import type { Plan } from '../../relocation/model/plan.ts'
import type { Proof } from '../../relocation/verify/proof.ts'
import { chartArtifact } from '../chart-artifact.ts'
import {
  type AttachedEntry,
  type BundleContents,
  type BundleEntry,
  bundleFormat,
  type ChartEntry,
  type FileEntry,
  type ImageEntry,
} from './contents.ts'
import {
  artifactManifest,
  bundleTypes,
  emptyConfig,
  type NamedContent,
  nameContent,
  proofType,
  valuesType,
} from './media-types.ts'
import { formatRenderedWith, type RenderedWith } from './rendered-with.ts'

/** A chart as it was read, with what relocating it will change, and whether that was proven. */
export interface BundledChart {
  readonly original: ChartArchive
  /** Default: the chart cannot be relocated from the bundle. */
  readonly plan?: Plan
  readonly proof?: Proof
  /** What it was rendered with for plan and proof. Default: nothing but its own values, or nobody shall know. */
  readonly renderedWith?: RenderedWith | undefined
}

/** A file that goes into a bundle as it is. */
export interface BundledFile {
  /** Without folders. */
  readonly name: string
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly open: () => AsyncIterable<Uint8Array>
}

/** What the images consist of. */
export interface BundledImages {
  readonly images: readonly ImageEntry[]
  readonly attached: readonly AttachedEntry[]
  readonly manifests: readonly NamedContent[]
  readonly blobs: readonly Descriptor[]
}

export interface LayoutPlan {
  readonly contents: BundleContents
  /** What is written at once; all else is streamed. */
  readonly ready: ReadonlyMap<Digest, Uint8Array>
}

/** What a bundle is made on top of. */
export interface LayoutBase {
  readonly digest: Digest
  readonly entries: readonly BundleEntry[]
}

/**
 * Lays everything out: manifests first, then blobs, each in the order of digests. Throws VERSION_EXISTS where two
 * charts have one name and version.
 */
export function planLayout(
  charts: readonly BundledChart[],
  { images, attached, manifests, blobs }: BundledImages,
  files: readonly BundledFile[],
  base: LayoutBase | undefined,
): LayoutPlan {
  const ready = new Map<Digest, Uint8Array>()
  const entries = new Map<Digest, BundleEntry>()
  const add = ({ descriptor, bytes }: NamedContent): Descriptor => {
    ready.set(descriptor.digest, bytes)
    entries.set(descriptor.digest, entryOf(descriptor, bytes))
    return descriptor
  }
  add(emptyConfig)
  const chartEntries = addCharts(charts, add)
  const fileEntries = files.map(({ name, digest, size }): FileEntry => {
    const layer = { mediaType: bundleTypes.file, digest, size }
    return { name, digest, size, manifest: add(artifactManifest(bundleTypes.file, [layer])) }
  })
  for (const manifest of manifests) add(manifest)
  const left = new Map(base?.entries.map((entry) => [entry.digest, entry]))
  const absent = new Map<Digest, BundleEntry>()
  for (const { digest, size } of [...blobs, ...files]) {
    if (entries.has(digest)) continue
    if (left.has(digest)) absent.set(digest, { digest, size })
    else entries.set(digest, { digest, size })
  }
  const contents: BundleContents = {
    format: bundleFormat,
    charts: chartEntries,
    images: images.toSorted((a, b) => compare(a.name, b.name)),
    attached: attached.toSorted((a, b) => compare(attachedKey(a), attachedKey(b))),
    files: fileEntries.toSorted((a, b) => compare(a.name, b.name)),
    entries: inOrder(entries.values()),
    ...(base === undefined ? {} : { base: { digest: base.digest, absent: inOrder(absent.values()) } }),
  }
  return { contents, ready }
}

function addCharts(charts: readonly BundledChart[], add: (content: NamedContent) => Descriptor): readonly ChartEntry[] {
  const known = new Map<string, ChartEntry>()
  for (const { original, plan, proof, renderedWith } of charts) {
    const { name, version } = original.chart.metadata
    const earlier = known.get(`${name} ${version}`)
    if (earlier !== undefined && earlier.digest !== original.digest)
      throw new ChartferryError('VERSION_EXISTS', `two different charts are ${name} ${version}`, {
        hint: 'A bundle holds each version of a chart once: make two bundles.',
      })
    const { manifest, blobs } = chartArtifact(original)
    for (const blob of blobs) add(blob)
    add(manifest)
    const layers = [
      ...(plan === undefined ? [] : [add(nameContent(bundleTypes.plan, JSON.stringify(plan)))]),
      ...(proof === undefined ? [] : [add(nameContent(proofType, JSON.stringify(proof)))]),
      ...(renderedWith === undefined ? [] : [add(nameContent(valuesType, formatRenderedWith(renderedWith)))]),
    ]
    const planned =
      layers.length === 0 ? undefined : add(artifactManifest(bundleTypes.plan, layers, manifest.descriptor))
    known.set(`${name} ${version}`, {
      name,
      version,
      digest: original.digest,
      manifest: manifest.descriptor,
      ...(planned === undefined ? {} : { plan: planned }),
    })
  }
  return [...known.values()].sort((a, b) => compare(`${a.name} ${a.version}`, `${b.name} ${b.version}`))
}

function entryOf({ mediaType, digest, size }: Descriptor, bytes: Uint8Array): BundleEntry {
  if (!isManifestType(mediaType)) return { digest, size }
  const { subject } = parseManifest(bytes, mediaType, digest)
  return { digest, size, mediaType, ...(subject === undefined ? {} : { subject: subject.digest }) }
}

function inOrder(entries: Iterable<BundleEntry>): readonly BundleEntry[] {
  const rank = ({ mediaType, digest }: BundleEntry): string => `${mediaType === undefined ? 1 : 0}${digest}`
  return [...entries].sort((a, b) => compare(rank(a), rank(b)))
}

const attachedKey = ({ repository, tag = '', manifest }: AttachedEntry): string =>
  `${repository} ${tag} ${manifest.digest}`

/** By code units, so that no locale changes the order. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
