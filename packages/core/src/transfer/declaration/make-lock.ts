// Makes a lock: resolves what a declaration names to versions and digests.

import { ChartferryError, isChartferryError, throwIfCancelled } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import type { RenderOptions, RenderValues } from '../../helm/render/chart-renderer.ts'
import { canonicalReference, formatReference, parseReference } from '../../reference/reference.ts'
import { listImages } from '../../relocation/list-images.ts'
import type { FileAsset, FileRequest } from '../assets/file-asset.ts'
import { placeFiles } from '../assets/file-naming.ts'
import type { Declaration } from './declaration.ts'
import { declarationDigest, type LockedChart, type LockedImage, type LockFile } from './lock-file.ts'

/** A chart of a declaration, and the values that it is rendered with. */
export interface LockedSource {
  readonly values: RenderValues
  read(): Promise<ChartArchive>
}

/** Reaches the places that things come from. */
export interface LockSources {
  /** In the order of the declaration. */
  readonly charts: readonly LockedSource[]
  /** The digest of a reference, which is canonical. Throws MANIFEST_NOT_FOUND. */
  resolveImage(reference: string): Promise<string>
  findDigest(file: FileRequest): Promise<FileAsset>
}

export interface MakeLockOptions {
  readonly signal?: AbortSignal
  /** Is told of what was not found but need not be. Default: nobody is. */
  readonly onWarning?: (message: string) => void
}

/**
 * Resolves everything. Throws what the sources throw; MANIFEST_NOT_FOUND for an image that is missing, unless no
 * rendering of a chart names it.
 */
export async function makeLock(
  declaration: Declaration,
  sources: LockSources,
  { signal, onWarning }: MakeLockOptions = {},
): Promise<LockFile> {
  const charts: LockedChart[] = []
  /** Whether each image may be missing. */
  const wanted = new Map<string, boolean>()
  const want = (text: string, optional: boolean): void => {
    const image = canonicalImage(text)
    wanted.set(image, optional && (wanted.get(image) ?? true))
  }
  const context: RenderOptions = {
    apiVersions: declaration.apiVersions,
    ...(declaration.kubeVersion === undefined ? {} : { kubeVersion: declaration.kubeVersion }),
    ...(signal === undefined ? {} : { signal }),
  }
  for (const [at, { chart, repo }] of declaration.charts.entries()) {
    throwIfCancelled(signal)
    const source = sources.charts[at]
    if (source === undefined) throw new ChartferryError('INTERNAL', `nothing reads the chart ${chart}`)
    const archive = await source.read()
    const { name, version } = archive.chart.metadata
    charts.push({ chart, ...(repo === undefined ? {} : { repo }), name, version, digest: archive.digest })
    const { images } = await listImages(archive, { values: source.values, context })
    for (const { reference, isOptional } of images) want(reference, isOptional)
  }
  for (const image of declaration.images) want(image, false)
  const images = await Promise.all(
    [...wanted].map(async ([image, optional]): Promise<LockedImage> => {
      try {
        return { image, digest: await sources.resolveImage(image) }
      } catch (thrown) {
        if (!optional || !isChartferryError(thrown, 'MANIFEST_NOT_FOUND', 'REGISTRY_DENIED')) throw thrown
        onWarning?.(`${image}: ${thrown.message}; no rendering of a chart names it, it is left out`)
        return { image }
      }
    }),
  )
  const files = placeFiles(await Promise.all(declaration.files.map((file) => sources.findDigest(file))), undefined)
  return {
    declaration: declarationDigest(
      declaration,
      sources.charts.map(({ values: { files: given = [] } }) => given.map(({ text }) => text)),
    ),
    charts,
    images: images.sort((a, b) => (a.image < b.image ? -1 : 1)),
    files: files.map(({ url, digest }) => ({ url, digest })).sort((a, b) => (a.url < b.url ? -1 : 1)),
  }
}

/** The name by which a lock knows an image, whatever spelling a chart has. Throws REFERENCE_INVALID. */
export function canonicalImage(text: string): string {
  return formatReference(canonicalReference(parseReference(text)))
}
