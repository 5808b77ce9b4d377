// Pushing: bytes become a chart version or a provenance file of a hosted repository, if they are one.

import { ChartferryError, isChartferryError, type Limits, readChartArchive } from '@chartferry/core'
import { parseIndexFile, parseVersion, parseYaml } from '@chartferry/core/helm'
import { entryText } from './entry-text.ts'
import type { Push } from './hosted-store.ts'
import { fileOf } from './repository-state.ts'

/**
 * Reads an archive that is pushed. Throws CHART_INVALID, ARCHIVE_INVALID, PATH_UNSAFE, ARCHIVE_TOO_LARGE,
 * TOO_MANY_ENTRIES, and what `parseYaml` throws for its Chart.yaml.
 */
export async function readPushedArchive(
  bytes: Uint8Array,
  { limits, now }: { readonly limits: Limits; readonly now: () => number },
): Promise<NonNullable<Push['archive']>> {
  const { chart, digest } = await readChartArchive(bytes, { limits })
  const { raw, name, version, apiVersion } = chart.metadata
  checkHostedName(name, version)
  const created = new Date(now()).toISOString()
  const metadata = { ...raw, apiVersion, name, version, created, digest, urls: [] }
  // As an upstream's index is read, so that what is pushed is served by the same rules.
  const index = parseIndexFile(JSON.stringify({ apiVersion: 'v1', entries: { [name]: [metadata] } }))
  const entry = index.entries.get(name)?.[0]
  if (entry === undefined)
    throw new ChartferryError('CHART_INVALID', `chart ${name} ${version}: ${index.skipped[0]?.reason}`)
  return { version: { name, version, digest, size: bytes.length, created, entry: entryText(entry) }, bytes }
}

/**
 * Reads a provenance file that is pushed, under the name and version that it says itself. Throws PROVENANCE_INVALID.
 */
export function readPushedProvenance(bytes: Uint8Array): NonNullable<Push['provenance']> {
  const text = Buffer.from(bytes).toString()
  const file = fileOf(provenanceSubject(text))
  const subject = text.match(/^ {2}\S+\.tgz: (sha256:[0-9a-f]{64})\s*$/m)?.[1]
  return { file, bytes, ...(subject === undefined ? {} : { subject }) }
}

const chartName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/
const longest = 200

/** Throws CHART_INVALID for what is no name or version, or is longer than 200 characters. */
function checkHostedName(name: string, version: string): void {
  if (!chartName.test(name) || name.length > longest) {
    throw new ChartferryError('CHART_INVALID', `a chart named ${JSON.stringify(name)} cannot be pushed`, {
      hint: 'Use letters, digits, dots, dashes and underscores, at most 200.',
    })
  }
  if (parseVersion(version) === undefined || version.length > longest) {
    throw new ChartferryError(
      'CHART_INVALID',
      `chart ${name}: ${JSON.stringify(version)} is no semantic version of at most 200 characters`,
    )
  }
}

/**
 * The name and version that a provenance file speaks of (Helm pkg/provenance: a clear-signed text of two YAML
 * documents, Chart.yaml and the digests). The signature is not checked: who pulls the chart does that. Throws
 * PROVENANCE_INVALID.
 */
export function provenanceSubject(text: string): { readonly name: string; readonly version: string } {
  const match = /^-----BEGIN PGP SIGNED MESSAGE-----\r?\n(?:[^\r\n]+\r?\n)*\r?\n([\s\S]*?)\r?\n\.\.\.\r?\n/.exec(text)
  if (!text.includes('\n-----BEGIN PGP SIGNATURE-----')) throw invalid()
  // Lines that begin with a dash are escaped in a clear-signed text (RFC 9580, 7.2).
  const metadata = parsed(match?.[1]?.replace(/^- /gm, ''))
  const { name, version } = metadata
  if (typeof name !== 'string' || typeof version !== 'string') throw invalid()
  try {
    checkHostedName(name, version)
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
