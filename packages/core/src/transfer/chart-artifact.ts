// A chart as a registry holds it: the manifest that `helm push` makes, and what `helm pull` reads of one (Helm,
// pkg/registry).

import { digestOf } from '../digest.ts'
import { ChartferryError } from '../errors.ts'
import type { ChartArchive } from '../helm/chart/chart.ts'
import { readChartArchive } from '../helm/chart/chart-archive.ts'
import type { ChartMetadata } from '../helm/chart/metadata.ts'
import { defaultLimits, type Limits } from '../limits.ts'
import type { ContentOptions, ContentSink, ContentSource } from '../oci/content/content.ts'
import { type Descriptor, isIndexType, mediaTypes } from '../oci/content/descriptor.ts'
import { readContent, readManifest } from '../oci/content/read-content.ts'

/** Helm's own media types (HIP-0006). */
export const chartTypes = {
  config: 'application/vnd.cncf.helm.config.v1+json',
  chart: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  /** What Helm wrote before 3.7. */
  oldChart: 'application/tar+gzip',
  provenance: 'application/vnd.cncf.helm.chart.provenance.v1.prov',
} as const

/** Content with its bytes. */
export interface ArtifactPart {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

export interface ChartArtifact {
  readonly manifest: ArtifactPart
  /** Config and layers, in the manifest's order. */
  readonly blobs: readonly ArtifactPart[]
  readonly tag: string
}

/** A version as a tag: `+` is no character of tags. */
export function tagOf(version: string): string {
  return version.replaceAll('+', '_')
}

/** A tag as a version. */
export function versionOf(tag: string): string {
  return tag.replaceAll('_', '+')
}

/**
 * What is pushed for a chart. The same archive gives the same bytes: Helm writes when it pushed, here `created` (RFC
 * 3339) is written where it is given.
 */
export function chartArtifact(
  { bytes, provenance, chart }: ChartArchive,
  { created }: { readonly created?: string } = {},
): ChartArtifact {
  const config = partOf(chartTypes.config, JSON.stringify(configOf(chart.metadata)))
  const layers = [
    partOf(chartTypes.chart, bytes),
    ...(provenance === undefined ? [] : [partOf(chartTypes.provenance, provenance)]),
  ]
  const manifest = partOf(
    mediaTypes.manifest,
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: config.descriptor,
      layers: layers.map(({ descriptor }) => descriptor),
      annotations: annotationsOf(chart.metadata, created),
    }),
  )
  return { manifest, blobs: [config, ...layers], tag: tagOf(chart.metadata.version) }
}

/** Pushes a chart. Throws the errors of the sink. */
export async function pushChart(
  sink: ContentSink,
  artifact: ChartArtifact,
  { signal }: ContentOptions = {},
): Promise<Descriptor> {
  const { manifest, blobs, tag } = artifact
  await sink.preflight?.({ signal })
  await Promise.all(
    blobs.map(async ({ descriptor, bytes }) => {
      if (!(await sink.has(descriptor, { signal }))) await sink.push(descriptor, bytes, { signal })
    }),
  )
  await sink.push(manifest.descriptor, manifest.bytes, { signal, tag })
  return manifest.descriptor
}

/** A chart where it is: what its manifest says, nothing of it fetched. */
export interface PlacedChart {
  readonly manifest: Descriptor
  readonly config: Descriptor
  readonly archive: Descriptor
  readonly provenance?: Descriptor
  readonly annotations: Readonly<Record<string, string>>
}

/** Finds the chart of a tag or digest. Throws MANIFEST_NOT_FOUND, and CHART_INVALID where it is no chart. */
export async function findChart(
  source: ContentSource,
  reference: string,
  { signal, limits = defaultLimits }: ContentOptions & { readonly limits?: Limits } = {},
): Promise<PlacedChart> {
  const resolved = await source.resolve(reference, { signal })
  const options = { signal, maxBytes: limits.manifestBytes }
  const descriptor = isIndexType(resolved.mediaType) ? await chartInIndex(source, resolved, options) : resolved
  const { manifest } = await readManifest(source, descriptor, options)
  const where = `${source.name}@${descriptor.digest}`
  const { config, annotations } = manifest
  if (config?.mediaType !== chartTypes.config)
    throw new ChartferryError(
      'CHART_INVALID',
      `${where}: it is no chart but ${config?.mediaType ?? manifest.mediaType}`,
    )
  const layer = (...types: readonly string[]): Descriptor | undefined =>
    manifest.blobs.find(({ mediaType }) => types.includes(mediaType))
  const archive = layer(chartTypes.chart, chartTypes.oldChart)
  if (archive === undefined) throw new ChartferryError('CHART_INVALID', `${where}: it has no layer with a chart`)
  const provenance = layer(chartTypes.provenance)
  return { manifest: descriptor, config, archive, annotations, ...(provenance ? { provenance } : {}) }
}

