// Makes a lock: resolves what a declaration names to versions and digests.

import { ChartferryError, isChartferryError, throwIfCancelled } from '../../errors.ts'
import type { ChartArchive } from '../../helm/chart/chart.ts'
import type { RenderOptions, RenderValues } from '../../helm/render/chart-renderer.ts'
import { type FaultyImage, maySkip, throwTogether } from '../../oci/copy/copy-failures.ts'
import { canonicalReference, formatReference, parseReference } from '../../reference/reference.ts'
import type { FileAsset, FileRequest } from '../assets/file-asset.ts'
import { placeFiles } from '../assets/file-naming.ts'
import { type ImageWish, joinWishes } from '../copy-images.ts'
import { wantedImages } from '../image-wishes.ts'
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
  /** Which images are left out where they are missing. Default: those that no rendering of a chart names. */
  readonly skipMissing?: 'unneeded' | 'all' | undefined
  readonly signal?: AbortSignal
  /** How long one rendering may take, in milliseconds. Default: as the renderer has it. */
  readonly timeoutMs?: number | undefined
  /** Is told of what was not found but need not be. Default: nobody is. */
  readonly onWarning?: (message: string) => void
}

/**
 * Resolves everything. Throws what the sources throw; of images that are missing all at once, MANIFEST_NOT_FOUND or COPY_INCOMPLETE, unless no
 * rendering of a chart names them.
 */
export async function makeLock(
  declaration: Declaration,
  sources: LockSources,
  { signal, timeoutMs, onWarning, skipMissing }: MakeLockOptions = {},
): Promise<LockFile> {
  const charts: LockedChart[] = []
  /** How much each image is wanted. */
  const wanted = new Map<string, ImageWish>()
  const want = (text: string, wish: ImageWish): void => {
    const image = canonicalImage(text)
    wanted.set(image, joinWishes(wanted.get(image), wish))
  }
  const context: RenderOptions = {
    apiVersions: declaration.apiVersions,
    ...(declaration.kubeVersion === undefined ? {} : { kubeVersion: declaration.kubeVersion }),
    ...(signal === undefined ? {} : { signal }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  }
  for (const [at, { chart, repo }] of declaration.charts.entries()) {
    throwIfCancelled(signal)
    const source = sources.charts[at]
    if (source === undefined) throw new ChartferryError('INTERNAL', `nothing reads the chart ${chart}`)
    const archive = await source.read()
    const { name, version } = archive.chart.metadata
    charts.push({ chart, ...(repo === undefined ? {} : { repo }), name, version, digest: archive.digest })
    for (const { reference, ...wish } of await wantedImages(archive, { values: source.values, context }))
      want(reference, wish)
  }
  for (const image of declaration.images) want(image, {})
  const failed: FaultyImage[] = []
  const images = await Promise.all(
    [...wanted].map(async ([image, wish]): Promise<LockedImage> => {
      try {
        return { image, digest: await sources.resolveImage(image) }
      } catch (thrown) {
        if (!isChartferryError(thrown) || thrown.kind === 'cancelled') throw thrown
        if (maySkip(wish, thrown, skipMissing)) onWarning?.(`${image}: ${thrown.message}; it is left out`)
        else failed.push({ ...wish, image, error: thrown })
        return { image }
      }
    }),
  )
  throwTogether(failed, 'cannot be locked')
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
