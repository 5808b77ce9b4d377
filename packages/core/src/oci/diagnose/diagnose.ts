// Whether an image can be pulled from where we stand, and if not, why: from the name of its registry to its blobs.
import { type ChartferryError, isChartferryError } from '../../errors.ts'
import { canonicalReference, formatReference, parseReference } from '../../reference/reference.ts'
import type { ContentRepository } from '../content/content.ts'
import type { Descriptor } from '../content/descriptor.ts'
import type { Manifest } from '../content/manifest.ts'
import { readContent, readManifest } from '../content/read-content.ts'
import type { Finding } from './finding.ts'
import { type ReachOptions, reachRegistry } from './reach.ts'

export interface DiagnoseOptions extends Omit<ReachOptions, 'host'> {
  /** Opens the repository of a name. */
  readonly open: (name: string) => ContentRepository
  readonly signal?: AbortSignal | undefined
}

/** The largest blob that is fetched to compare its digest. */
const mostFetched = 64 * 2 ** 20

/**
 * The findings in their order, up to the first fault. The manifest and the smallest blobs are fetched and compared with
 * their digests; of the others it is asked whether they are there. Throws REFERENCE_INVALID, CANCELLED.
 */
export async function diagnose(image: string, options: DiagnoseOptions): Promise<readonly Finding[]> {
  const { host, path, tag, digest } = canonicalReference(parseReference(image))
  const reached = await reachRegistry({ ...options, host })
  if (reached.some(({ isGood }) => !isGood)) return reached
  const name = formatReference({ host, path })
  const source = options.open(name)
  const manifest = await attempt('manifest', () => checkManifest(source, digest ?? tag ?? 'latest', options))
  if ('fault' in manifest) return [...reached, manifest.fault]
  const blobs = await attempt('blobs', () => checkBlobs(source, manifest.result.manifest, options))
  return [...reached, manifest.result.finding, 'fault' in blobs ? blobs.fault : blobs.result]
}

async function attempt<Result>(
  step: Finding['step'],
  work: () => Promise<Result>,
): Promise<{ readonly result: Result } | { readonly fault: Finding }> {
  try {
    return { result: await work() }
  } catch (error) {
    if (!isChartferryError(error) || error.kind === 'cancelled') throw error
    return { fault: { step, isGood: false, message: error.message, mend: adviceOf(error) } }
  }
}

function adviceOf({ code, hint }: ChartferryError): string {
  if (code === 'DIGEST_MISMATCH')
    return 'The bytes are not those of the digest: look for a proxy that changes them or a damaged store, then copy the image again.'
  if (code === 'MANIFEST_NOT_FOUND') return 'Copy the image there: chartferry copy IMAGE --to REGISTRY.'
  if (code === 'BLOB_NOT_FOUND')
    return 'The registry has lost a part of the image: copy it again, chartferry copy IMAGE --to REGISTRY.'
  return hint
}

async function checkManifest(
  source: ContentRepository,
  reference: string,
  { signal }: DiagnoseOptions,
): Promise<{ readonly finding: Finding; readonly manifest: Manifest }> {
  const descriptor = await source.resolve(reference, { signal })
  const { manifest } = await readManifest(source, descriptor, { signal })
  const message = `${descriptor.digest} arrives whole`
  // Of an index the first image that is none of attestations.
  const [child] = manifest.manifests.filter(({ platform }) => platform?.os !== 'unknown')
  const image = child === undefined ? manifest : (await readManifest(source, child, { signal })).manifest
  return { finding: { step: 'manifest', isGood: true, message }, manifest: image }
}

async function checkBlobs(
  source: ContentRepository,
  { blobs }: Manifest,
  { signal }: DiagnoseOptions,
): Promise<Finding> {
  const missing: Descriptor[] = []
  for (const blob of blobs) if (!(await source.has(blob, { signal }))) missing.push(blob)
  const lost = missing.map(({ digest }) => digest).join(', ')
  if (lost !== '') {
    return {
      step: 'blobs',
      isGood: false,
      message: `${source.name}: of ${blobs.length} blobs these are missing: ${lost}`,
      mend: 'The registry has lost a part of the image: copy it again, chartferry copy IMAGE --to REGISTRY.',
    }
  }
  const small = blobs
    .filter(({ size }) => size <= mostFetched)
    .sort((a, b) => a.size - b.size)
    .slice(0, 2)
  for (const blob of small) {
    await readContent(source, blob, { signal, maxBytes: mostFetched })
  }
  return {
    step: 'blobs',
    isGood: true,
    message: `all ${blobs.length} blobs are there, and what was fetched has its digest`,
  }
}