/**
 * The chart that stands in an index beside an image, as Helm finds it: by its artifact type, else by its config. Throws
 * CHART_INVALID where there is none.
 */
async function chartInIndex(
  source: ContentSource,
  index: Descriptor,
  options: ContentOptions & { readonly maxBytes: number },
): Promise<Descriptor> {
  const { manifests } = (await readManifest(source, index, options)).manifest
  const named = manifests.find(({ artifactType }) => artifactType === chartTypes.config)
  if (named !== undefined) return named
  for (const part of manifests.filter(({ mediaType }) => mediaType === mediaTypes.manifest).slice(0, mostParts)) {
    const { config } = (await readManifest(source, part, options)).manifest
    if (config?.mediaType === chartTypes.config) return part
  }
  throw new ChartferryError('CHART_INVALID', `${source.name}@${index.digest}: it is no chart but ${index.mediaType}`)
}

/** Manifests of an index that are looked into. */
const mostParts = 32

/** Pulls the chart of a tag or digest. Throws as `findChart` and `readChartArchive` do. */
export async function pullChart(
  source: ContentSource,
  reference: string,
  { signal, limits = defaultLimits }: ContentOptions & { readonly limits?: Limits } = {},
): Promise<ChartArchive> {
  const { archive, provenance: signed } = await findChart(source, reference, { signal, limits })
  const [bytes, provenance] = await Promise.all([
    readContent(source, archive, { signal, maxBytes: limits.archiveBytes, tooLarge: 'ARCHIVE_TOO_LARGE' }),
    signed && readContent(source, signed, { signal, maxBytes: limits.provenanceBytes, tooLarge: 'ARCHIVE_TOO_LARGE' }),
  ])
  return readChartArchive(bytes, { limits, ...(provenance ? { provenance } : {}), ...(signal ? { signal } : {}) })
}

function partOf(mediaType: string, content: Uint8Array | string): ArtifactPart {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes }
}

/** Chart.yaml in the order of Helm's own fields, without those that say nothing. */
function configOf(metadata: ChartMetadata): object {
  const { name, home, sources, version, description, keywords, maintainers, icon, apiVersion, condition, tags } =
    metadata
  const { appVersion, deprecated, annotations, kubeVersion, type, raw } = metadata
  const config = {
    name,
    home,
    sources,
    version,
    description,
    keywords,
    maintainers: maintainers.map(filled),
    icon,
    apiVersion,
    condition,
    tags,
    appVersion,
    deprecated,
    annotations: Object.fromEntries(Object.entries(annotations).sort(([a], [b]) => (a < b ? -1 : 1))),
    kubeVersion,
    dependencies: raw.dependencies ?? [],
    type,
  }
  return filled(config)
}

function filled(record: object): object {
  const isEmpty = (value: unknown): boolean =>
    value === '' ||
    value === false ||
    value === undefined ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  return Object.fromEntries(Object.entries(record).filter(([, value]) => !isEmpty(value)))
}

const prefix = 'org.opencontainers.image'
/** What a chart cannot say otherwise of itself. */
const fixed = [`${prefix}.version`, `${prefix}.title`]

function annotationsOf(
  { name, version, description, home, sources, maintainers, annotations }: ChartMetadata,
  created: string | undefined,
): object {
  const authors = maintainers
    .map((maintainer) => maintainer.name + (maintainer.email === '' ? '' : ` (${maintainer.email})`))
    .join(', ')
  const own = {
    description,
    title: name,
    version,
    url: home,
    created: created ?? '',
    source: sources[0] ?? '',
    authors,
  }
  const made = Object.entries(own).flatMap(([key, value]) =>
    value.trim() === '' ? [] : [[`${prefix}.${key}`, value] as const],
  )
  const given = Object.entries(annotations).filter(([key]) => !fixed.includes(key))
  return Object.fromEntries([...made, ...given].sort(([a], [b]) => (a < b ? -1 : 1)))
}
