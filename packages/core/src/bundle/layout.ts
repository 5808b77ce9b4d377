// A bundle's content: an OCI image layout of the original charts and the plan of each (OCI image specification, image-layout.md).
import type { ChartArchive } from '../chart/chart.ts'
import { type Digest, digestHex, digestOf } from '../digest.ts'
import type { Plan } from '../plan/plan.ts'

/** A chart as it was read, and what relocating it will change. */
export interface BundledChart {
  readonly original: ChartArchive
  readonly plan: Plan
}

/** A file of the layout. */
export interface LayoutFile {
  readonly path: string
  readonly data: Uint8Array
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
/** Helm's own media types (HIP-0006). */
const helmTypes = {
  config: 'application/vnd.cncf.helm.config.v1+json',
  chart: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  provenance: 'application/vnd.cncf.helm.chart.provenance.v1.prov',
}
/** The type of the artifact that holds a plan; its subject is the chart. */
const planType = 'application/vnd.chartferry.plan.v1+json'
const emptyType = 'application/vnd.oci.empty.v1+json'

/** The files of the layout, each blob once, in an order that depends on the content alone. */
export function layoutOf(charts: readonly BundledChart[]): readonly LayoutFile[] {
  const blobs = new Map<Digest, Uint8Array>()
  const add = (mediaType: string, data: Uint8Array | string): Descriptor => {
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
    const digest = digestOf(bytes)
    blobs.set(digest, bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const manifests = charts.flatMap(({ original, plan }) => {
    const chart = addChart(add, original)
    return [chart, addPlan(add, plan, chart)]
  })
  return [
    { path: 'oci-layout', data: encodeJson({ imageLayoutVersion: '1.0.0' }) },
    {
      path: 'index.json',
      data: encodeJson({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }),
    },
    ...[...blobs.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([digest, data]) => ({ path: `blobs/sha256/${digestHex(digest)}`, data })),
  ]
}

type Add = (mediaType: string, data: Uint8Array | string) => Descriptor

/** The manifest that `helm push` would make of the archive; `+` of a version is `_` in a tag, as Helm has it. */
function addChart(add: Add, { bytes, provenance, chart }: ChartArchive): Descriptor {
  const { name, version } = chart.metadata
  const layers = [
    add(helmTypes.chart, bytes),
    ...(provenance === undefined ? [] : [add(helmTypes.provenance, provenance)]),
  ]
  const config = add(helmTypes.config, JSON.stringify(chart.metadata.raw))
  const manifest = add(manifestType, JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config, layers }))
  return {
    ...manifest,
    annotations: { 'org.opencontainers.image.ref.name': `${name}:${version.replaceAll('+', '_')}` },
  }
}

function addPlan(add: Add, plan: Plan, chart: Descriptor): Descriptor {
  const { mediaType, digest, size } = chart
  const layers = [add(planType, JSON.stringify(plan))]
  const config = add(emptyType, '{}')
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: planType,
    config,
    layers,
    subject: { mediaType, digest, size },
  }
  return { ...add(manifestType, JSON.stringify(manifest)), artifactType: planType }
}

const encodeJson = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))
