// Pushing: bytes become a chart version or a provenance file of a hosted repository, if they are one.
import {
  ChartferryError,
  digestOf,
  isChartferryError,
  type Limits,
  parseYaml,
  readChartArchive,
} from '@chartferry/core'
import { type HostedStore, hostedId } from './hosted-store.ts'

export interface PublishedVersion {
  readonly name: string
  readonly version: string
}

/**
 * Publishes an archive. Throws CHART_INVALID, ARCHIVE_INVALID, PATH_UNSAFE, ARCHIVE_TOO_LARGE, TOO_MANY_ENTRIES,
 * VERSION_EXISTS.
 */
export async function publishArchive(
  store: HostedStore,
  repository: string,
  bytes: Uint8Array,
  { limits, now }: { readonly limits: Limits; readonly now: () => number },
): Promise<PublishedVersion> {
  const { chart } = await readChartArchive(bytes, { limits })
  const { raw, name, version } = chart.metadata
  await store.publish(
    repository,
    {
      name,
      version,
      digest: digestOf(bytes),
      size: bytes.length,
      created: new Date(now()).toISOString(),
      metadata: { ...raw, apiVersion: chart.metadata.apiVersion, name, version },
    },
    bytes,
  )
  return { name, version }
}

/**
 * Publishes a provenance file, under the name and version that it says itself. Throws PROVENANCE_INVALID,
 * VERSION_EXISTS.
 */
export async function publishProvenance(
  store: HostedStore,
  repository: string,
  bytes: Uint8Array,
): Promise<PublishedVersion> {
  const { name, version } = provenanceSubject(Buffer.from(bytes).toString())
  await store.publishProvenance(repository, name, version, bytes)
  return { name, version }
}

/**
 * The name and version that a provenance file speaks of (Helm pkg/provenance: a clear-signed text of two YAML
 * documents, Chart.yaml and the digests). The signature is not checked: who pulls the chart does that. Throws
 * PROVENANCE_INVALID.
 */
export function provenanceSubject(text: string): PublishedVersion {
  const match = /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:[^\r\n]+\r?\n)*\r?\n([\s\S]*?)\r?\n\.\.\.\r?\n/.exec(text)
  if (!text.includes('\n-----BEGIN PGP SIGNATURE-----')) throw invalid()
  // Lines that begin with a dash are escaped in a clear-signed text (RFC 9580, 7.2).
  const metadata = parsed(match?.[1]?.replace(/^- /gm, ''))
  const { name, version } = metadata
  if (typeof name !== 'string' || typeof version !== 'string') throw invalid()
  try {
    hostedId(name, version)
  } catch (thrown) {
    throw isChartferryError(thrown) ? invalid(thrown) : thrown
  }
  return { name, version }
}

function parsed(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) throw invalid()
  try {
    const value = parseYaml(text, { where: 'provenance file' })
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch (thrown) {
    throw invalid(thrown)
  }
}

function invalid(cause?: unknown): ChartferryError {
  return new ChartferryError('PROVENANCE_INVALID', 'the file is not the provenance of a chart', { cause })
}
