// Reads a bundle from end to end: every byte has the digest it is named by, and everything that is named is inside.

import { createHash } from 'node:crypto'
import { count } from '../../count.ts'
import { ChartferryError, isChartferryError, messageOf, throwIfCancelled } from '../../errors.ts'
import { type Descriptor, isForeign, isManifestType } from '../../oci/content/descriptor.ts'
import { readManifest } from '../../oci/content/read-content.ts'
import type { BundleEntry } from './contents.ts'
import { type MissingImage, missingImages } from './describe-bundle.ts'
import type { Bundle } from './read-bundle.ts'
import { dataOffset, nextOffset, type PlacedFile } from './tar-form.ts'

export interface VerifyBundleOptions {
  /** Takes bytes read, and all there are. Default: nobody does. */
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal | undefined
}

/** What a verification found. */
export interface VerifiedBundle {
  /** Blobs that were read. */
  readonly blobs: number
  /** Bytes of them. */
  readonly bytes: number
  /** Blobs that the base alone has, and that nobody has looked at. */
  readonly absent: number
  /** Images of charts that are not inside. */
  readonly missing: readonly MissingImage[]
}

const pieceBytes = 1 << 20
const mostFaults = 20

/**
 * Verifies a bundle that was opened. Throws BUNDLE_INVALID with every fault: bytes of another digest, manifests that
 * name what is not inside, charts that are not what the table of contents says; CANCELLED.
 */
export async function verifyBundle(bundle: Bundle, options: VerifyBundleOptions = {}): Promise<VerifiedBundle> {
  const { contents, structure, name } = bundle
  const faults: string[] = []
  const bytes = await verifyBytes(bundle, options, faults)
  // What is damaged cannot say anything of the rest.
  if (faults.length === 0) await verifyNames(bundle, faults)
  if (faults.length > 0) {
    const shown = faults.slice(0, mostFaults)
    const more = faults.length > shown.length ? [`and ${faults.length - shown.length} more`] : []
    throw new ChartferryError(
      'BUNDLE_INVALID',
      [`${name}: ${count(faults.length, 'fault')}`, ...shown, ...more].join('\n'),
      {
        details: { faults },
      },
    )
  }
  return {
    blobs: structure.files.length - structure.headerFiles,
    bytes,
    absent: contents.base?.absent.length ?? 0,
    missing: await missingImages(bundle),
  }
}

async function verifyBytes(
  bundle: Bundle,
  { onProgress, signal }: VerifyBundleOptions,
  faults: string[],
): Promise<number> {
  const { structure, contents } = bundle
  let done = 0
  for (const [position, file] of structure.files.entries()) {
    const hash = createHash('sha256')
    const end = nextOffset(file)
    const last = dataOffset(file) + file.size
    for (let at = dataOffset(file); at < end; ) {
      throwIfCancelled(signal)
      const piece = await bundle.bytes.read(at, Math.min(pieceBytes, end - at))
      const data = piece.subarray(0, Math.max(0, last - at))
      hash.update(data)
      if (piece.subarray(data.length).some((byte) => byte !== 0))
        faults.push(`${file.path}: something stands behind it`)
      at += piece.length
      done += piece.length
      onProgress?.(done, bundle.size)
      if (piece.length === 0) break
    }
    const wanted = contents.entries[position - structure.headerFiles]?.digest
    const actual = `sha256:${hash.digest('hex')}`
    if (wanted !== undefined && actual !== wanted)
      faults.push(`${wanted}: its bytes are ${actual}${usedBy(bundle, file)}`)
  }
  return done
}

/** Which image, chart or file a damaged blob belongs to, where that can be told at once. */
function usedBy({ contents }: Bundle, { path }: PlacedFile): string {
  const is = ({ digest }: { readonly digest: string }): boolean => path.endsWith(digest.slice('sha256:'.length))
  const names = [
    ...contents.charts.filter((chart) => is(chart) || is(chart.manifest)).map(({ name }) => `chart ${name}`),
    ...contents.images.filter(({ manifest }) => is(manifest)).map(({ name }) => name),
    ...contents.files.filter(is).map(({ name }) => `file ${name}`),
  ]
  return names.length === 0 ? '' : ` (${names.join(', ')})`
}

/** What manifests name is inside, and the table of contents tells the truth of them and of the charts. */
async function verifyNames(bundle: Bundle, faults: string[]): Promise<void> {
  const { contents, blobs, source, charts } = bundle
  const absent = new Set(contents.base?.absent.map(({ digest }) => digest))
  const isThere = ({ digest, size }: Descriptor): boolean => blobs.entry(digest)?.size === size || absent.has(digest)
  for (const entry of contents.entries) {
    const named = await namedBy(bundle, entry, faults)
    for (const descriptor of named)
      if (!isForeign(descriptor) && !isThere(descriptor))
        faults.push(`${entry.digest}: it names ${descriptor.digest}, which is not inside`)
  }
  for (const { name, version, digest } of contents.charts) {
    try {
      const { chart } = await charts.fetch({ name, version })
      if (chart.metadata.name !== name || chart.metadata.version !== version)
        faults.push(
          `chart ${name} ${version}: the archive ${digest} is ${chart.metadata.name} ${chart.metadata.version}`,
        )
      const plan = await bundle.plan({ name, version })
      if (plan !== undefined && plan.chart.digest !== digest)
        faults.push(`chart ${name} ${version}: its plan is for ${plan.chart.digest}`)
    } catch (thrown) {
      if (!isChartferryError(thrown)) throw thrown
      faults.push(`chart ${name} ${version}: ${thrown.message}`)
    }
  }
  for (const { name, digest, manifest } of contents.files) {
    const { manifest: parsed } = await readManifest(source, manifest)
    if (!parsed.blobs.some((blob) => blob.digest === digest))
      faults.push(`file ${name}: its manifest names another one`)
  }
}

async function namedBy({ source }: Bundle, entry: BundleEntry, faults: string[]): Promise<readonly Descriptor[]> {
  const { digest, size, mediaType, subject } = entry
  if (mediaType === undefined) return []
  if (!isManifestType(mediaType)) {
    faults.push(`${digest}: ${mediaType} is no type of manifests`)
    return []
  }
  try {
    const { manifest } = await readManifest(source, { mediaType, digest, size })
    if (manifest.subject?.digest !== subject)
      faults.push(`${digest}: it refers to ${manifest.subject?.digest ?? 'nothing'}, not to ${subject ?? 'nothing'}`)
    return [...manifest.blobs, ...manifest.manifests]
  } catch (thrown) {
    faults.push(messageOf(thrown))
    return []
  }
}
